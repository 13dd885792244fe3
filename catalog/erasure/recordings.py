"""Recordings of a voice: original, renditions, fingerprint, texts. Each is whole until its turn, and then gone."""

from collections.abc import Sequence

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.erasure.objects import (
    Subject,
    erase_versions,
    note_erased,
    pages,
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
from catalog.store import StoredVersion
from catalog.tables import Recording, RecordingSpeaker, Upload

AT_ONCE = 8
"""Recordings of ordinary length whose clips fill a page."""


def erase_recordings(request: ErasureRequest, progress: Progress | None = None) -> tuple[int, int]:
    """How many recordings were destroyed, and how many versions of objects. Again goes on where it stopped.

    Some at a time: each step is made durable once for all of them.
    """
    with request.catalog.reading() as session:
        total = session.scalar(select(func.count()).select_from(_left(request).subquery())) or 0
    after, done, objects = "", 0, 0
    while True:
        with request.catalog.reading() as session:
            recordings = session.scalars(
                _left(request)
                .where(RecordingSpeaker.recording_id > after)
                .order_by(RecordingSpeaker.recording_id)
                .limit(AT_ONCE)
            ).all()
        if not recordings:
            return done, objects
        objects += _erase(request, recordings)
        after, done = recordings[-1].id, done + len(recordings)
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


def _erase(request: ErasureRequest, recordings: Sequence[Recording]) -> int:
    renditions = (
        (Subject("rendition", each.id), version)
        for each in recordings
        for version in request.store.versions(clips_prefix(each.id))
    )
    objects = 0
    for page in pages(renditions):
        objects += erase_versions(request.catalog, request.store, request.erasure_id, page)
    _blank_texts(request, [each.id for each in recordings])
    for each in recordings:
        objects += erase_uploads(
            request,
            or_(Upload.recording_id == each.id, Upload.sha256 == each.sha256),
            Upload.project_id == each.project_id,
            Upload.id != each.upload_id,
            without_own_yes(),
        )
    objects += _erase_originals(request, recordings)
    # Their files too, where they came in with another of their voices: sent again, each is a new one.
    return objects + erase_uploads(request, Upload.id.in_([each.upload_id for each in recordings]))


def _blank_texts(request: ErasureRequest, recording_ids: Sequence[str]) -> None:
    left, after = list(recording_ids), ""
    while left:
        with request.catalog.writing() as session:
            room = PAGE
            while left and room > 0:
                span = clip_span(session, left[0], after=after, most=room)
                if span is None:
                    left.pop(0)
                    after = ""
                else:
                    blank_clips(session, span)
                    after = span.last
                    room -= span.count


def _erase_originals(request: ErasureRequest, recordings: Sequence[Recording]) -> int:
    """Last, with the rows that say it: while the rows are locked nobody else comes to need the objects."""
    with request.catalog.reading() as session:
        found = {
            each.id: [] if _needed_elsewhere(session, each, request) else versions_of(request.store, each.key)
            for each in recordings
        }
    with request.catalog.writing() as session:
        for each in recordings:
            original = Subject("original", each.id, each.sha256, each.audio_sha256)
            write_down(session, request.erasure_id, [(original, version) for version in found[each.id]])
    count = 0
    with request.catalog.writing() as session:
        due: list[StoredVersion] = []
        for each in recordings:
            row = session.get_one(Recording, each.id, with_for_update=True)
            if row.erased_at is None:
                count += len(found[row.id])
                if not _needed_elsewhere(session, row, request):
                    due += found[row.id]
                _note_original(session, request, row)
        request.store.erase(due)
    return count


def _note_original(session: Session, request: ErasureRequest, row: Recording) -> None:
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
