"""Appeals: a writer asks for a second look at the accepted text beside which theirs was found not good."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.audit_archive.still_asked import SECOND_LOOK_ASKED
from catalog.config.sentence import Sentence
from catalog.tables import Assessment, AuditEvent, Submission
from transcription import review
from transcription.context import NotAllowed, ProjectContext


def appeal(context: ProjectContext, submission_id: str, *, person_id: str, why: str, now: datetime) -> None:
    """Another reviewer decides; the accepted text stays meanwhile. Once for each clip.

    Raises NotAllowed for a text that is not theirs, that was not found bad, or of a clip that they asked about before.
    """
    with context.catalog.reading() as session:
        task_id = session.scalar(
            select(Submission.task_id)
            .join(Assessment, Assessment.submission_id == Submission.id)
            .where(
                Submission.id == submission_id,
                Submission.person_id == person_id,
                Assessment.good.is_(False),
                Assessment.against != "gold",
            )
        )
        if task_id is None:
            raise NotAllowed(Sentence("this is no text of yours that was found to differ from a better one."))
        if appealed(session, person_id, [task_id]):
            raise NotAllowed(Sentence("You asked for a second look at this clip before; it is decided once."))
    review.look_again(context, task_id, by=person_id, why=why, now=now)


def appealed(session: Session, person_id: str, task_ids: Collection[str]) -> frozenset[str]:
    """Of these tasks, the ones that the person has asked a second look at."""
    return frozenset(
        session.scalars(
            select(AuditEvent.subject_id).where(
                AuditEvent.subject_kind == "task",
                AuditEvent.subject_id.in_(task_ids),
                AuditEvent.action == SECOND_LOOK_ASKED,
                AuditEvent.actor == person_id,
            )
        )
    )
