"""Gaussian mixtures of many states in one array: their log likelihoods, and their estimate from frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audio.align.features import Floats

_SHRUNK = 30.0  # frames' worth of the variance of all speech in each variance
_LEAST_VARIANCE = 0.02
_SPLIT = 0.3  # of a deviation: how far the halves of a Gaussian are put apart
_ROUNDS = 4  # of expectation and maximisation after a split


@dataclass(frozen=True, slots=True)
class Mixtures:
    """Diagonal Gaussians, those of one state side by side.

    mean, variance: (Gaussians, d); weight: (Gaussians,), logarithms; first: (states,), where each state's begin
    """

    mean: Floats
    variance: Floats
    weight: Floats
    first: npt.NDArray[np.int64]

    def likelihood(self, frames: Floats) -> Floats:
        """(frames, states), logarithms."""
        return np.asarray(
            np.logaddexp.reduceat(self._gaussians(frames), self.first, axis=1), dtype=np.float32
        )

    def _gaussians(self, frames: Floats) -> Floats:
        inverse = 1 / self.variance
        constant = self.weight - 0.5 * (
            np.log(2 * np.pi * self.variance).sum(axis=1) + (self.mean**2 * inverse).sum(axis=1)
        )
        found = frames @ (self.mean * inverse).T - 0.5 * (frames**2) @ inverse.T + constant
        return np.asarray(found, dtype=np.float32)


def estimate(groups: Sequence[Floats], sizes: Sequence[int], spread: Floats) -> Mixtures:
    """A mixture for each group of frames.

    groups: for each state its frames, (n, d), n >= 1; sizes: how many Gaussians each gets
    spread: (d,), the variance of all, towards which few frames are drawn
    """
    found = [_mixture(frames, size, spread) for frames, size in zip(groups, sizes, strict=True)]
    mean, variance, weight = (
        np.concatenate([each[place] for each in found]).astype(np.float32) for place in range(3)
    )
    counts = [len(each[2]) for each in found]
    return Mixtures(mean, variance, weight, np.cumsum([0, *counts[:-1]], dtype=np.int64))


def _mixture(frames: Floats, size: int, spread: Floats) -> tuple[Floats, Floats, Floats]:
    """Split the heaviest Gaussian along its deviations until there are `size` of them."""
    mean, variance, weight = _one(frames, np.ones((len(frames), 1), dtype=np.float32), spread)
    while len(mean) < size:
        heaviest = int(np.argmax(weight))
        away = _SPLIT * np.sqrt(variance[heaviest])
        mean = np.vstack([mean, mean[heaviest] + away])
        mean[heaviest] -= away
        variance = np.vstack([variance, variance[heaviest]])
        weight = np.append(weight, weight[heaviest] - np.log(2))
        weight[heaviest] -= np.log(2)
        for _ in range(_ROUNDS):
            held = Mixtures(mean, variance, weight, np.array([0]))._gaussians(frames)
            held = np.exp(held - np.logaddexp.reduce(held, axis=1, keepdims=True))
            mean, variance, weight = _one(frames, held, spread)
    return mean, variance, weight


def _one(frames: Floats, held: Floats, spread: Floats) -> tuple[Floats, Floats, Floats]:
    count = held.sum(axis=0)[:, None] + 1e-6
    mean = held.T @ frames / count
    variance = held.T @ frames**2 / count - mean**2
    drawn = (count * np.maximum(variance, 0) + _SHRUNK * spread) / (count + _SHRUNK)
    return mean, np.maximum(drawn, _LEAST_VARIANCE * spread), np.log(count[:, 0] / len(frames))
