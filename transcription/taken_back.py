"""Texts of a voice whose consent was taken back: what still comes is counted and paid, and its words are not kept."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.consent import taken_back
from catalog.states import TaskState
from catalog.tables import Clip, Task


def is_taken_back(session: Session, task: Task) -> bool:
    """Whether a voice in the task's clip was taken back, also where its rows are not stopped yet."""
    taken = select(taken_back(Clip.recording_id)).where(Clip.id == task.clip_id)
    return task.state is TaskState.WITHDRAWN or bool(session.scalar(taken))
