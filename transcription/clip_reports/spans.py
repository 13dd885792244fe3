"""Spans of a clip that a reviewer marks, in whole milliseconds of its sound."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from catalog.config.sentence import Sentence
from catalog.errors import UserError

MOST_SPANS = 20
SHORTEST_KEPT = 300
"""Milliseconds: what is shorter holds no utterance."""
SHORTEST_SPAN = 20


class InvalidSpans(UserError):
    """Spans that don't lie in the clip, or in no order."""


@dataclass(frozen=True, slots=True, order=True)
class MarkedSpan:
    """Half-open, in milliseconds from the start of the clip."""

    start: int
    end: int


def check_spans(spans: Sequence[MarkedSpan], length: int, *, keep: bool) -> None:
    """Whether they can be carried out on a clip of that length. Raises InvalidSpans.

    length: milliseconds
    keep:   there is one span, that the clip is trimmed to; else they are made unhearable

    >>> check_spans([MarkedSpan(0, 500), MarkedSpan(900, 1000)], 1000, keep=False)
    """
    if not 1 <= len(spans) <= (1 if keep else MOST_SPANS):
        if keep:
            raise InvalidSpans(Sentence("one span is kept. Mark its start and its end."))
        raise InvalidSpans(
            Sentence(
                "1 to %(most)s spans are made unhearable. Mark the start and the end of each.",
                most=str(MOST_SPANS),
            )
        )
    least = SHORTEST_KEPT if keep else SHORTEST_SPAN
    for span in spans:
        if not 0 <= span.start <= span.end - least or span.end > length:
            raise InvalidSpans(
                Sentence(
                    "a span lies within the clip of %(length)s ms and lasts %(least)s ms at least, "
                    "given %(start)s to %(end)s. Mark its start and its end again.",
                    length=str(length),
                    least=str(least),
                    start=str(span.start),
                    end=str(span.end),
                )
            )
    if any(after.start < before.end for before, after in pairwise(spans)):
        raise InvalidSpans(Sentence("spans stand in order and don't overlap. Mark what overlaps as one."))
    if keep and spans[0] == MarkedSpan(0, length):
        raise InvalidSpans(
            Sentence("a clip that is kept whole needs no trimming. Dismiss the report instead.")
        )
