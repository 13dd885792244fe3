"""Clips chosen for the correction of a model: drawn by chance, or those of which it was the least sure.

Correcting a model is the queue's own work: a clip has its one task, with the same second opinions, review, pay and
blind share. A correction only says which model's text stands in the editor, and gives the clip its turn. An accepted
text stands beside what the model heard without anybody's further work.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, case, exists, func, select, update
from sqlalchemy.orm import Session

from catalog import audit
from catalog.consent import ConsentScope, consented
from catalog.ids import content_id
from catalog.reports import hidden_clips
from catalog.states import ChosenBy, SlotPurpose, SlotState, SubmissionKind, TaskState
from catalog.tables import Clip, Correction, MachineDraft, Slot, Submission, Task
from transcription.slots.lease import locked_task

FIRST = -10
"""Their priority in the queue: before all that coverage orders."""
AT_A_TIME = 500
"""Ids in one question to the catalogue."""
Stage = Literal["written", "waiting", "in_hand"]
"""Whether a text is accepted, nobody has begun, or people are at it."""


@dataclass(frozen=True, slots=True)
class DrawnClip:
    """A clip that a model may be corrected by. heard: whether the model has heard it already"""

    id: str
    seconds: float
    key: str
    sha256: str
    stage: Stage
    heard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Which clips are wanted. stages: None for all"""

    project_id: str
    language: str
    model: str
    chosen_by: ChosenBy
    stages: frozenset[Stage] | None = None


def corrections_of(session: Session, draw: Draw) -> int:
    """How many clips were chosen so before."""
    return session.scalar(select(func.count()).select_from(Correction).where(*_chosen(draw))) or 0


def drawn(session: Session, draw: Draw, count: int) -> list[DrawnClip]:
    """The next clips by chance, at most so many: not those chosen before, nor those that the model can't hear.

    Ids of clips are hashes, so that those which follow a chance id are a chance sample; the same is drawn again
    however often anybody asks, and a larger sample holds the smaller one.
    """
    start = content_id("clip", "draw", draw.model, draw.chosen_by.value)
    clips: list[DrawnClip] = []
    for side in (Clip.id >= start, Clip.id < start):
        rows = session.execute(_drawable(draw).where(side).order_by(Clip.id).limit(count - len(clips)))
        clips += [DrawnClip(*row) for row in rows]
    return clips


def least_sure(session: Session, model: str, clips: Sequence[DrawnClip], count: int) -> list[DrawnClip]:
    """Of clips that a model has heard, those that it was the least sure of, the least first.

    Those in which it heard nothing are left out, and those of which it doesn't say how sure it is.
    """
    sure: dict[str, float] = {}
    for some in _parts([clip.id for clip in clips]):
        query = select(MachineDraft.clip_id, MachineDraft.confidence).where(
            MachineDraft.model == model,
            MachineDraft.clip_id.in_(some),
            MachineDraft.text != "",
            MachineDraft.confidence.is_not(None),
        )
        sure.update({row.clip_id: row.confidence for row in session.execute(query)})
    known = [clip for clip in clips if clip.id in sure]
    return sorted(known, key=lambda clip: (sure[clip.id], clip.id))[:count]


@dataclass(frozen=True, slots=True)
class CorrectionCount:
    """Clips that were chosen so for one model. written: those whose text is accepted by now"""

    language: str
    model: str
    chosen_by: ChosenBy
    clips: int
    written: int


def correction_counts(session: Session, project_id: str) -> list[CorrectionCount]:
    """What was asked for in a project, by language, model and choice, in order."""
    columns = (Correction.language, Correction.model, Correction.chosen_by)
    written = func.sum(case((Task.state == TaskState.ACCEPTED, 1), else_=0))
    rows = session.execute(
        select(*columns, func.count(), written)
        .join(Task, Task.clip_id == Correction.clip_id)
        .where(Correction.project_id == project_id)
        .group_by(*columns)
        .order_by(*columns)
    )
    return [CorrectionCount(*row) for row in rows]


