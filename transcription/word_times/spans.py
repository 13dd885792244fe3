"""Where the words of a clip may lie: in order, one after the other, inside it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.config.sentence import Sentence
from transcription.context import NotAllowed

RATE = 16_000
"""Samples a second of the word times of a clip."""
SHORTEST = 160
"""Samples of a word: 10 ms, the step by which edges move."""


class BadTimes(NotAllowed):
    """Word times that can't be: out of order, over each other, or outside their clip."""


@dataclass(frozen=True, slots=True)
class WordSpan:
    """Where a word is said: samples of the 16 kHz clip, the end not included."""

    start: int
    end: int


def checked_spans(spans: Sequence[WordSpan], *, words: int, length: int) -> tuple[WordSpan, ...]:
    """The spans, where they are in order and inside the clip. Raises BadTimes.

    words: how many there are; length: samples of the clip

    >>> checked_spans([WordSpan(0, 800), WordSpan(800, 1600)], words=2, length=1600)
    (WordSpan(start=0, end=800), WordSpan(start=800, end=1600))
    """
    if len(spans) != words:
        raise BadTimes(Sentence("every word of the text has one start and one end. Load the page again."))
    before = 0
    for number, span in enumerate(spans, 1):
        if span.start < before or span.end < span.start + SHORTEST or span.end > length:
            raise BadTimes(
                Sentence(
                    "words lie one after the other inside their clip; word %(number)s does not. "
                    "Move its edges, then save again.",
                    number=str(number),
                )
            )
        before = span.end
    return tuple(spans)
