"""Text comparisons: what a person wrote beside the better text, word under word. Their manager sees it, and they do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from catalog.reports import was_reported
from catalog.states import TaskState
from catalog.tables import Assessment, Submission, Task, Transcript
from portal.http.pages import _
from transcription.decisions.consensus import Column, consensus
from transcription.rules.guideline import Guideline

SHOWN = 20
AGAINST = {
    "gold": _("beside a gold clip's text"),
    "review": _("beside a reviewer's text"),
    "consensus": _("beside what several texts have in common"),
    "agreement": _("beside another writer's text"),
    "single": _("beside another writer's text"),
}
"""What a text was held against; see catalog.tables.Assessment."""


@dataclass(frozen=True, slots=True)
class TextComparison:
    """One text of a person beside the better one. error: share of letters; columns: theirs, then the better"""

    submission_id: str
    task_id: str
    task_state: TaskState
    clip_id: str
    language: str
    at: datetime
    against: str
    """As in AGAINST, which has the words for it."""
    error: float
    good: bool
    columns: tuple[Column, ...]

    @property
    def against_words(self) -> str:
        """A message, not translated yet."""
        return AGAINST.get(self.against, self.against)


def text_comparisons(
    session: Session, person_id: str, project: str, guidelines: Mapping[str, Guideline]
) -> Sequence[TextComparison]:
    """The last texts of a person that were held against a better one, newest first."""
    better = aliased(Transcript)
    rows = session.execute(
        select(Assessment, Submission.verbatim, Task.id, Task.state, better.verbatim, better.clip_id)
        .join(Submission, Submission.id == Assessment.submission_id)
        .join(Task, Task.id == Submission.task_id)
        .join(better, better.id == Assessment.transcript_id)
        .where(
            Assessment.person_id == person_id,
            Task.project_id == project,
            Task.state != TaskState.WITHDRAWN,
            ~was_reported(Task.clip_id),
        )
        .order_by(Assessment.at.desc(), Assessment.id)
        .limit(SHOWN)
    )
    return [
        TextComparison(
            submission_id=assessment.submission_id,
            task_id=task_id,
            task_state=task_state,
            clip_id=clip_id,
            language=assessment.language,
            at=assessment.at,
            against=assessment.against,
            error=assessment.error,
            good=assessment.good,
            columns=consensus([theirs, truth], guidelines[assessment.language]).columns,
        )
        for assessment, theirs, task_id, task_state, truth, clip_id in rows
        if assessment.language in guidelines
    ]
