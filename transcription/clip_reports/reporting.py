"""Reports of clips that must not simply go on: insults, personal information, another language, no consent.

A report is heard whoever brings it and whenever: also of somebody whose time is over, also of a gold clip whose text
was accepted long ago. Work on the clip stops until a reviewer has looked; what people have written for it is kept.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.reasons import reason
from catalog.states import ReportKind, SubmissionKind, TaskState
from catalog.tables import AuditEvent, Slot, Task
from transcription import second_look
from transcription.clip_reports.opening import open_report
from transcription.context import NotAllowed, ProjectContext
from transcription.decisions import judgement
from transcription.decisions.grounds import Ground
from transcription.decisions.incoming import IncomingSubmission
from transcription.slots.lease import Hold, holds, vacate
from transcription.submission import (
    HIDING,
    SkipMode,
    SubmissionOutcome,
    SubmissionReceipt,
    keep,
    locked,
    remember_skip,
    sent_before,
)

REPORTS = (*sorted(HIDING), "offensive", "wrong_language", "no_consent_heard")
"""Codes of catalog.reasons that a clip is reported for."""


def report(
    context: ProjectContext, hold: Hold, *, reason_code: str, request_id: str, now: datetime
) -> SubmissionReceipt:
    """Bring a clip before a reviewer at once. The person isn't given it again; their drafts stay.

    Reporting again gives the same receipt. Work that others have begun on the clip ends; what they still send is kept
    as late, and paid if it is right. An accepted text stays as it is, and gets a second look. Where somebody else, or
    what nobody should know, is heard, the clip is hidden instead; its work goes on where it was once that is mended.
    raises: NotAllowed for another code; TooManyReports; LeaseLost where there is no such slot
    """
    if reason_code not in REPORTS:
        raise NotAllowed(
            Sentence("a clip is reported for one of the reasons that are offered. Else skip it.")
        )
    why = reason(reason_code).sentence
    incoming = IncomingSubmission(
        hold, SubmissionKind.SKIP, "", f"report {request_id}", now, reason=reason_code
    )
    with context.catalog.writing() as session:
        task, slot = locked(session, context, hold)
        held = holds(slot, hold)
        known = sent_before(session, task, incoming)
        if known is not None:
            return SubmissionReceipt(known.id, SubmissionOutcome.SAVED, why, (), None)
        if not _was_given(session, task, slot, hold):
            raise NotAllowed(Sentence("only who was given a clip reports it."))
        sent = keep(session, context, task, incoming)
        remember_skip(session, task, incoming, SkipMode.OTHERS)
        if held:
            vacate(slot)
            session.flush()
        audit.record(
            session,
            at=now,
            actor=hold.person_id,
            action="clip.reported",
            subject=("task", task.id),
            detail={"reason": reason_code, "submission": sent.id, "task": task.state.value},
        )
        if reason_code not in HIDING:
            _bring_to_review(session, context, task, hold.person_id, reason_code, why, now)
        elif task.state not in (TaskState.REJECTED, TaskState.WITHDRAWN):
            open_report(session, task.clip_id, ReportKind(reason_code), by=hold.person_id, now=now)
        return SubmissionReceipt(sent.id, SubmissionOutcome.SAVED, why, (), None)


def _bring_to_review(
    session: Session, context: ProjectContext, task: Task, by: str, code: str, why: str, now: datetime
) -> None:
    message = f"reported: {why}"
    if task.state is TaskState.ACCEPTED:
        second_look.ask(session, task, by=by, why=message, reason=code, now=now)
    else:  # in review already, rejected and withdrawn ones stay where they are
        judgement.to_review_now(
            session, context, task, by=by, why=message, now=now, ground=Ground.SAID, reason=code
        )


def _was_given(session: Session, task: Task, slot: Slot, hold: Hold) -> bool:
    if slot.holder_id == hold.person_id:
        return True
    given = select(AuditEvent.id).where(
        AuditEvent.subject_kind == "task",
        AuditEvent.subject_id == task.id,
        AuditEvent.action == "slot.leased",
        AuditEvent.actor == hold.person_id,
    )
    return session.scalar(given.limit(1)) is not None
