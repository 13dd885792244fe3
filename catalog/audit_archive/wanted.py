"""What somebody asks the audit log for, wherever the acts lie."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from catalog.audit import ActContent
from catalog.tables import AuditEvent


@dataclass(frozen=True, slots=True)
class LoggedAct:
    """An act as it is read by people. id: its number in the log"""

    id: int
    content: ActContent


@dataclass(frozen=True, slots=True)
class FoundInGroup:
    """What was wanted of one group of acts, newest first. lowest, earliest: of all acts in the group"""

    acts: Sequence[LoggedAct]
    lowest: int
    earliest: datetime


def logged(event: AuditEvent) -> LoggedAct:
    """A row of the table."""
    content = ActContent(
        event.at, event.actor, event.action, event.subject_kind, event.subject_id, event.detail
    )
    return LoggedAct(event.id, content)


@dataclass(frozen=True, slots=True)
class WantedActs:
    """None: every one.

    person:     id of who did it, or to whom it was done
    subjects:   ids of what it was done to
    begin, end: when it was; the end is not within
    """

    person: str | None = None
    action: str | None = None
    subjects: AbstractSet[str] | None = None
    begin: datetime | None = None
    end: datetime | None = None

    def may_be_within(self, earliest: datetime, latest: datetime) -> bool:
        """Whether acts between two moments, both within, can be of the time that is asked for.

        >>> from datetime import UTC
        >>> days = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3)]
        >>> WantedActs(begin=days[1], end=days[2]).may_be_within(days[0], days[1])
        True
        >>> WantedActs(begin=days[1], end=days[2]).may_be_within(days[2], days[2])
        False
        """
        return (self.begin is None or latest >= self.begin) and (self.end is None or earliest < self.end)
