"""Submissions: what a person sends for a clip, as a draft, as the finished text, or as a skip.

Everything that arrives is kept. Only the holder's finished text, with the newest token, counts; the rest says so
in its receipt. Submitting the same again gives the same receipt.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.consent import ConsentScope, consented
from catalog.reasons import ReasonKind, reason
from catalog.states import ReportKind, SlotPurpose, SlotState, SubmissionKind, TaskState, moved
from catalog.tables import Clip, Skip, Slot, Submission, Task
from transcription import gold
from transcription import text as texts
from transcription.clip_reports.opening import open_report
from transcription.context import NotAllowed, ProjectContext
from transcription.decisions import acceptance, judgement
from transcription.decisions.grounds import Ground
from transcription.decisions.incoming import IncomingSubmission, looked_at, row_of
from transcription.slots.lease import (
    NO_SLOT,
    Hold,
    LeaseLost,
    holds,
    lease_end,
    locked_slot,
    locked_task,
    task_of,
    vacate,
)
from transcription.slots.purpose import WRITING, check_purpose
from transcription.taken_back import is_taken_back
from transcription.text.checker import Severity, TextFinding

LATER = timedelta(hours=8)
"""How long a clip put off for later stays away from whoever put it off."""
SKIPS_TO_REVIEW = 2
"""So many people who say that a clip can't be written down bring it before a reviewer."""
AT_ONCE = frozenset({"offensive", "no_consent_heard"})
"""Reasons that stop work on a clip until a reviewer has looked, whoever gives them first."""
HIDING = frozenset(kind.value for kind in ReportKind)
"""Reasons for which nobody hears the clip until a reviewer has listened (`transcription.clip_reports`)."""
ABOUT_THE_PERSON = frozenset({"not_my_dialect"})
"""Reasons that say nothing against the clip."""
SENT_BEFORE = Sentence("this was sent before with other words. Load the page and send it again.")


# Asked with nearly every request, and made once: to write a statement anew costs more than to run it.
_CONSENTED = select(consented(Clip.recording_id, ConsentScope.TRANSCRIPTION)).where(
    Clip.id == bindparam("clip")
)
_SENT_LAST = (
    select(Submission)
    .where(Submission.task_id == bindparam("task"), Submission.person_id == bindparam("person"))
    .order_by(Submission.created_at.desc(), Submission.token.desc(), Submission.id)
    .limit(1)
)


class SubmissionOutcome(StrEnum):
    """What became of a submission."""

    RECEIVED = "received"
    """The finished text counts."""
    SAVED = "saved"
    """A draft, or a skip, on record."""
    LATE = "late"
    """Kept, but the slot is somebody else's, or the work has ended."""
    REFUSED = "refused"
    """Kept as a draft: the findings that block must be mended first."""


class SkipMode(StrEnum):
    """Who the clip goes to after a skip."""

    OTHERS = "others"
    ME_LATER = "me_later"
    REVIEWER = "reviewer"


@dataclass(frozen=True, slots=True)
class SubmissionReceipt:
    """What a device gets for what it sent: it may forget the text once it has this."""

    submission_id: str
    outcome: SubmissionOutcome
    message: str
    findings: tuple[TextFinding, ...]
    expires_at: datetime | None
    """The end of the lease where it goes on."""


def save_draft(
    context: ProjectContext, hold: Hold, verbatim: str, *, request_id: str, now: datetime
) -> SubmissionReceipt:
    """Keep words on the way. A sign of life as well: the lease lasts on.

    Without a lease they are kept all the same, and the receipt says that the slot is lost.
    raises: NotAllowed where a request id returns with another text
    """
    incoming = IncomingSubmission(
        hold, SubmissionKind.DRAFT, texts.verbatim(verbatim), f"draft {request_id}", now
    )
    with context.catalog.writing() as session:
        task, slot = locked(session, context, hold)
        held = holds(slot, hold)
        if held:
            slot.expires_at = lease_end(slot, context, now)
        sent = sent_before(session, task, incoming) or _same_draft(session, task, incoming)
        sent = sent or keep(session, context, task, incoming)
        if not held:
            return SubmissionReceipt(sent.id, SubmissionOutcome.LATE, _late_message(slot), (), None)
        return SubmissionReceipt(sent.id, SubmissionOutcome.SAVED, "Saved.", (), slot.expires_at)


