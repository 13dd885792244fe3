"""A package that came back: every text is a submission of the person who holds the clip, by the same checks.

Handing in the same package again changes nothing: a submission's request id is made of what is submitted.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.ids import content_id
from catalog.tables import AuditEvent, Slot, Submission, Task
from transcription.context import ProjectContext
from transcription.exchange.package import ExchangeError, Item, Package
from transcription.people import StaffMember
from transcription.slots.lease import Hold
from transcription.submission import SubmissionOutcome, submit
from transcription.text.checker import TextFinding


class Fate(StrEnum):
    """What became of a clip of the package."""

    RECEIVED = "received"
    LATE = "late"
    """Kept, and paid if right; the place is somebody else's, or the work has ended."""
    REFUSED = "refused"
    """Kept as a draft: the findings that block must be mended first."""
    EMPTY = "empty"
    """Nothing is written yet: left alone."""
    UNCHANGED = "unchanged"
    """The text that the package left with: left alone, since nobody has said that it is finished."""
    NOT_THEIRS = "not_theirs"
    """The person never held that place: nothing is kept."""


_FATES = {
    SubmissionOutcome.RECEIVED: Fate.RECEIVED,
    SubmissionOutcome.LATE: Fate.LATE,
    SubmissionOutcome.REFUSED: Fate.REFUSED,
}


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One clip of a package, in its order from 1. seconds: where it begins in the sound beside the package."""

    number: int
    clip: str
    seconds: float
    fate: Fate
    message: str
    findings: tuple[TextFinding, ...] = ()
    submission_id: str | None = None


def hand_in(
    context: ProjectContext,
    package: Package,
    person: StaffMember,
    *,
    now: datetime,
    also_unchanged: bool = False,
) -> tuple[HandedIn, ...]:
    """Submit every text of a package as that person's.

    also_unchanged: hand in also texts that stand as they were exported: somebody has read them and they are right
    raises: ExchangeError where the package is another project's or another person's
    """
    if (package.project, package.person) != (context.project.name, person.handle):
        raise ExchangeError(
            f"this package is {package.person}'s of project {package.project}, given {person.handle} of "
            f"{context.project.name}.\nName the person and project that it was exported for."
        )
    return tuple(
        _hand_in(context, item, number, person, now, also_unchanged)
        for number, item in enumerate(package.items, 1)
    )


def _hand_in(
    context: ProjectContext, item: Item, number: int, person: StaffMember, now: datetime, also_unchanged: bool
) -> HandedIn:
    ticket = item.ticket
    seconds = ticket.place.span.start_seconds

    def left(fate: Fate, message: str) -> HandedIn:
        return HandedIn(number, ticket.clip, seconds, fate, message)

    if not item.text.strip():
        return left(Fate.EMPTY, "Nothing is written yet.")
    if not item.changed and not also_unchanged:
        return left(Fate.UNCHANGED, "As it was exported; --also-unchanged hands it in.")
    hold = Hold(ticket.slot, person.id, ticket.token)
    with context.catalog.reading() as session:
        if not _was_given(session, context, item, hold):
            return left(Fate.NOT_THEIRS, f"{person.handle} never held this clip. Export a package for them.")
    rules = context.guideline_of(ticket.language).id  # a text that new rules allow may be handed in again
    request_id = content_id("import", ticket.slot, ticket.token, rules, item.text)
    receipt = submit(context, hold, item.text, request_id=request_id, now=now)
    return HandedIn(
        number,
        ticket.clip,
        seconds,
        _FATES[receipt.outcome],
        receipt.message,
        receipt.findings,
        receipt.submission_id,
    )


def _was_given(session: Session, context: ProjectContext, item: Item, hold: Hold) -> bool:
    """Whether the place is that clip's, and the person holds it or held it once under that token."""
    ticket = item.ticket
    holder = session.execute(
        select(Slot.holder_id)
        .join(Task, Task.id == Slot.task_id)
        .where(
            Slot.id == ticket.slot,
            Slot.project_id == context.project.name,
            Slot.token >= ticket.token,
            Task.id == ticket.task,
            Task.clip_id == ticket.clip,
            Task.language == ticket.language,
        )
    ).one_or_none()
    if holder is None:
        return False
    if holder.holder_id == hold.person_id or _has_sent(session, hold):
        return True
    acts = session.execute(
        select(AuditEvent.actor, AuditEvent.detail).where(
            AuditEvent.subject_kind == "task",
            AuditEvent.subject_id == ticket.task,
            AuditEvent.action.in_(("slot.leased", "slot.taken_over")),
        )
    ).tuples()
    return any(
        hold.person_id in (actor, detail.get("to"))
        and (detail.get("slot"), detail.get("token")) == (hold.slot_id, hold.token)
        for actor, detail in acts
    )


def _has_sent(session: Session, hold: Hold) -> bool:
    sent = select(Submission.id).where(
        Submission.slot_id == hold.slot_id,
        Submission.person_id == hold.person_id,
        Submission.token == hold.token,
    )
    return session.scalar(sent.limit(1)) is not None
