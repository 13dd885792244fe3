"""The pace of a project: hours that came and hours accepted, day by day, and when the quota is reached at this pace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.calendar import ZONE, local_day
from catalog.states import ClipState
from catalog.tables import Clip, LedgerEntry, Recording, Transcript, Upload

DAYS = 28
PACE_DAYS = 14
"""What a forecast looks back on: long enough for a week's rhythm, short enough to follow a change."""

FARTHEST = 3650
"""Days that a forecast looks ahead; what lies behind them is never."""


@dataclass(frozen=True, slots=True)
class PaceDay:
    """received, accepted: seconds of sound"""

    day: date
    received: float
    accepted: float


@dataclass(frozen=True, slots=True)
class HourCost:
    """What accepted sound cost in the days that are shown: pay of all work, and pieces of it for each clip."""

    millis: int
    accepted_seconds: float
    clips: int
    texts: int
    reviews: int

    @property
    def millis_per_hour(self) -> int | None:
        """None where nothing was accepted."""
        return round(self.millis * 3600 / self.accepted_seconds) if self.accepted_seconds else None


@dataclass(frozen=True, slots=True)
class ProjectPace:
    """days: the last DAYS, oldest first, each there"""

    days: tuple[PaceDay, ...]
    cost: HourCost

    @property
    def received_week(self) -> float:
        return sum(each.received for each in self.days[-7:])

    @property
    def received_week_before(self) -> float:
        return sum(each.received for each in self.days[-14:-7])

    @property
    def paced_days(self) -> int:
        """PACE_DAYS, or since the first sound came where that is less, today counted."""
        busy = (number for number, each in enumerate(self.days) if each.received or each.accepted)
        return min(PACE_DAYS, len(self.days) - next(busy, 0))

    @property
    def accepted_per_day(self) -> float:
        """Seconds, over `paced_days`."""
        return sum(each.accepted for each in self.days[-PACE_DAYS:]) / self.paced_days


def forecast(accepted: float, wanted: float, per_day: float, today: date) -> date | None:
    """The day on which `wanted` seconds are accepted if it goes on so; None where it never is, or not in ten years.

    >>> forecast(50.0, 100.0, 10.0, date(2026, 11, 28))
    datetime.date(2026, 12, 3)
    >>> forecast(50.0, 100.0, 0.0, date(2026, 11, 28)) is None
    True
    """
    if accepted >= wanted:
        return today
    if wanted - accepted > per_day * FARTHEST:
        return None
    return today + timedelta(days=ceil((wanted - accepted) / per_day))


def pace(session: Session, project: str, *, now: datetime) -> ProjectPace:
    """Of the last DAYS, by days of India's calendar. Reads what came in them, and no more."""
    today = now.astimezone(ZONE).date()
    first = today - timedelta(days=DAYS - 1)
    since = datetime(first.year, first.month, first.day, tzinfo=ZONE)
    received = _received(session, project, since)
    accepted = _accepted(session, project, since)
    return ProjectPace(
        days=tuple(
            PaceDay(day, received.get(day, 0.0), accepted.get(day, (0.0, 0))[0])
            for day in (first + timedelta(days=number) for number in range(DAYS))
        ),
        cost=_cost(session, project, since, list(accepted.values())),
    )


def _received(session: Session, project: str, since: datetime) -> Mapping[date, float]:
    day = local_day(session, Upload.received_at)
    rows = session.execute(
        select(day, func.sum(Recording.samples * 1.0 / Recording.sample_rate))
        .select_from(Upload)
        .join(Recording, Recording.upload_id == Upload.id)
        .where(Upload.project_id == project, Upload.received_at >= since)
        .group_by(day)
    )
    return {_date(day): float(seconds) for day, seconds in rows}


def _accepted(session: Session, project: str, since: datetime) -> Mapping[date, tuple[float, int]]:
    """Seconds and clips by the day of the first text that was accepted for them."""
    day = local_day(session, Transcript.accepted_at)
    rows = session.execute(
        select(day, func.sum(Clip.seconds), func.count())
        .select_from(Transcript)
        .join(Clip, Clip.id == Transcript.clip_id)
        .where(
            Transcript.accepted_at >= since,
            Transcript.version == 1,
            Clip.project_id == project,
            Clip.state == ClipState.ACCEPTED,
        )
        .group_by(day)
    )
    return {_date(day): (float(seconds), count) for day, seconds, count in rows}


def _cost(session: Session, project: str, since: datetime, accepted: Sequence[tuple[float, int]]) -> HourCost:
    rows = session.execute(
        select(LedgerEntry.work, func.count(), func.sum(LedgerEntry.amount_millis))
        .where(LedgerEntry.project_id == project, LedgerEntry.at >= since)
        .group_by(LedgerEntry.work)
    )
    work = {name: (count, int(millis)) for name, count, millis in rows}
    return HourCost(
        millis=sum(millis for _, millis in work.values()),
        accepted_seconds=sum(seconds for seconds, _ in accepted),
        clips=sum(count for _, count in accepted),
        texts=work.get("transcription", (0, 0))[0],
        reviews=work.get("review", (0, 0))[0],
    )


def _date(given: date | str) -> date:
    return date.fromisoformat(given) if isinstance(given, str) else given
