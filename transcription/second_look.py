"""A second look: an accepted text is reviewed once more; who asked, and why. The text stays as it is meanwhile."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.audit_archive.still_asked import SECOND_LOOK_ASKED
from catalog.states import SlotPurpose, SlotState
from catalog.tables import AuditEvent, Slot, Task
from transcription.decisions.grounds import Ground, Why
from transcription.slots.lease import locked_slots
from transcription.slots.opening import open_review


def ask(session: Session, task: Task, *, by: str, why: str, now: datetime, reason: str | None = None) -> None:
    """Open a slot for a reviewer at a locked task. reason: the code that it was reported with"""
    open_review(session, task, locked_slots(session, task.id), SlotPurpose.SECOND_LOOK, now)
    detail = {"why": why, "reason": reason}
    audit.record(
        session, at=now, actor=by, action=SECOND_LOOK_ASKED, subject=("task", task.id), detail=detail
    )


def open_reports(project_id: str) -> Select[tuple[str]]:
    """Clips of which somebody asked for a second look that nobody has had yet; drawn ones are no reports."""
    asked = select(AuditEvent.subject_id).where(
        AuditEvent.subject_kind == "task", AuditEvent.action == SECOND_LOOK_ASKED
    )
    return (
        select(Task.clip_id)
        .join(Slot, Slot.task_id == Task.id)
        .where(
            Task.project_id == project_id,
            Slot.purpose == SlotPurpose.SECOND_LOOK,
            Slot.state.in_((SlotState.OPEN, SlotState.LEASED)),
            Task.id.in_(asked),
        )
    )


def why(session: Session, task_id: str) -> Why:
    """Why the reviewer is asked; of a task that was only drawn there is nothing more to say."""
    asked = session.scalars(
        select(AuditEvent.detail)
        .where(
            AuditEvent.subject_kind == "task",
            AuditEvent.subject_id == task_id,
            AuditEvent.action == SECOND_LOOK_ASKED,
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    ).first()
    if not asked:
        return Why("a second look at what was accepted", (Ground.DRAWN,))
    reason = asked.get("reason")
    return Why(asked["why"], (Ground.SAID if reason else Ground.ASKED,), reason=reason)
