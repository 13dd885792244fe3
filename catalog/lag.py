"""Lag: how much waits for each step of the way, and since when; what metrics and alarms are made of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog.consent import ConsentScope, consented
from catalog.legal_hold import is_held
from catalog.states import AlignmentState, ClipState, RecordingState, UploadState
from catalog.tables import (
    Alignment,
    Clip,
    Erasure,
    Recording,
    Speaker,
    Transcript,
    Upload,
    VerdictDue,
)


class Step(StrEnum):
    """What is done without people, in its order."""

    LISTEN = "listen"
    """The verdict on a file seconds after it came."""
    INGEST = "ingest"
    SEGMENT = "segment"
    ROUTE = "route"
    ALIGN = "align"
    ERASE = "erase"
    """What is destroyed after a withdrawal."""


@dataclass(frozen=True, slots=True)
class StepLag:
    """Items that a step could do now and has not. oldest: since when the first of them waits; None where none does"""

    step: Step
    waiting: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class FailedCount:
    """Items set aside by a step that failed on them. kind: upload, recording or alignment"""

    kind: str
    count: int


def lags(session: Session, project_id: str, *, now: datetime) -> list[StepLag]:
    """Every step of a project. What waits for a voice's consent, or is kept by a legal hold, waits for no step."""
    return [
        StepLag(step, *session.execute(query).one()._tuple())
        for step, query in (
            (Step.LISTEN, _unheard(project_id)),
            (Step.INGEST, _received(project_id)),
            (Step.SEGMENT, _uncut(project_id)),
            (Step.ROUTE, _unrouted(project_id)),
            (Step.ALIGN, _unaligned(project_id)),
            (Step.ERASE, _not_erased(project_id, now)),
        )
    ]


def failed_counts(session: Session, project_id: str) -> list[FailedCount]:
    """What failed and waits for a newer version, or for somebody to ask for it again."""

    def count(kind: str, *conditions: ColumnElement[bool]) -> FailedCount:
        return FailedCount(kind, session.scalar(select(func.count()).where(*conditions)) or 0)

    return [
        count("upload", Upload.project_id == project_id, Upload.state == UploadState.FAILED),
        count("recording", Recording.project_id == project_id, Recording.state == RecordingState.FAILED),
        count(
            "alignment",
            Alignment.state == AlignmentState.FAILED,
            Alignment.failure.is_not(None),
            exists().where(Clip.id == Alignment.clip_id, Clip.project_id == project_id),
        ),
    ]


def _since(moment: InstrumentedAttribute[datetime]) -> Select[tuple[int, datetime | None]]:
    return select(func.count(), func.min(moment))


def _unheard(project_id: str) -> Select[tuple[int, datetime | None]]:
    query = _since(Upload.received_at).select_from(VerdictDue).join(Upload, Upload.id == VerdictDue.upload_id)
    return query.where(Upload.project_id == project_id)


def _received(project_id: str) -> Select[tuple[int, datetime | None]]:
    return (
        _since(Upload.received_at)
        .join(Speaker, Speaker.id == Upload.speaker_id)
        .where(
            Upload.project_id == project_id,
            Upload.state == UploadState.RECEIVED,
            Upload.consent_round == Speaker.consent_round,
            Speaker.consent_scopes.like(f"% {ConsentScope.TRANSCRIPTION} %"),
        )
    )


def _uncut(project_id: str) -> Select[tuple[int, datetime | None]]:
    return _since(Recording.created_at).where(
        Recording.project_id == project_id,
        Recording.state == RecordingState.ACCEPTED,
        consented(Recording.id, ConsentScope.TRANSCRIPTION),
    )


def _unrouted(project_id: str) -> Select[tuple[int, datetime | None]]:
    return _since(Clip.created_at).where(
        Clip.project_id == project_id,
        Clip.state == ClipState.CUT,
        consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
    )


def _unaligned(project_id: str) -> Select[tuple[int, datetime | None]]:
    """Accepted clips without a single alignment: one that was laid on by another aligner is no emergency."""
    return (
        _since(Transcript.accepted_at)
        .select_from(Transcript)
        .join(Clip, Clip.id == Transcript.clip_id)
        .where(
            Clip.project_id == project_id,
            Clip.state == ClipState.ACCEPTED,
            ~exists().where(Alignment.clip_id == Clip.id),
        )
    )


def _not_erased(project_id: str, now: datetime) -> Select[tuple[int, datetime | None]]:
    return _since(Erasure.requested_at).where(
        Erasure.project_id == project_id,
        Erasure.finished_at.is_(None),
        ~is_held(Erasure.speaker_id, at=now),
    )
