"""How loud people hear it: ITU-R BS.1770-4, a block at a time, in constant memory."""

from functools import cache

import numpy as np
import numpy.typing as npt

from audio.blocks import Backlog
from audio.interval import Interval
from audio.k_weighting import TOGETHER, KWeighting, response
from audio.spectrum import BINS as BANDS
from audio.spectrum import HANN, HOP, WINDOW

Samples = npt.NDArray[np.float32]

ABSOLUTE_GATE = -70.0  # LUFS, ITU-R BS.1770-4
RELATIVE_GATE = -10.0  # LU under the loudness of what passes the absolute gate
OFFSET = -0.691  # dB, so that a 997 Hz sine at 0 dBFS in one channel reads -3.01
SHORTEST = 40  # hundredths of a second
KEPT = 120 * 100  # hundredths of a second
BINS_PER_LU = 20
BINS = 80 * BINS_PER_LU  # from the absolute gate up to +10 LUFS

# ITU-R BS.1770-4, annex 2, table 3: what lies between two samples, at four places, from the twelve around it
_PLACES = np.asarray(
    [
        [0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
         0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500],
        [-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
         0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375],
    ],
    np.float32,
)  # fmt: skip
_BETWEEN = np.concatenate([_PLACES, _PLACES[:, ::-1]])
_TAPS = _BETWEEN.shape[1]