def heard_by(session: Session, model: str, clip_ids: Collection[str]) -> set[str]:
    """Of these clips, those of which a model has made something."""
    found: set[str] = set()
    for some in _parts(sorted(clip_ids)):
        query = select(MachineDraft.clip_id).where(
            MachineDraft.model == model, MachineDraft.clip_id.in_(some), MachineDraft.fault.is_(None)
        )
        found.update(session.scalars(query))
    return found


def ask_for_correction(session: Session, draw: Draw, clip_id: str, *, actor: str, now: datetime) -> bool:
    """Note a clip, and give it its turn where nobody has begun it.

    False where it was asked for before, or its voice was taken back meanwhile.
    """
    correction_id = content_id("correction", clip_id, draw.model, draw.chosen_by.value)
    task_id = session.scalar(select(Task.id).where(Task.clip_id == clip_id))
    if task_id is None:
        return False
    task = locked_task(session, task_id)
    allowed = select(consented(Clip.recording_id, ConsentScope.TRANSCRIPTION)).where(Clip.id == clip_id)
    if session.get(Correction, correction_id) is not None or not session.scalar(allowed):
        return False
    session.add(
        Correction(
            id=correction_id,
            project_id=draw.project_id,
            language=draw.language,
            clip_id=clip_id,
            model=draw.model,
            chosen_by=draw.chosen_by,
            at=now,
        )
    )
    if task.state is TaskState.OPEN and not _is_begun(session, task_id):
        task.priority, task.why_now = FIRST, f"to correct what {draw.model} heard"
        session.execute(
            update(Slot)
            .where(
                Slot.task_id == task_id,
                Slot.state == SlotState.OPEN,
                Slot.purpose == SlotPurpose.TRANSCRIPTION,
            )
            .values(priority=FIRST)
        )
    audit.record(
        session,
        at=now,
        actor=actor,
        action="clip.correction_asked",
        subject=("clip", clip_id),
        detail={"model": draw.model, "chosen_by": draw.chosen_by.value},
    )
    session.flush()
    return True


def _chosen(draw: Draw) -> tuple[ColumnElement[bool], ...]:
    return (
        Correction.project_id == draw.project_id,
        Correction.language == draw.language,
        Correction.model == draw.model,
        Correction.chosen_by == draw.chosen_by,
    )


def _drawable(draw: Draw) -> Select[tuple[str, float, str, str, Stage, bool]]:
    of_model = (MachineDraft.clip_id == Clip.id, MachineDraft.model == draw.model)
    before = exists().where(
        Correction.clip_id == Clip.id,
        Correction.model == draw.model,
        Correction.chosen_by == draw.chosen_by,
    )
    query = (
        select(Clip.id, Clip.seconds, Clip.cut_key, Clip.cut_sha256, _STAGE, exists().where(*of_model))
        .join(Task, Task.clip_id == Clip.id)
        .where(
            Task.project_id == draw.project_id,
            Task.language == draw.language,
            Task.state.not_in((TaskState.REJECTED, TaskState.WITHDRAWN)),
            consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
            Clip.id.not_in(hidden_clips(draw.project_id)),
            ~before,
            ~exists().where(*of_model, MachineDraft.fault.is_not(None)),
        )
    )
    return query if draw.stages is None else query.where(_STAGE.in_(draw.stages))


_BEGUN = exists().where(Submission.task_id == Task.id, Submission.kind == SubmissionKind.FINAL)
_STAGE: ColumnElement[Stage] = case(
    (Task.state == TaskState.ACCEPTED, "written"),
    ((Task.state == TaskState.OPEN) & ~_BEGUN, "waiting"),
    else_="in_hand",
)


def _is_begun(session: Session, task_id: str) -> bool:
    query = select(Submission.id).where(
        Submission.task_id == task_id, Submission.kind == SubmissionKind.FINAL
    )
    return session.scalar(query.limit(1)) is not None


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), AT_A_TIME):
        yield ids[start : start + AT_A_TIME]
