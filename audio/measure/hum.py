"""What lies under the voice: mains hum, found by its comb of harmonics, and the rumble of wind, found by its gusts."""

import math
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft

from audio.blocks import Blocks
from audio.detect.interface import RATE

THIN = 16  # averaged samples: what matters lies below 500 Hz
HARMONICS = 6
MAINS = (50.0, 60.0)
LOWEST, HIGHEST = 8, 45  # Hz: below every voice and every mains

_MEAN = np.full(THIN, 1 / THIN, np.float32)

Levels = npt.NDArray[np.float64]


class LowEnd:
    """Mean log spectrum of whole seconds below 500 Hz: what never changes stands out of it."""

    def __init__(self) -> None:
        self._blocks = Blocks(RATE)
        self._logs = np.zeros(RATE // THIN // 2 + 1)
        self._rumble, self._log_rumble = 0.0, 0.0
        self._seconds = 0

    def feed(self, samples: npt.NDArray[np.float32]) -> None:
        seconds = self._blocks.whole(samples).reshape(-1, RATE)
        if not len(seconds):
            return
        levels = low_levels(seconds)
        for second, rumble in zip(levels, mean_square(levels[:, LOWEST : HIGHEST + 1]).tolist(), strict=True):
            self._logs += second
            self._rumble += rumble
            self._log_rumble += math.log(rumble + 1e-14)
            self._seconds += 1

    def hum(self) -> tuple[float | None, float, float]:
        """(mains frequency or None, dB that its harmonics stand out, mean square of the hum)."""
        if self._seconds < 2:
            return None, 0.0, 0.0
        levels = self._logs / self._seconds
        mains, stands = strongest_mains(levels)
        if mains is None:
            return None, 0.0, 0.0
        lines = np.asarray([line for line, beside in _lines(levels, mains) if line - beside > 6])
        return (
            mains,
            stands,
            float(mean_square(lines)) * 1.5,
        )  # a line's power, spread over bands, is 1.5 times its peak

    def gusts(self) -> float:
        """Mean square of the rumble that comes and goes: an engine's steady drone is not wind."""
        if self._seconds < 2:
            return 0.0
        return max(0.0, self._rumble / self._seconds - 1.5 * float(np.exp(self._log_rumble / self._seconds)))


def low_levels(samples: npt.NDArray[np.float32]) -> Levels:
    """dB of each band below 500 Hz of stretches (n, samples): (n, bands), as wide as a stretch is short.

    For a second a band is 1 Hz.
    """
    thin = np.einsum("ijk,k->ij", samples.reshape(len(samples), -1, THIN), _MEAN)
    thin -= thin.mean(axis=1, keepdims=True)
    spectrum = rfft(thin * _window(thin.shape[1]), axis=1)
    return np.asarray(10 * np.log10(spectrum.real**2 + spectrum.imag**2 + 1e-14))


@cache
def _window(size: int) -> Levels:
    return np.hanning(size)


def mean_square(levels: Levels) -> Levels:
    """Mean square of the sound in these bands of a second's `low_levels`; of each row, where there are several."""
    points = RATE / THIN
    power = np.sum(10 ** (levels / 10), axis=-1)
    return np.asarray(power * 2 / points**2 / 0.375)  # 3/8: mean square of a Hann window


def strongest_mains(levels: Levels) -> tuple[float | None, float]:
    """50 or 60 Hz, and by how many dB its two clearest harmonics stand out of their surroundings.

    levels: `low_levels`, averaged over at least two seconds
    """
    # two: hum without any harmonic is rare, and a voice that holds one note for so long is rarer
    scores = {
        mains: float(np.mean(sorted(line - beside for line, beside in _lines(levels, mains))[-2:]))
        for mains in MAINS
    }
    best = max(scores, key=lambda mains: scores[mains])
    return (best, scores[best]) if scores[best] > 0 else (None, 0.0)


def _lines(levels: Levels, mains: float) -> list[tuple[float, float]]:
    """(level of the line, level beside it) for each harmonic."""
    lines, beside = _places(len(levels), mains)
    return list(
        zip(levels[lines].max(axis=1).tolist(), np.median(levels[beside], axis=1).tolist(), strict=True)
    )


@cache
def _places(bands: int, mains: float) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Of each harmonic: the bands that its line may be in, and the bands beside them."""
    per_hz = (bands - 1) / (RATE / THIN / 2)
    side = max(2, round(10 * per_hz))
    beside = np.r_[-side - 2 : -2, 3 : side + 3]
    at = np.rint(mains * per_hz * np.arange(1, HARMONICS + 1)).astype(np.intp)[:, None]
    return at + np.arange(-1, 2), at + beside