def submit(
    context: ProjectContext,
    hold: Hold,
    verbatim: str,
    *,
    request_id: str,
    now: datetime,
    active_seconds: float | None = None,
) -> SubmissionReceipt:
    """Hand in the finished text of a clip.

    request_id:     the device's own id of this submission; sending it again gives the same receipt
    active_seconds: how long the person was at it, pauses left out
    raises: LeaseLost where there is no such slot; NotAllowed where a request id returns with another text
    """
    incoming = IncomingSubmission(
        hold,
        SubmissionKind.FINAL,
        texts.verbatim(verbatim),
        f"submit {request_id}",
        now,
        active_seconds=active_seconds,
    )
    incoming, weighed = looked_at(context, incoming)
    with context.catalog.writing() as session:
        task, slot = locked(session, context, hold)
        if sent := sent_before(session, task, incoming):
            return _receipt(sent, slot, incoming.findings)
        if not holds(slot, hold):
            if sent := _same_final(session, incoming):
                return _receipt(sent, slot, incoming.findings)  # the button was pressed twice
            return _late(session, context, task, slot, incoming)
        if not _may_be_used(session, task):
            return _late(session, context, task, slot, incoming)
        if incoming.is_faulty:
            slot.expires_at = lease_end(slot, context, now)
            sent = keep(session, context, task, replace(incoming, kind=SubmissionKind.DRAFT))
            return _receipt(sent, slot, incoming.findings)
        sent = keep(session, context, task, incoming)
        slot.state = moved(slot.state, SlotState.SUBMITTED)
        slot.expires_at = None
        session.flush()
        if slot.purpose is SlotPurpose.TRANSCRIPTION:
            judgement.judge(session, context, task, now=now, weighed=weighed)
        elif slot.purpose is SlotPurpose.GOLD:
            gold.score(session, context, task, sent, now=now)
        return _receipt(sent, slot, incoming.findings)


def skip(
    context: ProjectContext, hold: Hold, *, reason_code: str, mode: SkipMode, request_id: str, now: datetime
) -> SubmissionReceipt:
    """Pass a clip on, with a reason of the list for people.

    The person isn't given it again (or not before a while: ME_LATER). Two different people who can't write it
    down, one who finds something that must not be published, or one who asks for it, bring it to a reviewer.
    """
    why = reason(reason_code)
    if why.kind is not ReasonKind.PERSON:
        raise NotAllowed(
            Sentence("a clip is skipped for one of the reasons that are offered. Choose one of them.")
        )
    incoming = IncomingSubmission(
        hold, SubmissionKind.SKIP, "", f"skip {request_id}", now, reason=reason_code
    )
    with context.catalog.writing() as session:
        task, slot = locked(session, context, hold)
        if sent := sent_before(session, task, incoming):
            return SubmissionReceipt(sent.id, SubmissionOutcome.SAVED, why.sentence, (), None)
        sent = keep(session, context, task, incoming)
        remember_skip(session, task, incoming, mode)
        if not holds(slot, hold):
            return SubmissionReceipt(sent.id, SubmissionOutcome.LATE, _late_message(slot), (), None)
        vacate(slot)
        session.flush()
        if reason_code in HIDING:
            open_report(session, task.clip_id, ReportKind(reason_code), by=hold.person_id, now=now)
        elif slot.purpose is SlotPurpose.TRANSCRIPTION and _needs_a_reviewer(
            session, task, reason_code, mode
        ):
            judgement.to_review_now(
                session,
                context,
                task,
                by=hold.person_id,
                why=f"skipped: {why.sentence}",
                now=now,
                ground=Ground.SAID,
                reason=reason_code,
            )
        return SubmissionReceipt(sent.id, SubmissionOutcome.SAVED, why.sentence, (), None)


def remember_skip(session: Session, task: Task, incoming: IncomingSubmission, mode: SkipMode) -> None:
    """The queue gives the task to this person no more, or not before a while."""
    assert incoming.reason is not None
    known = session.get(Skip, (incoming.hold.person_id, task.id))
    if known is None:
        known = Skip(person_id=incoming.hold.person_id, task_id=task.id)
        session.add(known)
    known.reason, known.at = incoming.reason, incoming.now
    known.until = incoming.now + LATER if mode is SkipMode.ME_LATER else None


def _needs_a_reviewer(session: Session, task: Task, code: str, mode: SkipMode) -> bool:
    if code in AT_ONCE or mode is SkipMode.REVIEWER:
        return True
    if mode is SkipMode.ME_LATER or code in ABOUT_THE_PERSON:
        return False
    others = select(func.count()).where(
        Skip.task_id == task.id, Skip.until.is_(None), Skip.reason.not_in(ABOUT_THE_PERSON)
    )
    return (session.scalar(others) or 0) >= SKIPS_TO_REVIEW


