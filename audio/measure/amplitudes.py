"""How often each amplitude occurs: clipping shows as a heap at the ceiling, wherever the ceiling is."""

import numpy as np
import numpy.typing as npt

PER_OCTAVE = 128
SHIFT = 16  # a float32's upper bits count amplitudes in steps of 1/128 octave: a histogram without arithmetic
OCTAVES = 46
TOP = ((127 + 32) << 23) >> SHIFT  # amplitude 2**32: files of floats may hold whole numbers
BINS = OCTAVES * PER_OCTAVE
LOWEST_LOOKED_AT = (
    0.34  # of the highest amplitude so far: the ceiling is sought within an octave, the slope half one below
)


class Amplitudes:
    """Histogram of |x| of one channel on a scale of equal ratios, from 84 dB below full scale to far above it."""

    def __init__(self) -> None:
        self._counts = np.zeros(BINS, np.int64)
        self._heard = 0
        self.top = 0.0

    def feed(self, seconds: npt.NDArray[np.float32]) -> None:
        """seconds: (n, samples of each)"""
        self._heard += seconds.size
        tops = np.maximum(seconds.max(axis=1, initial=0.0), -seconds.min(axis=1, initial=0.0))
        for second, top in zip(seconds, tops.tolist(), strict=True):
            self.top = max(self.top, top)
            if top > LOWEST_LOOKED_AT * self.top:
                self._count(second)

    def _count(self, samples: npt.NDArray[np.float32]) -> None:
        size = np.abs(samples)
        large = size.compress(size > LOWEST_LOOKED_AT * self.top)
        bits = (large.view(np.int32) >> SHIFT) - (TOP - BINS)
        np.clip(bits, 0, BINS - 1, out=bits)
        self._counts += np.bincount(bits, minlength=BINS)

    def clipped_share(self) -> float:
        """Share of samples in a heap at the highest amplitudes.

        Speech has ever fewer samples towards its peak. Cut off at a ceiling it has a heap there, which stays when the
        level is changed later and is only smeared by a codec. So: the amplitude at which samples
        are denser than well below it; what lies there and above, less what a fading distribution would have put there.
        """
        if not self._heard or not self._counts[1:].any():
            return 0.0
        top = int(np.flatnonzero(self._counts)[-1])
        best = 0.0
        for ceiling in range(max(top - PER_OCTAVE, 2 * PER_OCTAVE), top + 1, 4):
            # heap: within 3 % of the ceiling and everything over it; slope: from 0.70 to 0.94 of it
            heap = float(self._counts[ceiling - 5 :].sum())
            slope = float(self._counts[ceiling - 66 : ceiling - 11].sum())
            slope_width = 2.0 ** (-11 / PER_OCTAVE) - 2.0 ** (-66 / PER_OCTAVE)
            heap_width = 2.0 ** ((top + 1 - ceiling) / PER_OCTAVE) - 2.0 ** (-5 / PER_OCTAVE)
            expected = slope / slope_width * heap_width
            if heap >= 8 and heap > 2 * expected:
                best = max(best, (heap - expected) / self._heard)
        return best
