"""What is known that speaks against the texts of a task: `plausibility` with the catalogue's facts."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.states import SubmissionKind
from catalog.tables import Assessment, Clip, Recording, Submission, Task, Upload
from transcription.context import ProjectContext
from transcription.decisions import plausibility
from transcription.decisions.plausibility import Earlier, Oddity
from transcription.text import comparison

LOOKED_BACK = 30
"""Texts of a person that a new one is held against."""
LATELY = timedelta(minutes=10)
OTHERS = 500
"""Texts of others that a new one is held against, at most: the newest."""

_Row = tuple[str, str, str, str, datetime]
"""Id, author, task, normalised text and time of a submission."""


def oddities(
    session: Session, context: ProjectContext, task: Task, texts: Sequence[Submission]
) -> dict[str, tuple[Oddity, ...]]:
    """By submission: what speaks against it; those without a sign are left out."""
    seconds = session.scalars(select(Clip.seconds).where(Clip.id == task.clip_id)).one()
    guideline = context.guideline_of(task.language)
    found: dict[str, tuple[Oddity, ...]] = {}
    for text in texts:
        said = comparison(text.verbatim, guideline)
        signs = (
            plausibility.pace(said, seconds, guideline.characters_per_second),
            plausibility.language(said, context.language_models.get(task.language)),
            plausibility.unheard(text.active_seconds, seconds),
            plausibility.repeated(text.normalised, task.id, _own(session, task, text)),
            plausibility.copied(
                text.normalised,
                task.id,
                text.person_id,
                _others(session, task, text),
                within=LATELY.total_seconds(),
            ),
        )
        if signs_found := tuple(sign for sign in signs if sign is not None):
            found[text.id] = signs_found
    return found


def _own(session: Session, task: Task, text: Submission) -> list[Earlier]:
    """What the author finished before that is nearly the same."""
    rows = session.execute(
        select(
            Submission.id,
            Submission.person_id,
            Submission.task_id,
            Submission.normalised,
            Submission.created_at,
        )
        .where(
            Submission.person_id == text.person_id,
            Submission.kind == SubmissionKind.FINAL,
            Submission.created_at <= text.created_at,
            Submission.id != text.id,
        )
        .order_by(Submission.created_at.desc(), Submission.id)
        .limit(LOOKED_BACK)
    ).tuples()
    return _alike(session, task, text, rows.all())


def _others(session: Session, task: Task, text: Submission) -> list[Earlier]:
    """What others finished in the language a moment before that is nearly the same."""
    if not plausibility.tells(text.normalised):
        return []
    rows = session.execute(
        select(
            Submission.id,
            Submission.person_id,
            Submission.task_id,
            Submission.normalised,
            Submission.created_at,
        )
        .where(
            Submission.guideline == text.guideline,
            Submission.kind == SubmissionKind.FINAL,
            Submission.created_at.between(text.created_at - LATELY, text.created_at),
            Submission.person_id != text.person_id,
            Submission.task_id != task.id,
        )
        .order_by(Submission.created_at.desc(), Submission.id)
        .limit(OTHERS)
    ).tuples()
    return _alike(session, task, text, rows.all())


def _alike(session: Session, task: Task, text: Submission, rows: Sequence[_Row]) -> list[Earlier]:
    """Those of the rows that are nearly the same text, of clips that don't answer the same prompt.

    Few are, so only of them more is asked: a sentence that many read aloud is rightly written alike.
    """
    near = [row for row in rows if plausibility.nearly_same(text.normalised, row[3])]
    if not near:
        return []
    known = _known(session, task, [row[0] for row in near])
    return [
        Earlier(
            person_id, task_id, words, (text.created_at - at).total_seconds(), confirmed=known[submission_id]
        )
        for submission_id, person_id, task_id, words, at in near
        if submission_id in known
    ]


def _known(session: Session, task: Task, submissions: Collection[str]) -> dict[str, bool]:
    """Of the project's texts that count: was it found right?"""
    prompt, recording = session.execute(
        select(Upload.prompt, Recording.id)
        .join(Recording, Recording.upload_id == Upload.id)
        .join(Clip, Clip.recording_id == Recording.id)
        .where(Clip.id == task.clip_id)
    ).one()
    rows = session.execute(
        select(Submission.id, Upload.prompt, Recording.id.label("recording"), Assessment.good)
        .join(Task, Task.id == Submission.task_id)
        .join(Clip, Clip.id == Task.clip_id)
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .outerjoin(Assessment, Assessment.submission_id == Submission.id)
        .where(Submission.id.in_(submissions), Task.project_id == task.project_id)
    ).all()
    return {
        row.id: bool(row.good)
        for row in rows
        if prompt is None or row.prompt != prompt or row.recording == recording
    }
