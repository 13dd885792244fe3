"""Who wrote a text of a task never decides on it, whatever their roles, and however the text came in."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from catalog.config.sentence import Sentence
from catalog.states import SubmissionKind
from catalog.tables import Review, Submission
from transcription.context import NotAllowed


class NotImpartial(NotAllowed):
    """Somebody was about to decide on a text of their own."""


def has_submitted(session: Session, task_id: str, person_id: str) -> bool:
    """Whether they wrote the clip down: a draft, a finished text or a late one."""
    sent = exists().where(
        Submission.task_id == task_id,
        Submission.person_id == person_id,
        Submission.kind != SubmissionKind.SKIP,
    )
    return bool(session.scalar(select(sent)))


def has_written(session: Session, task_id: str, person_id: str) -> bool:
    """Whether words of theirs are among the texts of a task: they wrote it down, or changed the accepted text."""
    changed = exists().where(
        Review.task_id == task_id,
        Review.reviewer_id == person_id,
        Review.verbatim.is_not(None),
        Review.late.is_(False),
    )
    return has_submitted(session, task_id, person_id) or bool(session.scalar(select(changed)))


def check_impartial(session: Session, task_id: str, person_id: str) -> None:
    """Refuse a decision on a locked task by whoever wrote for it. raises: NotImpartial"""
    if has_written(session, task_id, person_id):
        raise NotImpartial(
            Sentence("nobody decides on a text of their own. Another reviewer decides on this clip.")
        )
