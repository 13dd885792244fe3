"""What arrives after the withdrawal of its voice: known by its speaker, or by its bytes, and never kept."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog import consent
from catalog.erasure.objects import Subject, note_erased, write_down
from catalog.erasure.request import ErasureRequest
from catalog.erasure.uploads import erase_uploads
from catalog.keys import landing_key
from catalog.states import ConsentKind, UploadState, moved
from catalog.store import StoredVersion
from catalog.tables import ErasedObject, Erasure, RecordingSpeaker, Speaker, Upload

LATE_REASON = "arrived_after_withdrawal"


def erasure_of_late(
    session: Session,
    *,
    project_id: str,
    speaker: Speaker | None,
    sha256: str | None,
    audio_sha256: str | None = None,
) -> Erasure | None:
    """The erasure that a file which arrives now belongs to; None where it may be kept.

    speaker: whom it was sent for; one who has said yes keeps their own copy of a recording of somebody else's
    sha256, audio_sha256: of its bytes and of its decoded samples, where known
    """
    if speaker is not None and consent.is_withdrawn(speaker):
        return session.scalar(
            select(Erasure).where(Erasure.speaker_id == speaker.id, Erasure.round == speaker.consent_round)
        )
    same = [ErasedObject.sha256 == sha256] if sha256 else []
    same += [ErasedObject.audio_sha256 == audio_sha256] if audio_sha256 else []
    if not same:
        return None
    erased = (
        select(Erasure)
        .join(ErasedObject, ErasedObject.erasure_id == Erasure.id)
        .join(Speaker, Speaker.id == Erasure.speaker_id)
        .where(Erasure.project_id == project_id, Speaker.consent_scopes == "", or_(*same))
        .order_by(Erasure.round.desc())
        .limit(1)
    )
    if speaker is not None and _said_yes(session, speaker):
        # Their own copy stays; not so a recording in which both of them speak.
        erased = erased.join(
            RecordingSpeaker, RecordingSpeaker.recording_id == ErasedObject.subject_id
        ).where(RecordingSpeaker.speaker_id == speaker.id, Erasure.speaker_id != speaker.id)
    return session.scalar(erased)


def note_refused(session: Session, erasure: Erasure, upload: Upload, *, at: datetime) -> None:
    """In the log: these bytes came, and were not kept."""
    upload.state = UploadState.REJECTED
    upload.reason = LATE_REASON
    upload.name = f"erased {upload.id}"
    upload.detail = upload.failure = upload.prompt = upload.landing_key = None
    upload.erased_at = at
    refused = StoredVersion(landing_key(upload.id), "", upload.size, at)
    write_down(session, erasure.id, [(Subject("upload", upload.id, upload.sha256), refused)])
    note_erased(session, erasure.id, upload.id, at=at)


def erase_late(request: ErasureRequest, upload_id: str) -> None:
    """Destroy a file that was taken in, and turned out to be of a withdrawn voice only when it was listened to."""
    with request.catalog.writing() as session:
        upload = session.get_one(Upload, upload_id, with_for_update=True)
        if upload.state in (UploadState.RECEIVED, UploadState.FAILED):
            upload.state = moved(upload.state, UploadState.REJECTED)
        upload.reason = LATE_REASON
    erase_uploads(request, Upload.id == upload_id)


def _said_yes(session: Session, speaker: Speaker) -> bool:
    """Themselves, and not by the licence of a corpus that is public."""
    if not speaker.consent_scopes:
        return False
    last = consent.history(session, speaker.id)[-1]
    return last.kind is ConsentKind.GRANTED and not last.evidence.startswith(consent.LICENCE)
