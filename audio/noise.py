"""What is heard while nobody speaks: the spectrum of the noise, remembered for the last minute.

A clip is cleaned with the noise around it. Which noise that is depends only on where the clip lies, never on how the
recording arrived, so that a clip made again is the same to the bit.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft

from audio.blocks import Backlog, windows
from audio.detect.interface import RATE, Samples
from audio.interval import Interval
from audio.measure.hum import THIN, low_levels, strongest_mains
from audio.spectrum import BINS, HANN, HOP, WINDOW

__all__ = ["HOP", "WINDOW", "Noise", "NoiseTracker"]

CELL = RATE // 2  # samples over which noise frames are summed up
CELLS = 240  # two minutes of them are kept
MOST_AT_ONCE = 16  # cells
GUARD = RATE // 10  # this near to speech is not called noise: breath, echo
ENOUGH = 30  # frames (half a second)
HUM_CELLS = 4
HUM_AGAIN = 20  # cells
HUM_DB = 10.0  # that two harmonics stand out on the mean
REACH = RATE * 10  # samples before a clip from which its noise is taken


Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Noise:
    """What to expect in a clip besides speech.

    power:  (257,) mean |STFT|² of a 512-sample Hann window
    frames: how many were averaged; 0: nothing is known
    hum_hz: the mains frequency whose harmonics stand out, if any
    """

    power: npt.NDArray[np.float64]
    frames: int
    hum_hz: float | None = None


UNKNOWN = Noise(np.zeros(BINS), 0)


class NoiseTracker:
    """Push-style: feed sound and the speech in it, ask for the noise around a clip."""

    def __init__(self) -> None:
        self._sums = np.zeros((CELLS, BINS))
        self._counts = np.zeros(CELLS, np.int64)
        self._low = np.zeros((CELLS, CELL // THIN // 2 + 1))
        self._calm = np.zeros(CELLS, bool)  # cells without any speech: only these tell of hum
        self._sound = Backlog()  # not yet decided
        self._last = np.zeros(
            0, np.float32
        )  # the last cell's end, which the next cell's first frames begin in
        self._cell = 0  # the first cell that is not yet summed up
        self._speech: list[Interval] = []
        self._hums: dict[int, float | None] = {}

    def feed(self, samples: Samples, speech: list[Interval], settled: int) -> None:
        """samples: the next ones; speech: newly final intervals; settled: how far the detector has decided"""
        self._sound.add(samples)
        self._speech += speech
        while (ready := (settled - GUARD) // CELL - self._cell) > 0:
            self._sum_cells(min(ready, MOST_AT_ONCE))

    def around(self, clip: Interval) -> Noise:
        """The noise of the ten seconds before the clip's end; of the last two minutes where there is too little.

        clip: its end is at or before what `feed` was given as settled, and within the last minute
        """
        last = min(max((clip.end - GUARD) // CELL, 0), self._cell)  # cells before this one
        first = max(0, (clip.start - REACH) // CELL)
        near = np.arange(max(first, last - CELLS), last) % CELLS
        if self._counts[near].sum() < ENOUGH:
            near = np.arange(max(0, last - CELLS), last) % CELLS
        count = int(self._counts[near].sum())
        if not count:
            return UNKNOWN
        return Noise(self._sums[near].sum(axis=0) / count, count, self._hum(last))

    def _hum(self, last: int) -> float | None:
        """Mains do not change: all calm cells that are remembered are asked, and asked anew every ten seconds."""
        last -= last % HUM_AGAIN
        if last not in self._hums:
            self._hums = {last: self._hum_before(last)}
        return self._hums[last]

    def _hum_before(self, last: int) -> float | None:
        cells = np.arange(max(0, last - CELLS), last) % CELLS
        calm = cells[self._calm[cells]]
        if len(calm) < HUM_CELLS:
            return None
        mains, stands = strongest_mains(self._low[calm].mean(axis=0))
        return mains if stands >= HUM_DB else None

    def _sum_cells(self, count: int) -> None:
        begin, end = self._cell * CELL, (self._cell + count) * CELL
        sound = np.concatenate([self._last, self._sound.take(end - begin)])
        self._last = sound[-(WINDOW - 1) :].copy()
        first = end - len(sound)
        starts = np.arange(-(-first // HOP) * HOP, end - WINDOW + 1, HOP)
        silent = np.ones(len(starts), bool)
        for spoken in self._speech:
            silent &= (starts + WINDOW + GUARD <= spoken.start) | (starts - GUARD >= spoken.end)
        cells = (starts + WINDOW - 1) // CELL - self._cell  # a frame belongs to the cell that it ends in
        calm = np.bincount(cells[~silent], minlength=count) == 0
        slots = np.arange(self._cell, self._cell + count) % CELLS
        self._calm[slots] = calm
        if calm.any():
            self._low[slots[calm]] = low_levels(sound[begin - first :].reshape(count, CELL)[calm])
        self._sums[slots], self._counts[slots] = 0.0, 0
        if silent.any():
            self._sum_up(sound[int(starts[0]) - first :], silent, cells, slots)
        self._cell += count
        self._speech = [s for s in self._speech if s.end + GUARD + WINDOW > end]

    def _sum_up(self, sound: Samples, silent: Mask, cells: Numbers, slots: Numbers) -> None:
        """sound: frame after frame; silent, cells: of each frame; slots: of each cell"""
        frames = windows(sound, WINDOW, HOP)[silent]
        frames *= HANN
        spectra = rfft(frames, axis=1, overwrite_x=True)
        power = np.square(spectra.real) + np.square(spectra.imag)
        edges = np.searchsorted(cells[silent], np.arange(len(slots) + 1))
        self._counts[slots] = np.diff(edges)
        for slot, start, stop in zip(slots, edges[:-1], edges[1:], strict=True):
            self._sums[slot] = np.sum(power[start:stop], axis=0, dtype=np.float64)
