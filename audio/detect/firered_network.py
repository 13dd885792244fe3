"""FireRedVAD's network in numpy: the published weights, push-style, no inference engine.

A deep feed-forward network with memory (DFSMN, Zhang et al. 2018): eight blocks, each of which looks 190 ms back and
200 ms ahead through a filter per channel. Where the weights come from: `firered/README.md`.

It was taught on a row each 10 ms. Neighbouring rows say much the same, so it may be asked about every second or third
one only: the filters' taps are then shared out on the coarser grid. At a third of the cost, what is heard is no worse
(docs/benchmarks.md, "Speech detection").
"""

from functools import cache
from pathlib import Path

import numpy as np

from audio.blas import one_thread
from audio.detect.mel import BANDS
from audio.weights import Array, read_safetensors

BLOCKS = 8
BACK, AHEAD = 19, 20  # rows of 10 ms that a memory reaches
WEIGHTS = Path(__file__).parent / "firered" / "firered_vad.safetensors"


class FireRedScorer:
    """The network over one recording. Opinions come late by what the eight memories look ahead."""

    def __init__(self, stride: int) -> None:
        """stride: rows of 10 ms from one row that is fed to the next"""
        weights = _weights()
        self._enter = [_layer(weights, f"enter.{i}") for i in (0, 1)]
        self._blocks = [_Block(weights, i, stride) for i in range(BLOCKS)]
        self._leave = [_layer(weights, f"leave.{i}") for i in (0, 1)]

    def feed(self, rows: Array) -> Array:
        """rows: (n, 80) normalised logarithms of power. The log-odds of speech that became certain, one a row."""
        with one_thread():
            for kernel, bias in self._enter:
                rows = _rectified(rows @ kernel + bias)
            for block in self._blocks:
                rows = block.feed(rows)
            return self._opinion(rows)

    def finish(self) -> Array:
        """Log-odds of the rows that still waited for what comes after them."""
        with one_thread():
            rows = np.zeros((0, self._blocks[0].channels), np.float32)
            for block in self._blocks:
                rows = np.concatenate([block.feed(rows), block.finish()])
            return self._opinion(rows)

    def _opinion(self, rows: Array) -> Array:
        (kernel, bias), (out, out_bias) = self._leave
        return np.asarray((_rectified(rows @ kernel + bias) @ out + out_bias)[:, 0], np.float32)


class _Block:
    """Widen, narrow, remember; what came in is added. The first block only remembers."""

    def __init__(self, weights: dict[str, Array], number: int, stride: int) -> None:
        self._taps = _taps(weights[f"block.{number}.back"], weights[f"block.{number}.ahead"], stride)
        self.channels = self._taps.shape[1]
        self._reach = len(self._taps) // 2
        self._expand = _layer(weights, f"block.{number}.expand") if number else None
        self._project = weights[f"block.{number}.project.weight"].T.copy() if number else None
        self._window = np.zeros((self._reach, self.channels), np.float32)  # rows that later ones still need
        self._skipped = np.zeros((0, self.channels), np.float32)  # what came in and was not given out yet

    def feed(self, rows: Array) -> Array:
        if self._expand is None or self._project is None:
            return self._remember(rows)
        kernel, bias = self._expand
        self._skipped = np.concatenate([self._skipped, rows])
        return self._skip(self._remember(_rectified(rows @ kernel + bias) @ self._project))

    def finish(self) -> Array:
        silence = np.zeros((self._reach, self.channels), np.float32)
        return self._skip(self._remember(silence)) if self._expand else self._remember(silence)

    def _remember(self, rows: Array) -> Array:
        heard = np.concatenate([self._window, rows])
        count = max(0, len(heard) - 2 * self._reach)
        self._window = heard[count:]
        around = np.lib.stride_tricks.as_strided(  # a view: the rows that the taps of each row meet
            heard, (count, len(self._taps), self.channels), (heard.strides[0], *heard.strides)
        )
        return np.asarray(np.einsum("tkc,kc->tc", around, self._taps), np.float32)

    def _skip(self, rows: Array) -> Array:
        rows += self._skipped[: len(rows)]
        self._skipped = self._skipped[len(rows) :]
        return rows


def normalised(powers: Array) -> Array:
    """Powers (n, 80) as the network knows them: logarithms, less the mean and over the deviation of its training."""
    weights = _weights()
    logs = np.log(np.maximum(powers, np.finfo(np.float32).eps))
    return np.asarray((logs - weights["mean"]) * weights["inverse_deviation"], np.float32)


def _taps(back: Array, ahead: Array, stride: int) -> Array:
    """(2 reach + 1, channels): the two filters (channels, 20) on a grid of `stride` rows, and the row itself.

    A tap that falls between two rows of the grid is shared by them as it is near.
    """
    reach = -(-AHEAD // stride)
    taps = np.zeros((2 * reach + 1, len(back)), np.float32)
    for lag, weight in zip(range(-BACK, AHEAD + 1), np.concatenate([back, ahead], axis=1).T, strict=True):
        below, over = divmod(lag, stride)
        taps[reach + below] += weight * np.float32(1 - over / stride)
        if over:
            taps[reach + below + 1] += weight * np.float32(over / stride)
    taps[reach] += 1
    return taps


def _layer(weights: dict[str, Array], name: str) -> tuple[Array, Array]:
    return weights[f"{name}.weight"].T.copy(), weights[f"{name}.bias"]


def _rectified(values: Array) -> Array:
    return np.asarray(np.maximum(values, 0, out=values), np.float32)


@cache
def _weights() -> dict[str, Array]:
    weights = read_safetensors(WEIGHTS)
    assert weights["mean"].shape == (BANDS,)
    return weights
