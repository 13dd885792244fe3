"""What the catalogue says was received and became of it, read whole for one project."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.states import ClipState, RecordingState, ReleaseState, UploadState
from catalog.tables import AuditEvent, Clip, Recording, Release, ReleaseItem, Upload


@dataclass(frozen=True, slots=True)
class ReceiptAccount:
    """An event of receipt; size in bytes, None where it was not written down."""

    size: int | None


@dataclass(frozen=True, slots=True)
class UploadAccount:
    size: int
    landing_key: str | None
    state: UploadState
    reason: str | None
    recording_id: str | None


@dataclass(frozen=True, slots=True)
class RecordingAccount:
    upload_id: str
    key: str
    state: RecordingState
    reason: str | None
    recipe_id: str | None
    clips_cut: int | None
    samples: int
    sample_rate: int


@dataclass(frozen=True, slots=True)
class ClipAccount:
    recording_id: str
    recipe_id: str
    number: int
    seconds: float
    state: ClipState
    reason: str | None
    cut_key: str


def receipts_of(session: Session, project_id: str) -> Mapping[str, ReceiptAccount]:
    """What the audit log says was received; an event of unknown project counts where its upload does."""
    others = set(session.scalars(select(Upload.id).where(Upload.project_id != project_id)))
    events = session.execute(
        select(AuditEvent.subject_id, AuditEvent.detail)
        .where(AuditEvent.subject_kind == "upload", AuditEvent.action == "upload.received")
        .order_by(AuditEvent.id)
    )
    return {
        identifier: ReceiptAccount(detail.get("size"))
        for identifier, detail in events
        if detail.get("project", project_id) == project_id and identifier not in others
    }


def uploads_of(session: Session, project_id: str) -> Mapping[str, UploadAccount]:
    """Every upload by id."""
    columns = (Upload.id, Upload.size, Upload.landing_key, Upload.state, Upload.reason, Upload.recording_id)
    rows = session.execute(select(*columns).where(Upload.project_id == project_id).order_by(Upload.id))
    return {row[0]: UploadAccount(*row[1:]) for row in rows}


def recordings_of(session: Session, project_id: str) -> Mapping[str, RecordingAccount]:
    """Every original by id."""
    columns = (
        Recording.id,
        Recording.upload_id,
        Recording.key,
        Recording.state,
        Recording.reason,
        Recording.recipe_id,
        Recording.clips_cut,
        Recording.samples,
        Recording.sample_rate,
    )
    rows = session.execute(select(*columns).where(Recording.project_id == project_id).order_by(Recording.id))
    return {row[0]: RecordingAccount(*row[1:]) for row in rows}


def clips_of(session: Session, project_id: str) -> Mapping[str, ClipAccount]:
    """Every clip by id."""
    columns = (
        Clip.id,
        Clip.recording_id,
        Clip.recipe_id,
        Clip.number,
        Clip.seconds,
        Clip.state,
        Clip.reason,
        Clip.cut_key,
    )
    rows = session.execute(select(*columns).where(Clip.project_id == project_id).order_by(Clip.id))
    return {row[0]: ClipAccount(*row[1:]) for row in rows}


def published_of(session: Session, project_id: str) -> frozenset[str]:
    """Clips that some published version holds."""
    return frozenset(
        session.scalars(
            select(ReleaseItem.clip_id)
            .join(Release, Release.id == ReleaseItem.release_id)
            .where(
                Release.project_id == project_id,
                Release.state != ReleaseState.BUILDING,
                ReleaseItem.erased_at.is_(None),
            )
            .distinct()
        )
    )
