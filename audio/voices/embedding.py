"""A clip's speech to its voice embedding: 256 numbers that are alike where the voice is the same.

Resemblyzer's published network (an LSTM of three layers, taught with the loss of Wan et al. 2018, "Generalized end-to-
end loss for speaker verification") in numpy, no torch. Where the weights come from: `resemblyzer/README.md`.

An embedding tells people apart: it is personal data, and is to be kept and erased as the voice itself.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from scipy.fft import rfft

from audio.blas import one_thread
from audio.blocks import windows
from audio.detect.interface import RATE, Samples
from audio.interval import Interval
from audio.weights import Array, read_safetensors

SIZE = 256
WINDOW, HOP = 400, 160
BANDS = 40
PART = 160  # spectra that the network hears at once: 1.6 s
MOST_PARTS = 8
FEWEST_TOGETHER = 4
"""A product with so few rows takes longer than one after another."""
SHORTEST = RATE  # samples of speech: from less nobody knows a voice
VOICE_DBFS = -30.0
WEIGHTS = Path(__file__).parent / "resemblyzer" / "voice_encoder.safetensors"


def embed(samples: Samples, speech: Sequence[Interval]) -> Array | None:
    """The voice embedding (256,) of length 1; None where a clip holds less than a second of speech.

    samples: of the clip; speech: where in it somebody speaks. At most eight parts of 1.6 s are heard, spread evenly.

    >>> embed(np.zeros(16_000, np.float32), []) is None
    True
    """
    spoken = np.concatenate([np.zeros(0, np.float32), *(samples[s.start : s.end] for s in speech)])
    level = float(np.sqrt(np.mean(np.square(spoken, dtype=np.float64)))) if spoken.size else 0.0
    if len(spoken) < SHORTEST or level == 0.0:
        return None
    spectra = _mel_powers(spoken * np.float32(10 ** (VOICE_DBFS / 20) / level))
    if len(spectra) < PART:
        spectra = np.resize(spectra, (PART, BANDS))  # over again from the start: silence is no voice
    count = min(MOST_PARTS, 1 + 2 * (len(spectra) - PART) // PART)
    starts = np.linspace(0, len(spectra) - PART, count).astype(int)
    mean = _network()(np.stack([spectra[at : at + PART] for at in starts])).mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def embed_parts(pieces: Samples) -> Array:
    """Embeddings (n, 256) of pieces (n, 25600): 1.6 s of speech each, brought to one level; without silent ones."""
    level = np.sqrt(np.mean(np.square(pieces, dtype=np.float64), axis=1))
    heard = pieces[level > 0] * np.asarray(10 ** (VOICE_DBFS / 20) / level[level > 0], np.float32)[:, None]
    if not len(heard):
        return np.zeros((0, SIZE), np.float32)
    spectra = np.stack([_mel_powers(piece)[:PART] for piece in heard])
    if len(spectra) < FEWEST_TOGETHER:
        return np.concatenate([_network()(each[None]) for each in spectra])
    return _network()(spectra)


def packed(embedding: Array) -> bytes:
    """As it is kept: 256 half-precision numbers, little endian, of an embedding made 1 long.

    >>> len(packed(np.ones(256, np.float32)))
    512
    """
    return np.asarray(embedding / max(float(np.linalg.norm(embedding)), 1e-9), "<f2").tobytes()


def unpacked(kept: bytes) -> Array:
    """What `packed` wrote, (256,)."""
    return np.frombuffer(kept, "<f2").astype(np.float32)


def likeness(first: Array, second: Array) -> float:
    """Cosine of two embeddings: of the network's own, which have no negative number in them, 0 to 1."""
    return float(first @ second)


def distinct(embedding: Array, common: Array) -> Array:
    """What sets a voice apart: the embedding (256,) less what all voices have in common, of length 1.

    common: mean embedding of many voices of the same project (language, microphones); nobody need know whose they are.
    Of such two the cosine lies between -1 and 1. On five-second clips it errs two thirds as often as that of the bare
    embeddings (docs/benchmarks.md, "Voices").
    """
    apart = embedding - common
    return np.asarray(apart / max(float(np.linalg.norm(apart)), 1e-9), np.float32)


def centre(embeddings: Sequence[Array] | Array) -> Array:
    """One embedding (256,) for several of one voice: their mean, of length 1."""
    mean = np.mean(np.asarray(embeddings), axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


class _Network:
    """Three LSTM layers and one product. Parts are rows, so that each step is one product for all of them."""

    def __init__(self, weights: dict[str, Array]) -> None:
        # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2: with those gates' weights halved, one tanh serves all four
        half = np.repeat(np.asarray([0.5, 0.5, 1.0, 0.5], np.float32), SIZE)
        self._layers = [
            (
                (weights[f"lstm.weight_ih_l{i}"] * half[:, None]).T.copy(),
                (weights[f"lstm.weight_hh_l{i}"] * half[:, None]).T.copy(),
                (weights[f"lstm.bias_ih_l{i}"] + weights[f"lstm.bias_hh_l{i}"]) * half,
            )
            for i in range(3)
        ]
        self._out, self._out_bias = weights["linear.weight"].T.copy(), weights["linear.bias"]

    def __call__(self, parts: Array) -> Array:
        """(n, 160, 40) to (n, 256), each of length 1."""
        with one_thread():
            steps = parts.transpose(1, 0, 2)
            for given, recurrent, bias in self._layers:
                steps = self._recur(steps @ given + bias, recurrent)
            raw = np.maximum(steps[-1] @ self._out + self._out_bias, 0)
        return np.asarray(raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-9), np.float32)

    @staticmethod
    def _recur(given: Array, recurrent: Array) -> Array:
        hidden = cell = np.zeros((given.shape[1], SIZE), np.float32)
        states = np.empty((*given.shape[:2], SIZE), np.float32)
        for step, state in zip(given, states, strict=True):
            gates = np.tanh(hidden @ recurrent + step)
            opened = gates * np.float32(0.5) + np.float32(0.5)
            cell = opened[:, SIZE : 2 * SIZE] * cell + opened[:, :SIZE] * gates[:, 2 * SIZE : 3 * SIZE]
            hidden = np.multiply(opened[:, 3 * SIZE :], np.tanh(cell), out=state)
        return states


def _mel_powers(samples: Samples) -> Array:
    """(n, 40): power in Slaney's mel bands, 25 ms Hann windows 10 ms apart, silence beyond both ends."""
    padded = np.pad(samples, WINDOW // 2)
    hann = np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW), np.float32)
    spectra = rfft(windows(padded, WINDOW, HOP) * hann, axis=1)
    return np.asarray((np.square(spectra.real) + np.square(spectra.imag)) @ _bands(), np.float32)


@cache
def _bands() -> Array:
    """(201, 40): triangles of like area, even steps apart to 1 kHz and even ratios from there (Slaney 1998)."""
    top = 15.0 + np.log(RATE / 2 / 1000) / (np.log(6.4) / 27)
    marks = np.linspace(0, top, BANDS + 2)
    corners = np.where(marks < 15, marks * 200 / 3, 1000 * np.exp((marks - 15) * np.log(6.4) / 27))
    bins = np.arange(WINDOW // 2 + 1)[:, None] * RATE / WINDOW
    width = np.diff(corners)
    rising, falling = (bins - corners[:-2]) / width[:-1], (corners[2:] - bins) / width[1:]
    return np.asarray(
        np.maximum(np.minimum(rising, falling), 0) * 2 / (corners[2:] - corners[:-2]), np.float32
    )


@cache
def _network() -> _Network:
    return _Network(read_safetensors(WEIGHTS))
