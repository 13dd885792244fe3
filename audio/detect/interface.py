"""What every speech detector promises."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from audio.interval import Interval

RATE = 16_000
"""Samples a second of everything that the detectors, the segmenter and the cleaner hear."""

Samples = npt.NDArray[np.float32]
"""Mono at 16 kHz, shape (n,), full scale ±1."""


class SpeechDetector(Protocol):
    """Push-style: feed blocks of any size, get speech as soon as it is certain.

    However the sound is chunked, the intervals are the same to the sample, and memory stays constant.
    Intervals are half-open in 16 kHz samples, in order, unpadded and final. Speech that goes on for longer than
    ten seconds comes in touching pieces (`merge_close(..., gap=0)` joins them).
    """

    @property
    def settled(self) -> int:
        """All speech before this sample has been given out; what begins later has not."""

    def feed(self, samples: Samples) -> list[Interval]:
        """Hear some more; give the speech that became certain."""

    def finish(self) -> list[Interval]:
        """There is no more; give the rest. The last partial frame counts."""

    def quietest(self, span: Interval) -> int:
        """The sample inside `span` where a cut harms least: the middle of its weakest 140 ms.

        span: within the last 60 seconds heard, at least two samples long
        """
