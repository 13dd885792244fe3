"""A CTC network in ONNX, on one thread of the processor: sound in, logarithms of its tokens' probabilities out.

It takes the sound itself, or the features that its description names (`audio.recognise.features`).

The file comes from an operator and is read as untrusted: bounded in bytes, whole in itself (no file beside it), and
run only where `audio.confine` holds the process. onnxruntime is an optional part: `pip install 'boli[models]'`.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from audio.align.features import Floats
from audio.recognise.features import FeatureRules, log_mel
from audio.recognise.vocabulary import Vocabulary

MOST_BYTES = 768 * 2**20
"""A model of 300 million parameters in half precision; the child that runs it has 3 GB."""
_QUIET = 1e-7


class BadRecogniserError(ValueError):
    """A file that is no CTC model in ONNX, or not one of this vocabulary."""


class NoRuntimeError(RuntimeError):
    """onnxruntime isn't installed."""


NO_RUNTIME = "a model in ONNX needs onnxruntime. Install it with: pip install 'boli[models]'"


def has_runtime() -> bool:
    """Whether onnxruntime is installed; to be asked before work is given to children."""
    return find_spec("onnxruntime") is not None


class CtcNetwork:
    """A model that is ready to hear.

    Its input is the sound, (1, samples) at 16 kHz, or features, (1, mels, frames) or (1, frames, mels); and a length or
    a mask of its frames where it asks for one.
    """

    def __init__(self, data: bytes, vocabulary: Vocabulary, features: FeatureRules | None = None) -> None:
        """data: of the ONNX file; features: None for a model of sound. Raises BadRecogniserError, NoRuntimeError."""
        if len(data) > MOST_BYTES:
            raise BadRecogniserError(f"a model takes at most {MOST_BYTES} bytes, given: {len(data)}.")
        self._vocabulary, self._features = vocabulary, features
        self._session = _session(data)
        inputs = self._session.get_inputs()
        self._sound, self._length = _named(inputs, features)

    def outputs(self, samples: Floats) -> Floats:
        """(frames, tokens), logarithms of probabilities. samples: float32 mono at 16 kHz. Raises BadRecogniserError."""
        heard, length = self._input(samples)
        given: dict[str, Any] = {self._sound: heard}
        if self._length is not None:
            is_mask = len(self._length.shape) == 2
            given[self._length.name] = (
                np.ones((1, length), np.int64) if is_mask else np.array([length], np.int64)
            )
        try:
            found = np.asarray(self._session.run(None, given)[0])
        except Exception as error:  # noqa: BLE001 (onnxruntime's are many, and of no common class)
            raise BadRecogniserError(
                f"the model can't hear {len(samples)} samples: {str(error)[:300]}"
            ) from None
        if found.ndim != 3 or found.shape[0] != 1 or found.shape[2] != len(self._vocabulary.tokens):
            raise BadRecogniserError(
                f"a CTC model gives (1, frames, {len(self._vocabulary.tokens)}) for its vocabulary, this one gave "
                f"{found.shape}. Is this the vocabulary of another model?"
            )
        if not found.shape[1] or not np.isfinite(found).all():
            raise BadRecogniserError(
                "a CTC model gives numbers for every frame; this one gave others or none."
            )
        return _log_softmax(found[0].astype(np.float32))

    def _input(self, samples: Floats) -> tuple[Floats, int]:
        """What the model hears, and how many samples or frames that is."""
        if self._features is None:
            heard = (samples - samples.mean()) / (
                samples.std() + _QUIET
            )  # as wav2vec 2.0 and MMS are trained
            return heard[None].astype(np.float32), len(samples)
        frames = log_mel(samples, self._features)
        if not len(frames):
            raise BadRecogniserError(
                f"{len(samples)} samples are shorter than a frame of the model's features."
            )
        laid = frames.T if self._features.layout == "mels_frames" else frames
        return np.ascontiguousarray(laid[None]), len(frames)


def _session(data: bytes) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise NoRuntimeError(NO_RUNTIME) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 (onnxruntime's are many, and of no common class)
        raise BadRecogniserError(f"this is no model in ONNX that can be run: {str(error)[:300]}") from None


def _named(inputs: list[Any], features: FeatureRules | None) -> tuple[str, Any | None]:
    """The name of what the model hears by, and its input for the length or the mask."""
    sound = [each for each in inputs if each.type == "tensor(float)" and len(each.shape) in (2, 3)]
    length = [each for each in inputs if each.type == "tensor(int64)" and len(each.shape) in (1, 2)]
    given = ", ".join(f"{each.name} {each.type} {each.shape}" for each in inputs)
    if len(sound) != 1 or len(sound) + len(length) != len(inputs) or len(length) > 1:
        raise BadRecogniserError(
            f"a model takes sound, (1, samples), or features, (1, mels, frames), of float32, and a length where it "
            f"needs one; this one takes {given}. Export it in single precision, with no other inputs."
        )
    takes_features = len(sound[0].shape) == 3
    if takes_features and features is None:
        raise BadRecogniserError(
            f"the model takes features: {given}. Describe them in a file, and name that under `features`."
        )
    if features is not None:
        _check_features(sound[0].shape, features, given)
    return sound[0].name, length[0] if length else None


def _check_features(shape: Sequence[object], features: FeatureRules, given: str) -> None:
    """Hold the description against the model's own shape, whose free dimensions are no numbers."""
    if len(shape) != 3:
        raise BadRecogniserError(
            f"the model takes the sound itself: {given}. Take `features` out of the project's file."
        )
    mels_first = features.layout == "mels_frames"
    own, other = (shape[1], shape[2]) if mels_first else (shape[2], shape[1])
    if not isinstance(own, int) and other == features.width:
        turned = "frames_mels" if mels_first else "mels_frames"
        raise BadRecogniserError(f"the model takes {given}. Write `layout: {turned}` in its features.")
    if isinstance(own, int) and own != features.width:
        raise BadRecogniserError(
            f"the model takes {own} values a frame ({given}); its features give {features.width}: {features.mels} mels "
            f"of {features.stride} frames. Mend `mels`, `stride` or `layout`."
        )


def _log_softmax(values: Floats) -> Floats:
    """Also of what is one already."""
    above = values - values.max(axis=1, keepdims=True)
    return np.asarray(above - np.log(np.exp(above).sum(axis=1, keepdims=True)), dtype=np.float32)
