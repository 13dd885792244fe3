"""Spans of a clip that a reviewer marks, in whole milliseconds of its sound."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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
        most = "one span is kept" if keep else f"1 to {MOST_SPANS} spans are made unhearable"
        raise InvalidSpans(f"{most}, given {len(spans)}. Mark the start and the end of each.")
    least = SHORTEST_KEPT if keep else SHORTEST_SPAN
    for span in spans:
        if not 0 <= span.start <= span.end - least or span.end > length:
            raise InvalidSpans(
                f"a span lies within the clip of {length} ms and lasts {least} ms at least, "
                f"given {span.start} to {span.end}. Mark its start and its end again."
            )
    if any(after.start < before.end for before, after in pairwise(spans)):
        raise InvalidSpans("spans stand in order and don't overlap. Mark what overlaps as one.")
    if keep and spans[0] == MarkedSpan(0, length):
        raise InvalidSpans("a clip that is kept whole needs no trimming. Dismiss the report instead.")
