"""Word times: when each word of an accepted text is said, for the player that lights them up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.alignments import LOW_SCORE
from catalog.states import AlignmentState

RATE = 16_000
"""Samples a second of stored word times: those of the clip."""


@dataclass(frozen=True, slots=True)
class WordTime:
    """A word and when it is said, in seconds of the clip. score: 0 to 1"""

    text: str
    start: float
    end: float
    score: float

    @property
    def low(self) -> bool:
        """Whether it may not be said there, or not at all."""
        return self.score < LOW_SCORE


def word_times(state: AlignmentState | None, stored: Iterable[Mapping[str, Any]]) -> tuple[WordTime, ...]:
    """Of an alignment that holds; nothing of one that failed, or whose text was changed since.

    >>> word_times(AlignmentState.ALIGNED, [{"word": "nero", "start": 8000, "end": 16000, "score": 0.7}])
    (WordTime(text='nero', start=0.5, end=1.0, score=0.7),)
    """
    if state not in (AlignmentState.ALIGNED, AlignmentState.LOW_SCORE):
        return ()
    return tuple(
        WordTime(word["word"], word["start"] / RATE, word["end"] / RATE, float(word["score"]))
        for word in stored
    )
