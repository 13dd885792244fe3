"""Opinions of several networks, each in a rhythm of its own, as one opinion every 10 ms."""

import numpy as np

from audio.detect.interface import RATE
from audio.weights import Array

HOP = RATE // 100


class OpinionTrack:
    """Log-odds at even steps, between which one may ask.

    >>> track = OpinionTrack(hop=320, centre=160)
    >>> track.feed(np.asarray([0.0, 1.0], np.float32)); track.at(np.asarray([0, 160, 320])).tolist()
    [0.0, 0.0, 0.5]
    """

    def __init__(self, *, hop: int, centre: int) -> None:
        """hop: samples from one opinion to the next; centre: the sample that the first is of"""
        self._hop, self._first = hop, centre
        self._values = np.zeros(0, np.float32)

    @property
    def known(self) -> int:
        """The last sample that is between two opinions, or at one."""
        return self._first + (len(self._values) - 1) * self._hop

    def feed(self, values: Array) -> None:
        self._values = np.concatenate([self._values, values])

    def at(self, samples: np.ndarray) -> Array:
        """Log-odds at these samples, in order; before the first opinion and after the last, those.

        Nobody may ask later about samples before these.
        """
        places = self._first + self._hop * np.arange(len(self._values))
        heard = np.interp(samples, places, self._values) if len(places) else np.zeros(len(samples))
        if len(samples) and len(places):
            past = int(min(max(0, (samples[-1] - self._first) // self._hop), len(places) - 1))
            self._values, self._first = self._values[past:], self._first + past * self._hop
        return np.asarray(heard, np.float32)


class Fusion:
    """The weighted mean of two tracks' log-odds, for each 10 ms as soon as both have been heard."""

    def __init__(self, first: OpinionTrack, second: OpinionTrack, *, weight: float) -> None:
        """weight: of the first; the second has the rest"""
        self._first, self._second, self._weight = first, second, np.float32(weight)
        self._frames = 0

    def feed(self, first: Array, second: Array) -> list[float]:
        self._first.feed(first)
        self._second.feed(second)
        return self._to((min(self._first.known, self._second.known) + HOP // 2) // HOP)

    def finish(self, length: int) -> list[float]:
        """`length` samples were heard in all."""
        return self._to(-(-length // HOP))

    def _to(self, frames: int) -> list[float]:
        if frames <= self._frames:
            return []
        middles = np.arange(self._frames, frames) * HOP + HOP // 2
        self._frames = frames
        mean = self._weight * self._first.at(middles) + (1 - self._weight) * self._second.at(middles)
        opinions: list[float] = mean.tolist()
        return opinions
