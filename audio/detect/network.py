"""Silero v6's network in numpy: the published weights, no torch, no inference engine.

The network is small: four spectra for each 32 ms, four convolutions, one LSTM cell. All frames of a batch go through
the convolutions as single matrix products; only the LSTM walks frame by frame. Where the weights come from:
`silero_v6/README.md`.
"""

from functools import cache
from pathlib import Path

import numpy as np
from scipy.fft import rfft

from audio.blas import one_thread
from audio.blocks import Blocks, windows
from audio.detect.interface import Samples
from audio.weights import Array, read_safetensors

HOP = 512
CONTEXT = 64
BATCH = 64  # frames heard at once: two seconds
STEP = 128  # from one spectrum to the next: 8 ms
BINS = 129
WEIGHTS = Path(__file__).parent / "silero_v6" / "silero_vad_16k.safetensors"


class SileroScores:
    """How sure the network is of speech, for each 32 ms of what is fed, in fixed batches of two seconds."""

    def __init__(self) -> None:
        self._ear, self._opinion = Ear(), SpeechScorer()

    def feed(self, samples: Samples) -> Array:
        """Log-odds of speech (frames,) for the batches that became whole."""
        return self._judge(self._ear.feed(samples))

    def finish(self) -> Array:
        """Log-odds for the rest; the last frame is filled up with silence."""
        return self._judge(self._ear.finish())

    def _judge(self, batches: list[Array]) -> Array:
        return np.concatenate([np.zeros(0, np.float32), *map(self._opinion.of, batches)])


class Ear:
    """Sound to the network's spectra: magnitudes (4 frames, 129) in batches of two seconds, one each 8 ms."""

    def __init__(self) -> None:
        self._window = _network().window
        self._blocks = Blocks(HOP * BATCH)
        self._context = np.zeros(CONTEXT, np.float32)

    def feed(self, samples: Samples) -> list[Array]:
        return [self._spectra(block) for block in self._blocks.feed(samples)]

    def finish(self) -> list[Array]:
        """The last batch, shorter than the others; none where nothing is left."""
        rest = self._blocks.rest()
        return [self._spectra(np.pad(rest, (0, -rest.size % HOP)))] if rest.size else []

    def _spectra(self, samples: Samples) -> Array:
        heard = np.concatenate([self._context, samples])
        self._context = heard[-CONTEXT:].copy()
        chunks = windows(heard, CONTEXT + HOP, HOP)
        mirrored = np.concatenate([chunks, chunks[:, -2 : -CONTEXT - 2 : -1]], axis=1)
        # four windows in each chunk; a chunk with its mirrored end is five steps long
        frames = windows(mirrored.reshape(-1), 2 * STEP, STEP)
        frames = frames[np.arange(len(frames)) % 5 < 4]
        frames *= self._window
        spectra = rfft(frames, axis=1)
        power = np.square(spectra.real) + np.square(spectra.imag)
        return np.asarray(np.sqrt(power, out=power), np.float32)


class SpeechScorer:
    """The network's recurrent memory: batches of spectra in order, log-odds of speech out."""

    def __init__(self) -> None:
        self._network = _network()
        self._hidden = np.zeros(128, np.float32)
        self._cell = np.zeros(128, np.float32)

    def of(self, spectra: Array) -> Array:
        """spectra: (4 n, 129). Returns (n,), one for each 32 ms."""
        with one_thread():
            scores, self._hidden, self._cell = self._network(
                spectra.reshape(-1, 4, BINS), self._hidden, self._cell
            )
        return scores


class Network:
    """Weights, laid out for matrix products with frames as rows."""

    def __init__(self, weights: dict[str, Array]) -> None:
        # the first layer's weights are a Fourier transform under a Hann window: we use a fast one
        self.window = weights["stft_conv.weight"][0, 0, :].copy()
        self._layers = [
            (
                weights[f"conv{i}.weight"]
                .transpose(2, 1, 0)
                .reshape(-1, weights[f"conv{i}.weight"].shape[0])
                .copy(),
                weights[f"conv{i}.bias"],
            )
            for i in (1, 2, 3, 4)
        ]
        # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2: with the gates' weights halved, one tanh serves all four
        half = np.repeat(np.asarray([0.5, 0.5, 1.0, 0.5], np.float32), 128)
        self._input = (weights["lstm_cell.weight_ih"] * half[:, None]).T.copy()
        self._recurrent = (weights["lstm_cell.weight_hh"] * half[:, None]).T.copy()
        self._bias = (weights["lstm_cell.bias_ih"] + weights["lstm_cell.bias_hh"]) * half
        self._out, self._out_bias = weights["final_conv.weight"].reshape(-1), weights["final_conv.bias"][0]

    def __call__(self, features: Array, hidden: Array, cell: Array) -> tuple[Array, Array, Array]:
        """features: (n, 4, 129) magnitudes; hidden, cell: (128,). Returns log-odds (n,) and the new state."""
        for (kernel, bias), stride in zip(self._layers, (1, 2, 2, 1), strict=True):
            features = _convolve(features, kernel, bias, stride)
        return self._recur(features[:, 0] @ self._input + self._bias, hidden, cell)

    def _recur(self, inputs: Array, hidden: Array, cell: Array) -> tuple[Array, Array, Array]:
        states = np.empty((len(inputs), 128), np.float32)
        gates, opened = np.empty(512, np.float32), np.empty(512, np.float32)
        half = np.float32(0.5)
        for given, state in zip(
            inputs, states, strict=True
        ):  # into the same memory: this loop is most of the cost
            np.matmul(hidden, self._recurrent, out=gates)
            np.add(gates, given, out=gates)
            np.tanh(gates, out=gates)
            np.multiply(gates, half, out=opened)
            np.add(opened, half, out=opened)
            cell = opened[128:256] * cell
            cell += opened[:128] * gates[256:384]
            hidden = np.multiply(opened[384:], np.tanh(cell), out=state)
        return np.asarray(np.maximum(states, 0) @ self._out + self._out_bias, np.float32), hidden.copy(), cell


def _convolve(features: Array, kernel: Array, bias: Array, stride: int) -> Array:
    """(n, time, channels in) to (n, time / stride, channels out): width 3, silence beyond both ends, then ReLU."""
    n, time, channels = features.shape
    padded = np.zeros((n, time + 2, channels), np.float32)
    padded[:, 1:-1] = features
    columns = np.concatenate([padded[:, k : k + time : stride] for k in range(3)], axis=2)
    product = columns.reshape(-1, 3 * channels) @ kernel
    product += bias
    return np.asarray(np.maximum(product, 0, out=product).reshape(n, -1, kernel.shape[1]), np.float32)


@cache
def _network() -> Network:
    return Network(read_safetensors(WEIGHTS))
