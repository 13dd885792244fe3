"""Open a slot at a task: for a transcriber, for a reviewer; and close those that nobody has filled."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from catalog.states import SlotPurpose, SlotState, moved
from catalog.tables import Slot, Task


def slot_id(task_id: str, number: int) -> str:
    """Slots of one task stand side by side in the queue's order, so that begun work is finished first.

    >>> slot_id("task-3f", 1)
    'slot-3f-1'
    """
    return f"slot-{task_id.removeprefix('task-')}-{number}"


def new_slot(task: Task, number: int, purpose: SlotPurpose, priority: int, now: datetime) -> Slot:
    """An open slot, not yet added. number: of the task's slots; priority: smaller is given sooner"""
    return Slot(
        id=slot_id(task.id, number),
        task_id=task.id,
        number=number,
        purpose=purpose,
        project_id=task.project_id,
        language=task.language,
        priority=priority,
        state=SlotState.OPEN,
        holder_id=None,
        token=0,
        leased_at=None,
        expires_at=None,
        created_at=now if purpose is not SlotPurpose.TRANSCRIPTION else task.created_at,
    )


def open_review(
    session: Session, task: Task, slots: Sequence[Slot], purpose: SlotPurpose, now: datetime
) -> None:
    """Make sure that there is one slot for a reviewer at the task. The slots are locked."""
    for slot in slots:
        if slot.purpose is purpose and slot.state in (SlotState.OPEN, SlotState.LEASED):
            return
    for slot in slots:
        if slot.purpose is purpose and slot.state is SlotState.SUBMITTED and purpose is SlotPurpose.REVIEW:
            slot.state = moved(slot.state, SlotState.OPEN)
            slot.holder_id = slot.leased_at = slot.expires_at = None
            session.flush()
            return
    session.add(new_slot(task, len(slots), purpose, task.priority, now))
    session.flush()


def close_unfilled(slots: Sequence[Slot]) -> None:
    """Close the slots that are open or leased: no more work on them is wanted. The slots are locked."""
    for slot in slots:
        if slot.state in (SlotState.OPEN, SlotState.LEASED):
            slot.state = moved(slot.state, SlotState.CLOSED)
            slot.expires_at = None
