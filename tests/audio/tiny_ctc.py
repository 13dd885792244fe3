"""A real CTC model, as small as can be: filters, one hidden layer, trained on the given speech and written as ONNX.

It knows the few sentences that it was trained on by heart, and no others: enough to show that what a model hears
reaches people, and what becomes of a model that is no good.
"""

import json
from dataclasses import dataclass

import numpy as np

RATE = 16_000
_WINDOW, _STEP, _FILTERS = 400, 320, 40
_CONTEXT, _EVERY, _HIDDEN = 9, 2, 96
_ROUNDS, _SPEED, _NOISE = 220, 0.01, 0.4
_FEATURE_NOISE = 0.2
"""Of features that have deviation 1."""


@dataclass(frozen=True)
class TinyCtc:
    """A trained model in the form in which people bring one."""

    onnx: bytes
    vocabulary: bytes


def trained(utterances, *, rounds=_ROUNDS):
    """A model of (samples at 16 kHz, text) pairs."""
    letters = sorted({letter for _, text in utterances for letter in text if letter != " "})
    tokens = ["<pad>", "|", *letters]
    number = {token: place for place, token in enumerate(tokens)}
    labels = [[number["|" if letter == " " else letter] for letter in text] for _, text in utterances]
    patches = [_patches(_normal(samples)) for samples, _ in utterances]
    weights = _fit(patches, labels, len(tokens), rounds)
    vocabulary = json.dumps(number, ensure_ascii=False)
    return TinyCtc(_as_onnx(weights, len(tokens)), vocabulary.encode())


def trained_on_features(utterances, features, *, rounds=2 * _ROUNDS):
    """A model of (samples, text) pairs that hears by features as the test says: (1, width, frames) and their number.

    features: samples to (frames, width), every 20 ms
    """
    letters = sorted({letter for _, text in utterances for letter in text if letter != " "})
    tokens = [*letters, "|", "<blk>"]
    number = {token: place for place, token in enumerate(tokens)}
    labels = [[number["|" if letter == " " else letter] for letter in text] for _, text in utterances]
    heard = [features(samples) for samples, _ in utterances]
    weights = _fit(
        [_beside(each) for each in heard], labels, len(tokens), rounds, number["<blk>"], _FEATURE_NOISE
    )
    listed = "".join(f"{token} {place}\n" for token, place in number.items())
    return TinyCtc(_features_as_onnx(weights, len(tokens), heard[0].shape[1]), listed.encode())


def _normal(samples):
    return ((samples - samples.mean()) / (samples.std() + 1e-7)).astype(np.float32)


def _kernels():
    """Pairs of windowed waves, evenly spaced by ear from 100 to 7000 Hz: (2 * filters, window)."""
    lowest, highest = 2595 * np.log10(1 + np.array([100.0, 7000.0]) / 700)
    mels = np.linspace(lowest, highest, _FILTERS)
    hertz = 700 * (10 ** (mels / 2595) - 1)
    turns = 2 * np.pi * np.outer(hertz, np.arange(_WINDOW) / RATE)
    window = np.hanning(_WINDOW)
    return np.concatenate([np.cos(turns) * window, np.sin(turns) * window]).astype(np.float32) / 10


