"""The accepted clips of a project as the catalogue streams them: each with the text and the alignment that hold."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from catalog.age import awaits_adult_yes
from catalog.alignments import holds_first
from catalog.consent import ConsentScope, consented
from catalog.states import AlignmentState, ClipState, SubmissionKind
from catalog.tables import (
    Alignment,
    Clip,
    DraftShown,
    MachineDraft,
    Recording,
    Submission,
    Task,
    Transcript,
    Upload,
)

Rendition = Literal["cut", "clean"]
AT_A_TIME = 1_000
"""Clips that are held of the catalogue's answer: on PostgreSQL a cursor of the server's."""


class HeldText(NamedTuple):
    """The text of a clip that holds. first_accepted_at: of the clip's first one; writers: who sent a finished text

    draft_model, draft: of the machine draft that a writer began with; None where nobody did
    """

    id: str
    normalised: str
    verbatim: str
    origin: str
    cer: float | None
    guideline: str
    accepted_at: datetime
    first_accepted_at: datetime
    writers: int
    draft_model: str | None
    draft: str | None


class HeldAlignment(NamedTuple):
    """The alignment of that text that holds and is not stale: a person's, else the newest."""

    aligner: str
    state: AlignmentState
    score: float | None
    words: list[dict[str, Any]]


class AcceptedClip(NamedTuple):
    """One clip, columns only."""

    id: str
    language: str
    start: int
    end: int
    seconds: float
    recipe: str
    measures: Mapping[str, Any]
    audio_key: str
    audio_sha256: str
    recording: str
    original_rate: int
    codec: str
    channels: int
    recording_measures: Mapping[str, Any] | None
    device: str | None
    recorded_on: date | None
    received_at: datetime
    prompt: str | None
    may_be_published: bool
    for_these_purposes: bool
    came_of_age: bool
    text: HeldText | None
    alignment: HeldAlignment | None


_OF_CLIP = len(AcceptedClip._fields) - 2
_OF_TEXT = len(HeldText._fields)


def accepted_clips(
    session: Session, project_id: str, rendition: Rendition, agreed: ColumnElement[bool]
) -> Iterator[AcceptedClip]:
    """Every accepted clip once, in no order.

    agreed: whether every voice of a clip said yes to what the dataset is given out for
    """
    answer = session.execute(_statement(project_id, rendition, agreed).execution_options(yield_per=AT_A_TIME))
    for values in answer:
        text, alignment = values[_OF_CLIP : _OF_CLIP + _OF_TEXT], values[_OF_CLIP + _OF_TEXT :]
        yield AcceptedClip._make(
            (
                *values[:_OF_CLIP],
                HeldText._make(text) if text[0] is not None else None,
                HeldAlignment._make(alignment) if alignment[0] is not None else None,
            )
        )


def _statement(project_id: str, rendition: Rendition, agreed: ColumnElement[bool]) -> Select[Any]:
    first, other, later = aliased(Transcript), aliased(Transcript), aliased(Alignment)
    first_accepted = select(func.min(first.accepted_at)).where(first.clip_id == Clip.id).scalar_subquery()
    writers = (
        select(func.count(Submission.person_id.distinct()))
        .join(Task, Task.id == Submission.task_id)
        .where(Task.clip_id == Clip.id, Submission.kind == SubmissionKind.FINAL)
        .scalar_subquery()
    )
    newest = select(func.max(other.version)).where(other.clip_id == Clip.id).scalar_subquery()
    holding = (
        select(later.id)
        .where(later.transcript_id == Transcript.id, later.state != AlignmentState.STALE)
        .order_by(*holds_first(later))
        .limit(1)
        .scalar_subquery()
    )
    shown = (
        select(MachineDraft.clip_id, MachineDraft.model, MachineDraft.text)
        .join(DraftShown, DraftShown.draft_id == MachineDraft.id)
        .subquery()
    )
    cut = rendition == "cut"
    return (
        select(
            *(Clip.id, Clip.language, Clip.start, Clip.end, Clip.seconds, Clip.recipe_id, Clip.measures),
            *((Clip.cut_key, Clip.cut_sha256) if cut else (Clip.clean_key, Clip.clean_sha256)),
            *(Recording.id, Recording.sample_rate, Recording.codec, Recording.channels, Recording.measures),
            *(Recording.device, Recording.recorded_on),
            *(Upload.received_at, Upload.prompt),
            *(consented(Clip.recording_id, ConsentScope.PUBLICATION), agreed),
            awaits_adult_yes(Clip.recording_id),
            *(Transcript.id, Transcript.normalised, Transcript.verbatim, Transcript.origin, Transcript.cer),
            *(Transcript.guideline, Transcript.accepted_at, first_accepted, writers),
            *(shown.c.model, shown.c.text),
            *(Alignment.aligner, Alignment.state, Alignment.score, Alignment.words),
        )
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .outerjoin(Transcript, and_(Transcript.clip_id == Clip.id, Transcript.version == newest))
        .outerjoin(Alignment, Alignment.id == holding)
        .outerjoin(shown, shown.c.clip_id == Clip.id)
        .where(Clip.project_id == project_id, Clip.state == ClipState.ACCEPTED)
    )
