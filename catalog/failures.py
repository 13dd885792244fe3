"""What failed for a cause that nobody foresaw: kept with what the machine said, and tried again by later code only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.errors import UserError
from catalog.reasons import reason
from catalog.states import RecordingState, UploadState, moved
from catalog.tables import Alignment, Clip, Recording, Upload

_LONGEST_TEXT = 4_000


class NotFailed(UserError):
    """There is nothing of this name to try again or to turn away."""


def upload_waits(version: str) -> ColumnElement[bool]:
    """Uploads that nobody looked at, and those at which another version of the code failed."""
    failed_before = or_(Upload.failed_by.is_(None), Upload.failed_by != version)
    # one list of states first: an index finds them, as it doesn't find the two sides of an OR
    here = Upload.state.in_((UploadState.RECEIVED, UploadState.FAILED))
    return and_(here, or_(Upload.state == UploadState.RECEIVED, failed_before))


def recording_waits(version: str) -> ColumnElement[bool]:
    """Recordings that no recipe has cut, and those at which another version of the code failed."""
    failed_before = or_(Recording.failed_by.is_(None), Recording.failed_by != version)
    here = Recording.state.in_((RecordingState.ACCEPTED, RecordingState.FAILED))
    return and_(here, or_(Recording.state == RecordingState.ACCEPTED, failed_before))


def fail(
    session: Session,
    row: Upload | Recording,
    code: str,
    failure: str,
    *,
    version: str,
    actor: str,
    at: datetime,
) -> None:
    """Set aside what failed at `version`. failure: the exception's text, for operators"""
    if isinstance(row, Upload):
        row.state = moved(row.state, UploadState.FAILED)
    else:
        row.state = moved(row.state, RecordingState.FAILED)
    row.reason, row.detail = code, None
    row.failure, row.failed_by = failure[-_LONGEST_TEXT:], version
    _record(session, row, "failed", {"reason": code, "version": version}, actor=actor, at=at)


def named(session: Session, project_id: str, name: str) -> list[Upload | Recording]:
    """Everything of a project that somebody may mean: the name as it was sent, the receipt, the id of either."""
    uploads = session.scalars(
        select(Upload)
        .where(
            Upload.project_id == project_id,
            or_(Upload.name == name, Upload.receipt == name, Upload.id == name),
        )
        .order_by(Upload.id)
    ).all()
    recordings = session.scalars(
        select(Recording)
        .where(
            Recording.project_id == project_id,
            or_(Recording.id == name, Recording.upload_id.in_([upload.id for upload in uploads])),
        )
        .order_by(Recording.id)
    ).all()
    return [*uploads, *recordings]


@dataclass(frozen=True, slots=True)
class Failed:
    """What is set aside. name: the file's, as sent; failed_by: the version that failed; None: to be tried again"""

    kind: Literal["upload", "recording", "alignment"]
    id: str
    name: str
    reason: str | None
    failed_by: str | None
    failure: str | None


def failed(session: Session, project_id: str) -> list[Failed]:
    """All that is set aside in a project, by the name under which it was sent; an alignment has its clip's id."""
    uploads = session.scalars(
        select(Upload)
        .where(Upload.project_id == project_id, Upload.state == UploadState.FAILED)
        .order_by(Upload.name)
    )
    recordings = session.execute(
        select(Recording, Upload.name)
        .join(Upload, Upload.id == Recording.upload_id)
        .where(Recording.project_id == project_id, Recording.state == RecordingState.FAILED)
        .order_by(Upload.name)
    )
    alignments = session.execute(_failed_alignments(project_id).order_by(Upload.name, Alignment.clip_id))
    return [
        *(Failed("upload", row.id, row.name, row.reason, row.failed_by, row.failure) for row in uploads),
        *(
            Failed("recording", row.id, name, row.reason, row.failed_by, row.failure)
            for row, name in recordings
        ),
        *(
            Failed("alignment", row.clip_id, name, row.detail, row.failed_by, row.failure)
            for row, name in alignments
        ),
    ]


def retry(session: Session, project_id: str, name: str, *, actor: str, at: datetime) -> int:
    """Let the next run try what failed under this name, whatever version failed. Raises NotFailed.

    name: a file's as it was sent, its receipt, the id of a recording or of a clip whose words could not be aligned
    """
    things = named(session, project_id, name)
    rows = [row for row in things if row.state.value == UploadState.FAILED.value]
    recordings = [row.id for row in things if isinstance(row, Recording)]
    alignments = session.scalars(
        _failed_alignments(project_id)
        .where(or_(Alignment.clip_id == name, Clip.recording_id.in_(recordings)))
        .with_only_columns(Alignment)
    ).all()
    if not rows and not alignments:
        raise NotFailed(
            f"nothing of {project_id} that failed is called {name!r}. `boli recordings list` names what did."
        )
    for row in rows:
        row.failed_by = None
        _record(session, row, "retried", {}, actor=actor, at=at)
    for alignment in alignments:
        alignment.failed_by = None
        audit.record(
            session, at=at, actor=actor, action="clip.align_retried", subject=("clip", alignment.clip_id)
        )
    return len(rows) + len(alignments)


def _failed_alignments(project_id: str) -> Select[tuple[Alignment, str]]:
    return (
        select(Alignment, Upload.name)
        .join(Clip, Clip.id == Alignment.clip_id)
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .where(Clip.project_id == project_id, Alignment.failure.is_not(None))
    )


def reject(session: Session, project_id: str, name: str, code: str, *, actor: str, at: datetime) -> int:
    """Turn away what failed or waits under this name. Raises NotFailed, UnknownReason."""
    reason(code)
    rejected = 0
    for row in named(session, project_id, name):
        if isinstance(row, Upload) and row.state in (UploadState.RECEIVED, UploadState.FAILED):
            row.state = moved(row.state, UploadState.REJECTED)
        elif isinstance(row, Recording) and row.state in (RecordingState.ACCEPTED, RecordingState.FAILED):
            row.state = moved(row.state, RecordingState.REJECTED)
            row.clips_cut = row.clips_cut or 0
        else:
            continue
        row.reason, row.detail = code, f"by {actor}"
        _record(session, row, "rejected", {"reason": code}, actor=actor, at=at)
        rejected += 1
    if not rejected:
        raise NotFailed(
            f"nothing of {project_id} that failed or waits is called {name!r}. "
            "What is cut already is taken back with `boli consent withdraw`, or rejected clip by clip."
        )
    return rejected


def _record(
    session: Session, row: Upload | Recording, act: str, detail: dict[str, str], *, actor: str, at: datetime
) -> None:
    kind = "upload" if isinstance(row, Upload) else "recording"
    audit.record(session, at=at, actor=actor, action=f"{kind}.{act}", subject=(kind, row.id), detail=detail)