class LoudnessMeter:
    """Integrated loudness of mono sound, and of any stretch of its last two minutes: filtered once for both.

    400 ms windows overlapping by 75 %, gated. Of the whole they are held as a histogram: the relative gate falls on a
    bin's edge, at most 0.05 LU from where the standard puts it.
    """

    def __init__(self, sample_rate: int) -> None:
        self._weighting = KWeighting(sample_rate)
        self._frame = sample_rate // 100
        self._waiting = Backlog()
        self._together = TOGETHER * 100 * self._frame  # samples that are filtered at once
        self._energy = np.zeros(KEPT)  # mean squares of the last hundredths of a second, round and round
        self._frames = 0
        self._rest = np.zeros(0)  # hundredths that wait for a window
        self._counts = np.zeros(BINS, np.int64)
        self._sums = np.zeros(BINS)

    def feed(self, samples: Samples) -> None:
        """samples: (n,), the next ones"""
        self._waiting.add(samples)
        while len(self._waiting) >= self._together:
            self._keep(self._waiting.take(self._together))

    def of(self, span: Interval) -> float | None:
        """LUFS of a stretch that was fed within the last two minutes; of a short one as `loudness` has it.

        span: samples, taken to a hundredth of a second
        """
        if span.end > self._frames * self._frame:
            self._keep_rest()
        first, last = round(span.start / self._frame), min(round(span.end / self._frame), self._frames)
        if not max(0, self._frames - KEPT) <= first < last:
            raise ValueError(
                f"loudness is remembered of hundredths {max(0, self._frames - KEPT)} to {self._frames}, "
                f"asked for {first} to {last}"
            )
        energy = self._energy[np.arange(first, last) % KEPT]
        return _gated(_windows(np.resize(energy, max(SHORTEST, len(energy)))))

    def finish(self) -> float | None:
        """LUFS, or None where nothing is louder than the absolute gate, or under 400 ms long."""
        self._keep_rest()
        if not self._counts.any():
            return None
        gate = _lufs(float(self._sums.sum() / self._counts.sum())) + RELATIVE_GATE
        first = max(0, round((gate - ABSOLUTE_GATE) * BINS_PER_LU))
        count = int(self._counts[first:].sum())
        return _lufs(float(self._sums[first:].sum()) / count) if count else None

    def _keep_rest(self) -> None:
        """What waits to be filtered with more."""
        self._keep(self._waiting.take(len(self._waiting) // self._frame * self._frame))

    def _keep(self, whole: Samples) -> None:
        """whole: hundredths of a second"""
        frames = self._weighting.feed(whole).reshape(-1, self._frame)
        energy = (np.einsum("ij,ij->i", frames, frames) / self._frame).astype(np.float64)
        self._energy[np.arange(self._frames, self._frames + len(energy)) % KEPT] = energy
        self._frames += len(energy)
        joined = np.concatenate([self._rest, energy])
        self._count(_windows(joined))
        tenths = len(joined) // 10
        self._rest = joined[10 * max(0, tenths - 3) :]

    def _count(self, mean_squares: npt.NDArray[np.float64]) -> None:
        loud = mean_squares[mean_squares > 10 ** ((ABSOLUTE_GATE - OFFSET) / 10)]
        bins = ((10 * np.log10(loud) + OFFSET - ABSOLUTE_GATE) * BINS_PER_LU).astype(int).clip(0, BINS - 1)
        np.add.at(self._counts, bins, 1)
        np.add.at(self._sums, bins, loud)


def loudness(samples: Samples, sample_rate: int) -> float | None:
    """LUFS of a whole clip. One shorter than 400 ms is taken as if it went on at the same level."""
    if not samples.size:
        return None
    meter = LoudnessMeter(sample_rate)
    least = 4 * (sample_rate // 10)
    meter.feed(np.resize(samples, least) if samples.size < least else samples)
    return meter.finish()


def loudness_of_spectra(power: npt.NDArray[np.float32], length: int, sample_rate: int) -> float | None:
    """LUFS of a clip whose spectra (`audio.spectrum`) are at hand already: within 0.2 LU of `loudness`, mostly 0.05.

    power:  (frames, 257) |STFT|²
    length: samples of the clip
    """
    energy = HOP * np.einsum("ij,j->i", power, _weights(sample_rate)).astype(np.float64)
    # a frame's energy is taken to lie half a hop around it
    edges = np.arange(len(energy) + 1) * HOP - HOP // 2
    tenth = sample_rate // 10
    tenths = np.arange(length // tenth + 1) * tenth
    parts = np.diff(np.interp(tenths, edges, np.append(0.0, np.cumsum(energy))))
    if len(parts) < 4:
        parts = np.full(4, energy.sum() * tenth / max(length, 1))
    return _gated((parts[:-3] + parts[1:-2] + parts[2:-1] + parts[3:]) / (4 * tenth))


def true_peak(samples: Samples, *, over: float = 0.0) -> float:
    """Highest value on or between the samples, 1.0 for full scale: BS.1770-4's own four-fold oversampling.

    samples: (n,) at any rate
    over:    only peaks above this matter; the figure for lower ones may be too low
    """
    if not samples.size:
        return 0.0
    size = np.abs(samples)
    highest = float(size.max())
    # none of the four sums can pass the highest sample unless one of its twelve comes near
    large = np.flatnonzero(size > max(highest, over) / float(np.abs(_BETWEEN).sum(axis=1).max()))
    wanted = np.zeros(len(samples) + _TAPS - 1, bool)
    for step in range(_TAPS):
        wanted[large + step] = True
    around = np.pad(samples, _TAPS - 1)
    twelve = np.lib.stride_tricks.sliding_window_view(around, _TAPS)[wanted]
    # not np.dot: its last digits depend on how many threads it has
    return max(highest, float(np.abs(np.einsum("ij,kj->ki", twelve, _BETWEEN)).max(initial=0.0)))


def _windows(hundredths: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Mean squares of windows of 400 ms, one each 100 ms."""
    tenths = hundredths[: len(hundredths) // 10 * 10].reshape(-1, 10).mean(axis=1)
    return np.asarray(
        (tenths[:-3] + tenths[1:-2] + tenths[2:-1] + tenths[3:]) / 4 if len(tenths) > 3 else tenths[:0]
    )


def _gated(windows: npt.NDArray[np.float64]) -> float | None:
    """LUFS of mean squares of windows; None where nothing passes the absolute gate."""
    loud = windows[windows > 10 ** ((ABSOLUTE_GATE - OFFSET) / 10)]
    if not loud.size:
        return None
    return _lufs(float(loud[loud > loud.mean() * 10 ** (RELATIVE_GATE / 10)].mean()))


@cache
def _weights(sample_rate: int) -> npt.NDArray[np.float32]:
    """Of each band's power in a frame's mean square, K-weighted."""
    weights = np.square(np.abs(response(sample_rate, BANDS))) / (
        WINDOW * float(np.square(HANN, dtype=np.float64).sum())
    )
    weights[1:-1] *= 2  # a real sound's spectrum has a mirrored half
    return np.asarray(weights, np.float32)


def _lufs(mean_square: float) -> float:
    return float(OFFSET + 10 * np.log10(mean_square))
