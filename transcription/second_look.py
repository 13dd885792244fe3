"""An accepted text is looked at once more: who asked, and why. The text stays as it is meanwhile."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.states import SlotPurpose
from catalog.tables import AuditEvent, Task
from transcription.judgement import open_review
from transcription.lease import locked_places

ASKED = "review.asked"


def ask(session: Session, task: Task, *, by: str, why: str, now: datetime) -> None:
    """Open a place for a reviewer at a locked task."""
    open_review(session, task, locked_places(session, task.id), SlotPurpose.SECOND_LOOK, now)
    audit.record(session, at=now, actor=by, action=ASKED, subject=("task", task.id), detail={"why": why})


def because(session: Session, task_id: str) -> str:
    """What the reviewer is told; of a task that was only drawn nothing more is to be told."""
    asked = session.scalars(
        select(AuditEvent.detail)
        .where(
            AuditEvent.subject_kind == "task",
            AuditEvent.subject_id == task_id,
            AuditEvent.action == ASKED,
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    ).first()
    told = "a second look at what was accepted"
    return f"{told}: {asked['why']}" if asked else told
