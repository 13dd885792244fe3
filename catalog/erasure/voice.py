"""The erasure of a voice, from the first row that stops to the last byte that goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from catalog import audit, legal_hold
from catalog.consent import is_withdrawn
from catalog.database import Catalog
from catalog.erasure.aligners import erase_aligners
from catalog.erasure.evidence import erase_evidence
from catalog.erasure.recordings import erase_recordings
from catalog.erasure.request import ErasureRequest, ErasureRules, Progress
from catalog.erasure.uploads import copies_without_own_yes, erase_transfers, erase_uploads, own_uploads
from catalog.import_changes import forget_changes_of_voice
from catalog.stopping import stop_recordings, stop_uploads
from catalog.store import ObjectStore
from catalog.tables import Erasure, Recording, RecordingSpeaker, SpeakerPrivate
from catalog.voices import forget_likeness

__all__ = ["ErasedSound", "ErasureRules", "erase_voices", "open_erasures"]


@dataclass(frozen=True, slots=True)
class ErasedSound:
    """What a run destroyed.

    voices: erasures that it finished: none under a legal hold; objects: versions of objects, and partial uploads
    """

    voices: int = 0
    recordings: int = 0
    objects: int = 0


def open_erasures(session: Session, project_id: str) -> Sequence[Erasure]:
    """Erasures of a project that are not finished, the oldest first."""
    return session.scalars(
        select(Erasure)
        .where(Erasure.project_id == project_id, Erasure.finished_at.is_(None))
        .order_by(Erasure.requested_at, Erasure.id)
    ).all()


def erase_voices(
    catalog: Catalog,
    store: ObjectStore,
    *,
    project_id: str,
    rules: ErasureRules,
    actor: str,
    at: datetime,
    progress: Progress | None = None,
) -> ErasedSound:
    """Destroy, in every version the store keeps, all that withdrawn voices of a project ever brought.

    Each transaction is bounded, whatever the voice has given. Stopped anywhere, the next run goes on where it stopped.
    A voice under a legal hold is hidden like any other and stays whole, and so do the recordings that it shares.
    Published versions are the release room's to rewrite. Raises StoreError, CatalogUnavailable.
    """
    recordings = objects = 0
    finished = 0
    with catalog.writing() as session:
        legal_hold.end_expired(session, project_id=project_id, at=at)
        erasures = open_erasures(session, project_id)
    for erasure in erasures:
        request = ErasureRequest.of(erasure, catalog, store, rules, actor=actor, at=at)
        _stop_work(request)
        if _is_held(request):
            continue
        erased, versions = erase_recordings(request, progress)
        versions += erase_uploads(request, *own_uploads(request))
        versions += erase_uploads(request, *copies_without_own_yes(request))
        versions += erase_transfers(request)
        versions += erase_evidence(request)
        versions += erase_aligners(request)
        with catalog.writing() as session:
            finished += _finish(session, request)
        recordings += erased
        objects += versions
    return ErasedSound(finished, recordings, objects)


def _stop_work(request: ErasureRequest) -> None:
    after: str | None = ""
    while after is not None:
        with request.catalog.writing() as session:
            after = stop_recordings(session, request.speaker(session), after=after, at=request.at)
    more = True
    while more:
        with request.catalog.writing() as session:
            more = stop_uploads(session, request.speaker(session))


def _is_held(request: ErasureRequest) -> bool:
    with request.catalog.reading() as session:
        return bool(legal_hold.holds_on(session, request.speaker(session), at=request.at))


def _finish(session: Session, request: ErasureRequest) -> bool:
    """Name and phone go unless the speaker said yes anew: then they were asked for again. What lists changed goes.

    Not finished, and False, while a recording stays that is shared with a voice under a legal hold.
    """
    if session.scalar(select(_is_left(request))):
        return False
    forget_likeness(session, request.speaker_id)
    private = session.get(SpeakerPrivate, request.speaker_id)
    if private is not None and is_withdrawn(request.speaker(session)):
        session.delete(private)
    forget_changes_of_voice(session, request.speaker_id, before_round=request.round)
    session.get_one(Erasure, request.erasure_id).finished_at = request.at
    audit.record(
        session,
        at=request.at,
        actor=request.actor,
        action="voice.erased",
        subject=("speaker", request.speaker_id),
        detail={"erasure": request.erasure_id},
    )
    return True


def _is_left(request: ErasureRequest) -> ColumnElement[bool]:
    return exists(
        select(Recording.id)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Recording.id)
        .where(
            RecordingSpeaker.speaker_id == request.speaker_id,
            RecordingSpeaker.consent_round < request.round,
            Recording.erased_at.is_(None),
            legal_hold.recording_is_held(Recording.id, at=request.at),
        )
    )
