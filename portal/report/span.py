"""The days that a report is about."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from catalog.calendar import ZONE
from catalog.config.sentence import Sentence
from catalog.errors import UserError


class BadSpan(UserError):
    """Days that make no span."""


@dataclass(frozen=True, slots=True)
class ReportDays:
    """first and last: days of India's calendar, both within; None: from the beginning, or until now"""

    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if self.first and self.last and self.first > self.last:
            raise BadSpan(
                Sentence(
                    "a span ends on the day it begins or later, given %(first)s to %(last)s. Swap the two days.",
                    first=str(self.first),
                    last=str(self.last),
                )
            )

    @property
    def start(self) -> datetime:
        """The moment it begins."""
        return datetime.combine(self.first or date(1970, 1, 2), time(), ZONE)

    @property
    def end(self) -> datetime:
        """The moment behind it."""
        last = self.last or date(9998, 12, 31)
        return datetime.combine(last + timedelta(days=1), time(), ZONE)


def parse_span(first: str, last: str) -> ReportDays:
    """Days as 2026-11-03; empty for an open end. raises: BadSpan

    >>> parse_span("2026-11-03", "").first
    datetime.date(2026, 11, 3)
    """
    try:
        days = [date.fromisoformat(day) if day else None for day in (first, last)]
    except ValueError as error:
        raise BadSpan(
            Sentence(
                "a day is written 2026-11-03, given '%(given)s'. Write year, month, day.", given=first or last
            )
        ) from error
    return ReportDays(*days)
