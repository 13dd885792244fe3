"""Recordings of a voice: original, renditions, fingerprint, texts. Each is whole until its turn, and then gone."""

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.erasure.objects import (
    Subject,
    erase_under,
    note_erased,
    versions_of,
    write_down,
)
from catalog.erasure.request import ErasureRequest, Progress
from catalog.erasure.rows import blank_clips, blank_recording
from catalog.erasure.uploads import erase_uploads, without_own_yes
from catalog.keys import clips_prefix
from catalog.legal_hold import recording_is_held
from catalog.states import RecordingState
from catalog.stopping import PAGE, clip_span
from catalog.tables import Recording, RecordingSpeaker, Upload


def erase_recordings(request: ErasureRequest, progress: Progress | None = None) -> tuple[int, int]:
    """How many recordings were destroyed, and how many versions of objects. Again goes on where it stopped."""
    with request.catalog.reading() as session:
        total = session.scalar(select(func.count()).select_from(_left(request).subquery())) or 0
    after, done, objects = "", 0, 0
    while True:
        with request.catalog.reading() as session:
            recording = session.scalar(
                _left(request)
                .where(RecordingSpeaker.recording_id > after)
                .order_by(RecordingSpeaker.recording_id)
                .limit(1)
            )
        if recording is None:
            return done, objects
        objects += _erase(request, recording)
        after, done = recording.id, done + 1
        if progress:
            progress(done, total, "recordings erased")


def _left(request: ErasureRequest) -> Select[tuple[Recording]]:
    return (
        select(Recording)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Recording.id)
        .where(
            RecordingSpeaker.speaker_id == request.speaker_id,
            RecordingSpeaker.consent_round < request.round,
            Recording.state == RecordingState.WITHDRAWN,
            Recording.erased_at.is_(None),
            ~recording_is_held(Recording.id, at=request.at),
        )
    )


def _erase(request: ErasureRequest, recording: Recording) -> int:
    renditions = Subject("rendition", recording.id)
    objects = erase_under(
        request.catalog, request.store, request.erasure_id, renditions, clips_prefix(recording.id)
    )
    _blank_texts(request, recording.id)
    objects += erase_uploads(
        request,
        or_(
            Upload.recording_id == recording.id,
            Upload.sha256 == recording.sha256,
        ),
        Upload.project_id == recording.project_id,
        Upload.id != recording.upload_id,
        without_own_yes(),
    )
    objects += _erase_original(request, recording)
    # Its file too, where it came in with another of its voices: sent again, it is a new one.
    return objects + erase_uploads(request, Upload.id == recording.upload_id)


def _blank_texts(request: ErasureRequest, recording_id: str) -> None:
    after = ""
    while True:
        with request.catalog.writing() as session:
            span = clip_span(session, recording_id, after=after, most=PAGE)
            if span is None:
                return
            blank_clips(session, span)
        after = span.last


def _erase_original(request: ErasureRequest, recording: Recording) -> int:
    """Last, with the row that says it: while the row is locked nobody else comes to need the object."""
    original = Subject("original", recording.id, recording.sha256, recording.audio_sha256)
    with request.catalog.reading() as session:
        keeps = _needed_elsewhere(session, recording, request)
    versions = [] if keeps else versions_of(request.store, recording.key)
    with request.catalog.writing() as session:
        write_down(session, request.erasure_id, [(original, each) for each in versions])
    with request.catalog.writing() as session:
        row = session.get_one(Recording, recording.id, with_for_update=True)
        if row.erased_at is not None:
            return 0
        if not _needed_elsewhere(session, row, request):
            request.store.erase(versions)
        note_erased(session, request.erasure_id, row.id, at=request.at)
        row.erased_at = request.at
        blank_recording(session, row)
        audit.record(
            session,
            at=request.at,
            actor=request.actor,
            action="recording.erased",
            subject=("recording", row.id),
            detail={"erasure": request.erasure_id},
        )
    return len(versions)


def _needed_elsewhere(session: Session, recording: Recording, request: ErasureRequest) -> bool:
    """Whether another recording of the same bytes, of another project, is in use or under a legal hold."""
    other = (
        select(Recording.id)
        .where(
            Recording.key == recording.key,
            Recording.id != recording.id,
            or_(
                Recording.state != RecordingState.WITHDRAWN,
                and_(Recording.erased_at.is_(None), recording_is_held(Recording.id, at=request.at)),
            ),
        )
        .limit(1)
    )
    return session.scalar(other) is not None
