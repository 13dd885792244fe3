"""What is known that speaks against the texts of a task: `plausibility` with the catalogue's facts."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.states import SubmissionKind
from catalog.tables import Assessment, Clip, Submission, Task, Transcript
from transcription import plausibility
from transcription.guideline import Guideline
from transcription.language_fit import LanguageFit, learn
from transcription.plausibility import Earlier, Oddity
from transcription.text import comparison
from transcription.workshop import Workshop

LOOKED_BACK = 30
"""Texts of a person that a new one is held against."""
LEARNT_FROM = 1000
"""Accepted texts of a language, the newest, that its model is made of."""


def oddities(
    session: Session, shop: Workshop, task: Task, texts: Sequence[Submission]
) -> dict[str, tuple[Oddity, ...]]:
    """By submission: what speaks against it; those without a sign are left out."""
    seconds = session.scalars(select(Clip.seconds).where(Clip.id == task.clip_id)).one()
    guideline = shop.guideline_of(task.language)
    found: dict[str, tuple[Oddity, ...]] = {}
    for text in texts:
        said = comparison(text.verbatim, guideline)
        signs = (
            plausibility.pace(said, seconds, guideline.characters_per_second),
            plausibility.language(said, shop.fits.get(task.language)),
            plausibility.unheard(text.active_seconds, seconds),
            plausibility.repeated(text.normalised, task.id, _own(session, text)),
        )
        if told := tuple(sign for sign in signs if sign is not None):
            found[text.id] = told
    return found


def fits_of(session: Session, project: str, guidelines: Mapping[str, Guideline]) -> dict[str, LanguageFit]:
    """A model of each language that has enough accepted texts."""
    found: dict[str, LanguageFit] = {}
    for language, guideline in guidelines.items():
        texts = session.scalars(
            select(Transcript.normalised)
            .join(Clip, Clip.id == Transcript.clip_id)
            .where(Clip.project_id == project, Clip.language == language)
            .order_by(Transcript.accepted_at.desc(), Transcript.id)
            .limit(LEARNT_FROM)
        ).all()
        fit = learn([comparison(text, guideline) for text in texts])
        if fit is not None:
            found[language] = fit
    return found


def _own(session: Session, text: Submission) -> list[Earlier]:
    rows = session.execute(
        select(Submission.task_id, Submission.normalised, Submission.created_at, Assessment.good)
        .outerjoin(Assessment, Assessment.submission_id == Submission.id)
        .where(
            Submission.person_id == text.person_id,
            Submission.kind == SubmissionKind.FINAL,
            Submission.created_at <= text.created_at,
            Submission.id != text.id,
        )
        .order_by(Submission.created_at.desc(), Submission.id)
        .limit(LOOKED_BACK)
    )
    return [
        Earlier(
            text.person_id,
            row.task_id,
            row.normalised,
            (text.created_at - row.created_at).total_seconds(),
            bool(row.good),
        )
        for row in rows
    ]