def _patches(samples):
    """Neighbouring frames of log energies beside each other: (frames, context * filters)."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_STEP]
    waves = frames @ _kernels().T
    energies = np.log(waves[:, :_FILTERS] ** 2 + waves[:, _FILTERS:] ** 2 + 1e-3)
    return _beside(energies - energies.mean(axis=0))


def _beside(energies):
    together = np.lib.stride_tricks.sliding_window_view(energies, _CONTEXT, axis=0)[::_EVERY]
    return together.reshape(len(together), -1).astype(np.float32)  # filter by filter, as Conv has it


def _fit(patches, labels, tokens, rounds, blank=0, noise=_NOISE):
    """Full-batch Adam on the CTC loss."""
    random = np.random.default_rng(14)
    size = patches[0].shape[1]
    weights = [
        random.normal(0, size**-0.5, (size, _HIDDEN)),
        np.zeros(_HIDDEN),
        random.normal(0, _HIDDEN**-0.5, (_HIDDEN, tokens)),
        np.zeros(tokens),
    ]
    mean, square = [[np.zeros_like(each) for each in weights] for _ in range(2)]
    lengths = [len(each) for each in patches]
    ends = np.cumsum(lengths)[:-1]
    clean = np.concatenate(patches)
    for turn in range(1, rounds + 1):
        heard = clean + random.normal(0, noise, clean.shape).astype(np.float32)
        hidden = np.tanh(heard @ weights[0] + weights[1])
        logits = hidden @ weights[2] + weights[3]
        wrong = np.concatenate(_wrongness(np.split(logits, ends), labels, blank)) / len(heard)
        back = (wrong @ weights[2].T) * (1 - hidden**2)
        slopes = [heard.T @ back, back.sum(axis=0), hidden.T @ wrong, wrong.sum(axis=0)]
        for each, slope, m, s in zip(weights, slopes, mean, square, strict=True):
            m += 0.1 * (slope - m)
            s += 0.001 * (slope**2 - s)
            each -= _SPEED * (m / (1 - 0.9**turn)) / (np.sqrt(s / (1 - 0.999**turn)) + 1e-8)
    return weights


def _wrongness(logits, labels, blank):
    """The gradient of the CTC loss by each utterance's logits: probabilities less what the text makes of them."""
    longest, widest = max(map(len, logits)), 2 * max(map(len, labels)) + 1
    count, tokens = len(logits), logits[0].shape[1]
    states = np.full((count, widest), blank, dtype=np.int64)
    likely = np.full((count, longest, widest), -np.inf)
    jump = np.zeros((count, widest), dtype=bool)
    odds = [each - np.logaddexp.reduce(each, axis=1, keepdims=True) for each in logits]
    for place, (each, label) in enumerate(zip(odds, labels, strict=True)):
        states[place, 1 : 2 * len(label) : 2] = label
        width = 2 * len(label) + 1
        likely[place, : len(each), :width] = each[:, states[place, :width]]
        jump[place, 3:width:2] = np.array(label[1:]) != np.array(label[:-1])
    ahead = _summed(likely, jump)
    lengths = np.array([len(each) for each in odds])
    own = np.array([2 * len(label) + 1 for label in labels])
    turned = np.stack([_turned(likely[n], lengths[n], own[n]) for n in range(count)])
    jump_back = np.stack([_turned_jumps(jump[n], own[n]) for n in range(count)])
    back = _summed(turned, jump_back)
    found = []
    for n, each in enumerate(odds):
        inside = np.s_[: lengths[n], : own[n]]
        behind = _turned(back[n], lengths[n], own[n])
        both = ahead[n][inside] + behind[inside] - likely[n][inside]
        share = np.exp(both - np.logaddexp.reduce(both, axis=1, keepdims=True))
        wanted = np.zeros((lengths[n], tokens))
        np.add.at(wanted.T, states[n, : own[n]], share.T)
        found.append(np.exp(each) - wanted)
    return found


def _summed(likely, jump):
    """The forward pass of every utterance at once: (utterances, frames, states), logarithms."""
    found = np.full_like(likely, -np.inf)
    now = np.full_like(likely[:, 0], -np.inf)
    now[:, :2] = likely[:, 0, :2]
    found[:, 0] = now
    with np.errstate(invalid="ignore"):
        for frame in range(1, likely.shape[1]):
            came = now.copy()
            came[:, 1:] = np.logaddexp(came[:, 1:], now[:, :-1])
            over = np.where(jump[:, 2:], now[:, :-2], -np.inf)
            came[:, 2:] = np.logaddexp(came[:, 2:], over)
            now = came + likely[:, frame]
            found[:, frame] = now
    return found


