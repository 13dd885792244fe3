"""The waveform that a screen draws, reduced to a few numbers a second."""

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Waveform:
    """Lowest and highest sample of each stretch, as -128..127.

    sample_rate, samples_per_point: of the sound that it was made from
    pairs: lowest, highest, lowest, highest …
    """

    sample_rate: int
    samples_per_point: int
    pairs: tuple[int, ...]

    def to_json(self) -> str:
        """The BBC audiowaveform format, version 2, 8 bits: wavesurfer.js and peaks.js read it."""
        document = {
            "version": 2,
            "channels": 1,
            "sample_rate": self.sample_rate,
            "samples_per_pixel": self.samples_per_point,
            "bits": 8,
            "length": len(self.pairs) // 2,
            "data": self.pairs,
        }
        return json.dumps(document, separators=(",", ":"))


class PeakMeter:
    """Feed mono blocks of any size, in order; the same waveform however they are cut."""

    def __init__(self, rate: int, points_per_second: int) -> None:
        if not 1 <= points_per_second <= rate:
            raise ValueError(f"a waveform has 1 to {rate} points a second, given {points_per_second}")
        self._rate = rate
        self._step = rate // points_per_second
        self._rest = np.empty(0, dtype=np.float32)
        self._pairs: list[int] = []

    def feed(self, samples: NDArray[np.float32]) -> None:
        """samples: (n,), full scale is 1.0"""
        joined = np.concatenate([self._rest, samples]) if len(self._rest) else samples
        whole = len(joined) // self._step * self._step
        self._note(joined[:whole].reshape(-1, self._step))
        self._rest = joined[whole:].copy()

    def finish(self) -> Waveform:
        """The whole waveform; the last point may stand for fewer samples."""
        if len(self._rest):
            self._note(self._rest[None])
            self._rest = self._rest[:0]
        return Waveform(self._rate, self._step, tuple(self._pairs))

    def _note(self, rows: NDArray[np.float32]) -> None:
        if len(rows):
            extremes = np.stack([rows.min(axis=1), rows.max(axis=1)], axis=1)
            self._pairs += np.clip(np.rint(extremes * 128), -128, 127).astype(int).ravel().tolist()
