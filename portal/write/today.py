"""A person's day in figures, for the strip at the head of the write screen."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from catalog.calendar import ZONE
from catalog.states import SubmissionKind
from catalog.tables import Clip, LedgerEntry, Submission, Task
from portal.access.session import Signed
from portal.context import PortalContext
from portal.i18n.formats import Formats
from transcription import pay

_EVER = aliased(Submission)  # of any day


@dataclass(frozen=True, slots=True)
class TodayFigures:
    """The same figures as people of a language write them; earned is empty where nobody is paid through Boli."""

    number: int
    clips: str
    accepted: str
    earned: str


@dataclass(frozen=True, slots=True)
class Today:
    """clips: sent today; accepted_seconds and earned_millis: accepted today, whenever they were sent

    newcomer: whether somebody has never handed in a text
    """

    newcomer: bool
    clips: int
    accepted_seconds: float
    earned_millis: int
    currency: str | None

    def formatted(self, formats: Formats) -> TodayFigures:
        earned = formats.money(self.earned_millis, self.currency) if self.currency else ""
        return TodayFigures(
            self.clips, formats.number(self.clips), formats.hours(self.accepted_seconds), earned
        )


def today(context: PortalContext, signed: Signed, *, now: datetime) -> Today:
    """Since midnight where the portal's people are."""
    midnight = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    handed_in = exists().where(_EVER.person_id == signed.person_id, _EVER.kind != SubmissionKind.DRAFT)
    sent = (
        select(func.count(Submission.task_id.distinct()), handed_in)
        .join(Task, Task.id == Submission.task_id)
        .where(
            Submission.person_id == signed.person_id,
            Submission.created_at >= midnight,
            Submission.kind.in_((SubmissionKind.FINAL, SubmissionKind.LATE)),
            Task.project_id == signed.project,
        )
    )
    owed = (
        select(
            func.coalesce(func.sum(Clip.seconds), 0.0), func.coalesce(func.sum(LedgerEntry.amount_millis), 0)
        )
        .join(Submission, Submission.id == LedgerEntry.subject_id)
        .join(Task, Task.id == Submission.task_id)
        .join(Clip, Clip.id == Task.clip_id)
        .where(
            LedgerEntry.person_id == signed.person_id,
            LedgerEntry.project_id == signed.project,
            LedgerEntry.work == pay.TRANSCRIPTION,
            LedgerEntry.at >= midnight,
        )
    )
    rates = context.project(signed.project).pay
    with context.catalog.reading() as session:
        seconds, millis = session.execute(owed).one()
        clips, before = session.execute(sent).one()
        return Today(not before, clips, seconds, millis, rates.currency if rates else None)
