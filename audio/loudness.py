"""How loud people hear it: ITU-R BS.1770-4, a block at a time, in constant memory."""

from functools import cache

import numpy as np
import numpy.typing as npt
import soxr
from pyloudnorm import IIRfilter
from scipy.signal import sosfilt, tf2sos

from audio.blocks import Blocks

Samples = npt.NDArray[np.float32]

ABSOLUTE_GATE = -70.0  # LUFS, ITU-R BS.1770-4
RELATIVE_GATE = -10.0  # LU under the loudness of what passes the absolute gate
OFFSET = -0.691  # dB, so that a 997 Hz sine at 0 dBFS in one channel reads -3.01
BINS_PER_LU = 20
BINS = 80 * BINS_PER_LU  # from the absolute gate up to +10 LUFS


class LoudnessMeter:
    """Integrated loudness of mono sound. 400 ms windows overlapping by 75 %, gated, held as a histogram.

    The relative gate falls on a bin's edge: at most 0.05 LU from where pyloudnorm puts it.
    """

    def __init__(self, sample_rate: int) -> None:
        self._sections = k_weighting(sample_rate)
        self._state = np.zeros((len(self._sections), 2))
        self._blocks = Blocks(sample_rate // 10)
        self._tenths: list[float] = []  # mean squares of the last 100 ms parts that wait for a window
        self._counts = np.zeros(BINS, np.int64)
        self._energy = np.zeros(BINS)
        self._heard = 0

    def feed(self, samples: Samples) -> None:
        whole = self._blocks.whole(samples)
        if not whole.size:
            return
        weighted, self._state = sosfilt(self._sections, whole, zi=self._state)
        self._tenths += np.mean(np.square(weighted).reshape(-1, self._blocks.size), axis=1).tolist()
        parts = np.asarray(self._tenths)
        windows = parts[:-3] + parts[1:-2] + parts[2:-1] + parts[3:] if len(parts) > 3 else parts[:0]
        self._tenths = self._tenths[-3:]
        self._count(windows / 4)

    def finish(self) -> float | None:
        """LUFS, or None where nothing is louder than the absolute gate, or under 400 ms long."""
        if not self._counts.any():
            return None
        gate = _lufs(float(self._energy.sum() / self._counts.sum())) + RELATIVE_GATE
        first = max(0, round((gate - ABSOLUTE_GATE) * BINS_PER_LU))
        count = int(self._counts[first:].sum())
        return _lufs(float(self._energy[first:].sum()) / count) if count else None

    def _count(self, mean_squares: npt.NDArray[np.float64]) -> None:
        loud = mean_squares[mean_squares > 10 ** ((ABSOLUTE_GATE - OFFSET) / 10)]
        bins = ((10 * np.log10(loud) + OFFSET - ABSOLUTE_GATE) * BINS_PER_LU).astype(int).clip(0, BINS - 1)
        np.add.at(self._counts, bins, 1)
        np.add.at(self._energy, bins, loud)


def loudness(samples: Samples, sample_rate: int) -> float | None:
    """LUFS of a whole clip. One shorter than 400 ms is taken as if it went on at the same level."""
    if not samples.size:
        return None
    meter = LoudnessMeter(sample_rate)
    least = 4 * (sample_rate // 10)
    meter.feed(np.resize(samples, least) if samples.size < least else samples)
    return meter.finish()


def true_peak(samples: Samples, sample_rate: int) -> float:
    """Highest value on or between the samples, 1.0 for full scale: four-fold oversampling, as BS.1770-4 asks."""
    if not samples.size:
        return 0.0
    oversampled = soxr.resample(samples, sample_rate, 4 * sample_rate, quality="MQ")
    return float(max(np.abs(oversampled).max(initial=0.0), np.abs(samples).max()))


@cache
def k_weighting(sample_rate: int) -> npt.NDArray[np.float64]:
    """Second-order sections of BS.1770's two filters: the head, then the low end of hearing."""
    head = IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, sample_rate, "high_shelf")
    low = IIRfilter(0.0, 0.5, 38.0, sample_rate, "high_pass")
    return np.vstack([tf2sos(stage.b, stage.a) for stage in (head, low)])


def _lufs(mean_square: float) -> float:
    return float(OFFSET + 10 * np.log10(mean_square))
