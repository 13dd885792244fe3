"""How far up the sound really goes, whatever rate it was stored at."""

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft

WINDOW_S = 0.046
FRAMES = 2  # looked at in each second
EDGE_DB = 20.0
QUANTUM = (1 / 32768) ** 2 / 12  # mean square of 16-bit rounding


class Bandwidth:
    """Mean spectrum of mono sound at its own rate, and where it ends."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._size = 1 << max(6, round(np.log2(WINDOW_S * sample_rate)))
        self._window = np.hanning(self._size + 1)[:-1].astype(np.float32)
        self._power = np.zeros(self._size // 2 + 1)
        self._frames = 0

    def feed(self, seconds: npt.NDArray[np.float32]) -> None:
        """Seconds of sound (n, samples of each), or the rest of one."""
        length = seconds.shape[1]
        if length < self._size:
            return
        step = max(1, (length - self._size) // (FRAMES - 1))
        starts = range(0, step * FRAMES, step)
        frames = np.stack([seconds[:, start : start + self._size] for start in starts], axis=1)
        frames *= self._window
        spectra = rfft(frames, axis=2)
        for power in np.sum(np.square(spectra.real) + np.square(spectra.imag), axis=1):
            self._power += power
            self._frames += FRAMES

    def finish(self) -> float:
        """Hz: a cliff of 20 dB above which nothing comes back, else where the sound sinks into 16-bit rounding."""
        nyquist = self._rate / 2
        if not self._frames or not self._power.any():
            return 0.0
        rounding = QUANTUM * float(np.sum(np.square(self._window))) * 2
        power = self._power / self._frames
        bins_per_100hz = max(1, round(100 * self._size / self._rate))
        smooth = np.convolve(power, np.ones(bins_per_100hz) / bins_per_100hz, mode="same")
        level = 10 * np.log10(np.maximum(smooth, rounding))
        above = np.maximum.accumulate(level[::-1])[::-1]  # the loudest at or above each bin
        step = 3 * bins_per_100hz
        low = np.searchsorted(np.arange(len(level)) * self._rate / self._size, 1_000)
        for i in range(int(low), len(level) - 2 * step):
            if float(np.median(level[i - step : i])) - above[i + step] >= EDGE_DB:
                return float(min(nyquist, (i + step / 2) * self._rate / self._size))
        carried = np.flatnonzero(level > 10 * np.log10(rounding) + 3)
        return float(carried[-1] * self._rate / self._size) if carried.size else 0.0