def _turned(values, frames, states):
    turned = np.full_like(values, -np.inf)
    turned[:frames, :states] = values[:frames, :states][::-1, ::-1]
    return turned


def _turned_jumps(jump, states):
    """A jump into state s from s - 2 is, from behind, one into the mirror image of s - 2."""
    turned = np.zeros_like(jump)
    turned[2:states] = jump[:states][::-1][: states - 2]
    return turned


def _as_onnx(weights, tokens):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    def constant(name, value):
        return numpy_helper.from_array(np.asarray(value), name)

    add = np.zeros((_FILTERS, 2 * _FILTERS, 1), dtype=np.float32)
    add[np.arange(_FILTERS), np.arange(_FILTERS)] = add[
        np.arange(_FILTERS), np.arange(_FILTERS) + _FILTERS
    ] = 1
    first = weights[0].reshape(_FILTERS, _CONTEXT, _HIDDEN).transpose(2, 0, 1).astype(np.float32)
    constants = [
        constant("row", np.array([1], dtype=np.int64)),
        constant("last", np.array([2], dtype=np.int64)),
        constant("waves", _kernels()[:, None]),
        constant("add", add),
        constant("least", np.float32(1e-3)),
        constant("first", first),
        constant("first_bias", weights[1].astype(np.float32)),
        constant("second", weights[2].T[:, :, None].astype(np.float32)),
        constant("second_bias", weights[3].astype(np.float32)),
    ]
    node = helper.make_node
    nodes = [
        node("Unsqueeze", ["sound", "row"], ["channel"]),
        node("Conv", ["channel", "waves"], ["moved"], strides=[_STEP]),
        node("Mul", ["moved", "moved"], ["squared"]),
        node("Conv", ["squared", "add"], ["energy"]),
        node("Add", ["energy", "least"], ["above"]),
        node("Log", ["above"], ["level"]),
        node("ReduceMean", ["level", "last"], ["usual"], keepdims=1),
        node("Sub", ["level", "usual"], ["features"]),
        node("Conv", ["features", "first", "first_bias"], ["sum"], strides=[_EVERY]),
        node("Tanh", ["sum"], ["hidden"]),
        node("Conv", ["hidden", "second", "second_bias"], ["scores"]),
        node("Transpose", ["scores"], ["logits"], perm=[0, 2, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny_ctc",
        [helper.make_tensor_value_info("sound", TensorProto.FLOAT, [1, "samples"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "frames", tokens])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _features_as_onnx(weights, tokens, width):
    """As NeMo exports: features and their number in, logarithms of probabilities out."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    first = weights[0].reshape(width, _CONTEXT, _HIDDEN).transpose(2, 0, 1).astype(np.float32)
    constants = [
        numpy_helper.from_array(value, name)
        for name, value in (
            ("first", first),
            ("first_bias", weights[1].astype(np.float32)),
            ("second", weights[2].T[:, :, None].astype(np.float32)),
            ("second_bias", weights[3].astype(np.float32)),
        )
    ]
    node = helper.make_node
    nodes = [
        node("Conv", ["audio_signal", "first", "first_bias"], ["sum"], strides=[_EVERY]),
        node("Tanh", ["sum"], ["hidden"]),
        node("Conv", ["hidden", "second", "second_bias"], ["scores"]),
        node("Transpose", ["scores"], ["turned"], perm=[0, 2, 1]),
        node("LogSoftmax", ["turned"], ["logprobs"], axis=2),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny_ctc_of_features",
        [
            helper.make_tensor_value_info("audio_signal", TensorProto.FLOAT, [1, width, "frames"]),
            helper.make_tensor_value_info("length", TensorProto.INT64, [1]),
        ],
        [helper.make_tensor_value_info("logprobs", TensorProto.FLOAT, [1, "out", tokens])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()