def locked(session: Session, context: ProjectContext, hold: Hold) -> tuple[Task, Slot]:
    """The task and the slot of a writer's hold, for this transaction alone.

    raises: LeaseLost where there is none; NotOfProject; WrongPurpose for a reviewer's slot
    """
    task = locked_task(session, task_of(session, hold.slot_id))
    slot = locked_slot(session, hold.slot_id)
    if slot is None:
        raise LeaseLost(NO_SLOT)
    context.check_own(slot.project_id)
    check_purpose(slot, WRITING)
    return task, slot


def _may_be_used(session: Session, task: Task) -> bool:
    if task.state in (TaskState.WITHDRAWN, TaskState.REJECTED):
        return False
    return bool(session.scalar(_CONSENTED, {"clip": task.clip_id}))


def sent_before(session: Session, task: Task, incoming: IncomingSubmission) -> Submission | None:
    """What the same request brought the first time."""
    sent = session.get(Submission, incoming.id_at(task))
    if sent is not None and sent.verbatim != incoming.verbatim and not is_taken_back(session, task):
        raise NotAllowed(SENT_BEFORE)
    return sent


def _same_draft(session: Session, task: Task, incoming: IncomingSubmission) -> Submission | None:
    """The person's last words for this clip, if nothing has changed since: saved again, they take no new row."""
    last = session.scalars(_SENT_LAST, {"task": task.id, "person": incoming.hold.person_id}).first()
    if last is None or last.kind is not SubmissionKind.DRAFT or last.token != incoming.hold.token:
        return None
    return last if last.verbatim == incoming.verbatim else None


def _same_final(session: Session, incoming: IncomingSubmission) -> Submission | None:
    return session.scalars(
        select(Submission).where(
            Submission.slot_id == incoming.hold.slot_id,
            Submission.person_id == incoming.hold.person_id,
            Submission.token == incoming.hold.token,
            Submission.kind == SubmissionKind.FINAL,
            Submission.verbatim == incoming.verbatim,
        )
    ).first()


def _late(
    session: Session, context: ProjectContext, task: Task, slot: Slot, incoming: IncomingSubmission
) -> SubmissionReceipt:
    sent = keep(session, context, task, replace(incoming, kind=SubmissionKind.LATE))
    if task.state is TaskState.ACCEPTED:
        acceptance.recognise_late(session, context, task, now=incoming.now)
    return _receipt(sent, slot, incoming.findings)


def keep(session: Session, context: ProjectContext, task: Task, incoming: IncomingSubmission) -> Submission:
    """Add it to what was sent for a locked task; of a voice that was taken back without its words."""
    if is_taken_back(session, task):
        incoming = replace(incoming, verbatim="", findings=())
    sent = row_of(context, task, incoming)
    session.add(sent)
    if incoming.kind is not SubmissionKind.DRAFT:  # a draft is a row of its own already, and there are many
        audit.record(
            session,
            at=incoming.now,
            actor=incoming.hold.person_id,
            action=f"submission.{incoming.kind.value}",
            subject=("task", task.id),
            detail={"submission": sent.id, "guideline": sent.guideline, "reason": incoming.reason},
        )
    session.flush()
    return sent


def _receipt(sent: Submission, slot: Slot, findings: tuple[TextFinding, ...]) -> SubmissionReceipt:
    """What was said about a text when it came is said again when it comes again."""
    match sent.kind:
        case SubmissionKind.FINAL:
            return SubmissionReceipt(sent.id, SubmissionOutcome.RECEIVED, "Received.", findings, None)
        case SubmissionKind.LATE:
            return SubmissionReceipt(sent.id, SubmissionOutcome.LATE, _late_message(slot), findings, None)
        case _:
            errors = [finding.message for finding in findings if finding.severity is Severity.ERROR]
            return SubmissionReceipt(
                sent.id, SubmissionOutcome.REFUSED, " ".join(errors), findings, slot.expires_at
            )


def _late_message(slot: Slot) -> str:
    if slot.state is SlotState.CLOSED:
        return "Kept, but nobody works on this clip any longer. If the text is right, it is still paid."
    return "Kept, but this clip was given to somebody else meanwhile. If the text is right, it is still paid."
