"""What is known that speaks against the texts of a task: `plausibility` with the catalogue's facts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Select, Subquery, bindparam, func, select
from sqlalchemy.orm import Session

from catalog.states import SubmissionKind
from catalog.tables import Assessment, Clip, Recording, Submission, Task, Upload
from transcription.context import ProjectContext
from transcription.decisions import plausibility
from transcription.decisions.plausibility import NEARLY_SAME, Earlier, Oddity
from transcription.text import comparison

LOOKED_BACK = 30
"""Texts of a person that a new one is held against."""
LATELY = timedelta(minutes=10)
OTHERS = 500
"""Texts of others that a new one is held against, at most: the newest."""


def _as_long(newest: Subquery) -> Select[tuple[str, str]]:
    """Of these texts those whose length is near enough for the same words."""
    length = func.length(newest.c.normalised)
    return select(newest.c.id, newest.c.normalised).where(
        length >= bindparam("shortest"), length <= bindparam("longest")
    )


# Asked twice for each text that is judged, and made once: to write them anew costs more than to run them.
_NEWEST = select(Submission.id, Submission.normalised).order_by(Submission.created_at.desc(), Submission.id)
_OWN = _as_long(
    _NEWEST.where(
        Submission.person_id == bindparam("person"),
        Submission.kind == SubmissionKind.FINAL,
        Submission.created_at <= bindparam("at"),
        Submission.id != bindparam("text"),
    )
    .limit(LOOKED_BACK)
    .subquery()
)
_OTHERS = _as_long(
    _NEWEST.where(
        Submission.guideline == bindparam("guideline"),
        Submission.kind == SubmissionKind.FINAL,
        Submission.created_at.between(bindparam("since"), bindparam("at")),
        Submission.person_id != bindparam("person"),
        Submission.task_id != bindparam("task"),
        Submission.id != bindparam("text"),
    )
    .limit(OTHERS)
    .subquery()
)
_SAID = (
    select(
        Submission.id, Submission.person_id, Submission.task_id, Submission.normalised, Submission.created_at
    )
    .where(Submission.id.in_(bindparam("texts", expanding=True)))
    .order_by(Submission.created_at.desc(), Submission.id)
)


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
    return _alike(session, task, text, _OWN, {})


def _others(session: Session, task: Task, text: Submission) -> list[Earlier]:
    """What others finished in the language a moment before that is nearly the same."""
    if not plausibility.tells(text.normalised):
        return []
    lately = {"guideline": text.guideline, "task": task.id, "since": text.created_at - LATELY}
    return _alike(session, task, text, _OTHERS, lately)


def _alike(
    session: Session,
    task: Task,
    text: Submission,
    earlier: Select[tuple[str, str]],
    given: Mapping[str, object],
) -> list[Earlier]:
    """Those of the earlier texts that are nearly the same, of clips that don't answer the same prompt.

    Few are, so only of them more is asked: a sentence that many read aloud is rightly written alike. Most differ in
    length already, which the database sees.
    """
    length = len(text.normalised)
    bounds = {"shortest": int(length * NEARLY_SAME), "longest": int(length / NEARLY_SAME) + 1}
    said = {"person": text.person_id, "at": text.created_at, "text": text.id}
    rows = session.execute(earlier, {**said, **bounds, **given}).all()
    near = [row.id for row in rows if plausibility.nearly_same(text.normalised, row.normalised)]
    if not near:
        return []
    known = _known(session, task, near)
    found = session.execute(_SAID, {"texts": list(known)}).all()
    return [
        Earlier(
            row.person_id,
            row.task_id,
            row.normalised,
            (text.created_at - row.created_at).total_seconds(),
            confirmed=known[row.id],
        )
        for row in found
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
