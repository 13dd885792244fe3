"""Texts of a voice whose consent was taken back: what still comes is counted and paid, and its words are not kept."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from catalog.consent import taken_back
from catalog.states import TaskState
from catalog.tables import Clip, Task


def is_taken_back(session: Session, task: Task) -> bool:
    """Whether a voice in the task's clip was taken back, also where its rows are not stopped yet."""
    return task.state is TaskState.WITHDRAWN or bool(session.scalar(_TAKEN_BACK, {"clip": task.clip_id}))


_TAKEN_BACK = select(taken_back(Clip.recording_id)).where(Clip.id == bindparam("clip"))
