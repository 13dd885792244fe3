"""Where a clip's sound doesn't fit its text: a phrase that is missing or added, or another clip's text."""

from dataclasses import dataclass

import numpy as np

from audio.align.features import Floats

ALARM_SHARE = 0.02
"""Of a corpus' own clips that a person is shown for nothing."""
_ALLOWED = (
    0.5  # deviations of usual frames by which a frame may fit worse before it counts against its stretch
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames [start, end). excess: how much worse they fit than usual frames, in deviations, added up"""

    start: int
    end: int
    excess: float


def worst_stretch(gap: Floats, usual: tuple[float, float]) -> Stretch:
    """The stretch with the largest sum of excess: where a change of text is likeliest (Page's CUSUM, 1954).

    gap:   (frames,), of a path
    usual: mean and deviation of gaps over the corpus

    >>> worst_stretch(np.array([0, 0, 5, 5, 0], dtype=np.float32), (0.0, 1.0))
    Stretch(start=2, end=4, excess=9.0)
    """
    mean, deviation = usual
    total = np.cumsum((gap - mean) / max(deviation, 1e-6) - _ALLOWED)
    before = np.concatenate([[0.0], total[:-1]])
    lowest = np.minimum.accumulate(before)
    end = int(np.argmax(total - lowest))
    start = int(np.argmin(before[: end + 1]))
    return Stretch(start, end + 1, float(total[end] - before[start]))
