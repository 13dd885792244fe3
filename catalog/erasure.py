"""Erasure of sound whose speakers took their consent back, out of the store: originals, clips and files on the way.

Published versions are the release room's to rewrite; the rows stay, for they say what was done and why.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.consent import WITHDRAWN_REASON
from catalog.database import Catalog
from catalog.states import RecordingState
from catalog.store import ObjectStore
from catalog.tables import Clip, Recording, RecordingFingerprint, SoundLandmark, Upload


@dataclass(frozen=True, slots=True)
class ErasedSound:
    """How many recordings and unseen uploads lost their sound, and how many objects that were."""

    recordings: int
    uploads: int
    objects: int


def erase_sound(
    catalog: Catalog, store: ObjectStore, *, project_id: str, actor: str, at: datetime
) -> ErasedSound:
    """Destroy, in every version the store keeps, the sound of withdrawn recordings. Again goes on where it stopped."""
    with catalog.reading() as session:
        recordings = session.scalars(
            select(Recording.id).where(
                Recording.project_id == project_id,
                Recording.state == RecordingState.WITHDRAWN,
                Recording.erased_at.is_(None),
            )
        ).all()
        uploads = session.scalars(
            select(Upload.id).where(
                Upload.project_id == project_id,
                Upload.reason == WITHDRAWN_REASON,
                Upload.landing_key.is_not(None),
            )
        ).all()
    objects = 0
    for recording_id in recordings:
        with catalog.reading() as session:
            keys = tuple(_keys_of(session, session.get_one(Recording, recording_id)))
        objects += sum(store.delete(key) for key in keys)
        with catalog.writing() as session:
            session.get_one(Recording, recording_id).erased_at = at
            _forget_print(session, recording_id)
            audit.record(
                session, at=at, actor=actor, action="recording.erased", subject=("recording", recording_id)
            )
    for upload_id in uploads:
        with catalog.writing() as session:
            upload = session.get_one(Upload, upload_id)
            objects += store.delete(str(upload.landing_key))
            upload.landing_key = None
            audit.record(session, at=at, actor=actor, action="upload.erased", subject=("upload", upload_id))
    return ErasedSound(len(recordings), len(uploads), objects)


def _forget_print(session: Session, recording_id: str) -> None:
    """How a voice sounded is theirs too, even where nobody could listen to it."""
    print_id = session.scalar(
        select(RecordingFingerprint.id).where(RecordingFingerprint.recording_id == recording_id)
    )
    if print_id is not None:
        session.execute(delete(SoundLandmark).where(SoundLandmark.print_id == print_id))
        session.execute(delete(RecordingFingerprint).where(RecordingFingerprint.id == print_id))


def _keys_of(session: Session, recording: Recording) -> Iterator[str]:
    """Of the recording and its clips; not of an original that another project holds with consent."""
    shared = session.scalar(
        select(Recording.id)
        .where(Recording.key == recording.key, Recording.state != RecordingState.WITHDRAWN)
        .limit(1)
    )
    if shared is None:
        yield recording.key
    landing = session.get_one(Upload, recording.upload_id).landing_key
    if landing is not None:
        yield landing
    for clip in session.scalars(select(Clip).where(Clip.recording_id == recording.id)):
        yield from (clip.cut_key, clip.clean_key, clip.preview_key, clip.peaks_key)
