"""What happened to an item, as lines of its page: when, what, by whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ItemEvent:
    """sentence: a message, with `values` to be filled in; who: a handle; said: what somebody wrote, in its own script.

    mark: of a state, ok, bad or warn; empty for none
    """

    at: datetime
    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)
    who: str | None = None
    said: str | None = None
    mark: str = ""


def in_order(happenings: Iterable[ItemEvent]) -> tuple[ItemEvent, ...]:
    """By time; what happened in one moment as it was given."""
    return tuple(sorted(happenings, key=lambda each: each.at))
