"""Mains hum: found by its comb of harmonics, not assumed."""

import numpy as np
import numpy.typing as npt

from audio.blocks import Blocks
from audio.detect.interface import RATE

THIN = 16  # averaged samples: what matters lies below 500 Hz
HARMONICS = 4
MAINS = (50.0, 60.0)


class Hum:
    """Mean log spectrum of whole seconds below 500 Hz: what never changes stands out of it."""

    def __init__(self) -> None:
        self._blocks = Blocks(RATE)
        self._window = np.hanning(RATE // THIN)
        self._logs = np.zeros(RATE // THIN // 2 + 1)
        self._seconds = 0

    def feed(self, samples: npt.NDArray[np.float32]) -> None:
        whole = self._blocks.whole(samples)
        if not whole.size:
            return
        thin = whole.reshape(-1, RATE // THIN, THIN).mean(axis=2)
        spectra = np.fft.rfft((thin - thin.mean(axis=1, keepdims=True)) * self._window, axis=1)
        self._logs += np.sum(np.log(spectra.real**2 + spectra.imag**2 + 1e-14), axis=0)
        self._seconds += len(thin)

    def finish(self) -> tuple[float | None, float, float]:
        """(mains frequency or None, dB that its harmonics stand out, mean square of the hum)."""
        if self._seconds < 2:
            return None, 0.0, 0.0
        level = self._logs / self._seconds * (10 / np.log(10))
        best: tuple[float | None, float, float] = (None, 0.0, 0.0)
        for mains in MAINS:
            stands, power = [], 0.0
            for harmonic in range(1, HARMONICS + 1):
                at = round(mains * harmonic)
                line = float(level[at - 1 : at + 2].max())
                beside = float(np.median(np.r_[level[at - 12 : at - 4], level[at + 5 : at + 13]]))
                stands.append(max(0.0, line - beside))
                power += 10 ** (line / 10) if line - beside > 6 else 0.0
            # the two strongest: hum without any harmonic is rare, a voice that holds one note for long is rarer
            score = float(np.mean(sorted(stands)[-2:]))
            if score > best[1]:
                best = (mains, score, power / (np.sum(self._window) ** 2) * 2)
        return best
