"""Files that could not be used, or not whole, with what their sender can do about each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from catalog.audit_archive.still_asked import FILE_REJECTED, RECORDING_CUT, RECORDING_REJECTED
from catalog.reasons import REASONS, ReasonKind
from catalog.states import RecordingState, UploadState
from catalog.tables import AuditEvent, Recording, Upload


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """One file with its reason.

    name:   as it was sent
    whole:  whether nothing of it is used; False where the rest of it went on
    detail: the measure or error that decided, where there is one
    """

    name: str
    receipt: str
    reason: str
    whole: bool
    detail: str | None


def turned_away(session: Session, project_id: str, *, since: datetime | None = None) -> Iterator[TurnedAway]:
    """Every file of a project that was turned away, or is used but for a part; by name.

    since: what was decided from then on; None for all
    """
    uploads = select(Upload.name, Upload.receipt, Upload.reason, Upload.detail).where(
        Upload.project_id == project_id, Upload.state == UploadState.REJECTED
    )
    for name, receipt, reason, detail in session.execute(
        _decided(uploads, Upload.id, FILE_REJECTED, since).order_by(Upload.name)
    ):
        yield TurnedAway(name, receipt, reason, whole=True, detail=detail)

    recordings = (
        select(Upload.name, Upload.receipt, Recording)
        .join(Recording, Recording.upload_id == Upload.id)
        .where(Recording.project_id == project_id)
    )
    rejected = recordings.where(Recording.state == RecordingState.REJECTED)
    for name, receipt, recording in session.execute(
        _decided(rejected, Recording.id, RECORDING_REJECTED, since).order_by(Upload.name)
    ):
        yield TurnedAway(name, receipt, recording.reason, whole=True, detail=recording.detail)

    used = recordings.where(Recording.state == RecordingState.SEGMENTED)
    for name, receipt, recording in session.execute(
        _decided(used, Recording.id, RECORDING_CUT, since).order_by(Upload.name)
    ):
        for finding in recording.findings:
            if REASONS[finding["code"]].kind is ReasonKind.FILE:
                yield TurnedAway(name, receipt, finding["code"], whole=False, detail=None)


def _decided(query: Select, column: object, action: str, since: datetime | None) -> Select:  # type: ignore[type-arg]
    if since is None:
        return query
    decided = select(AuditEvent.id).where(
        AuditEvent.subject_id == column, AuditEvent.action == action, AuditEvent.at >= since
    )
    return query.where(decided.exists())
