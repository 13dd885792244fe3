"""Echo: how fast sound can die away at all. A stop consonant falls 30 dB in a blink, but not in a hall."""

import numpy as np
import numpy.typing as npt

SPAN = 5  # frames of 10 ms over which a fall is looked at
OVER_NOISE = 30.0  # dB; falls from nearer to the noise end in it and tell nothing
BINS, STEP_DB = 160, 0.25
LEAST = 40  # falls
STEEP = 0.95  # the steepest twentieth of the falls are the room's own


class Decay:
    """Push-style over levels of 10 ms frames."""

    def __init__(self) -> None:
        self._falls = np.zeros(BINS, np.int64)

    def feed(self, levels: npt.NDArray[np.float64], noise_db: float) -> None:
        """levels: dB of consecutive frames; noise_db: level of the noise"""
        if len(levels) <= SPAN:
            return
        before, after = levels[:-SPAN], levels[SPAN:]
        falls = (before - after)[(before > noise_db + OVER_NOISE) & (before > after)]
        self._falls += np.bincount(np.minimum(falls / STEP_DB, BINS - 1).astype(int), minlength=BINS)

    def finish(self) -> float | None:
        """Seconds for 60 dB; None where the noise hides it."""
        total = int(self._falls.sum())
        if total < LEAST:
            return None
        steep = int(np.searchsorted(np.cumsum(self._falls), STEEP * total)) + 0.5
        return float(60 * SPAN * 0.01 / (steep * STEP_DB))
