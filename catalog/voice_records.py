"""All that is kept of one voice, as records: for the speaker who asks for it. Read a page at a time, whatever it is.

India's DPDP Act 2023, section 11: who is asked for personal data may ask what is held of it, and get it.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from catalog.consent import history, is_withdrawn, taken_back
from catalog.database import Catalog
from catalog.states import ClipState, ConsentKind, ReviewDecision, UploadState
from catalog.tables import (
    Clip,
    ConsentEvent,
    Recording,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Review,
    Speaker,
    Task,
    Transcript,
    Upload,
    VoiceEmbedding,
)

PAGE = 200
"""Files, and clips of one file, that are read at once."""
IN_STORE = "consents/"


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """A yes or a no. key: of the spoken or signed yes in the store, where it is kept"""

    at: datetime
    kind: ConsentKind
    scopes: tuple[str, ...]
    notice_version: str
    notice_language: str
    key: str | None


@dataclass(frozen=True, slots=True)
class EmbeddingRecord:
    """A voice embedding: by which voices are compared. numbers: base64 of 256 half-precision ones, little endian

    likeness: to the speaker's other recordings, where it was compared
    """

    model: str
    made_at: datetime
    seconds: float
    likeness: float | None
    numbers: str


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file that came in with the voice. seconds: None where it was never decoded

    key:    of its sound in the store; None where it is destroyed, or not given out since a voice in it took it back
    shared: whether other voices are in it
    """

    id: str
    name: str
    received_at: datetime
    state: UploadState
    reason: str | None
    recording_id: str | None
    language: str | None
    seconds: float | None
    key: str | None
    shared: bool
    is_destroyed: bool
    embedding: EmbeddingRecord | None = None


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """What a reviewer decided, and the codes of why."""

    at: datetime
    decision: ReviewDecision
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClipRecord:
    """A clip of a file. start, end: seconds of the recording; text: as it was accepted; versions: name@version"""

    id: str
    start: float
    end: float
    state: ClipState
    reason: str | None
    text: str | None
    decisions: tuple[DecisionRecord, ...]
    versions: tuple[str, ...]
    key: str | None


def consents_of(session: Session, speaker_id: str) -> tuple[ConsentRecord, ...]:
    """Every act of consent, oldest first."""
    return tuple(_consent(event) for event in history(session, speaker_id))


def versions_with(session: Session, speaker_id: str) -> tuple[tuple[str, int], ...]:
    """Published versions that hold the voice now, as name@version, and how many clips of it."""
    rows = session.execute(
        select(Release.name, Release.version, func.count())
        .join(ReleaseItem, ReleaseItem.release_id == Release.id)
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Clip.recording_id)
        .where(RecordingSpeaker.speaker_id == speaker_id, ReleaseItem.erased_at.is_(None))
        .group_by(Release.name, Release.version)
        .order_by(Release.name, Release.version)
    )
    return tuple((f"{name}@{version}", count) for name, version, count in rows)


def files_of(catalog: Catalog, speaker_id: str) -> Iterator[FileRecord]:
    """Every file that came in with the voice, used or not, in the order of their ids."""
    voice, other = aliased(RecordingSpeaker), aliased(RecordingSpeaker)
    of_the_voice = or_(
        Upload.speaker_id == speaker_id,
        exists(
            select(voice.recording_id).where(
                voice.recording_id == Recording.id, voice.speaker_id == speaker_id
            )
        ),
    )
    shared = exists(
        select(other.recording_id).where(other.recording_id == Recording.id, other.speaker_id != speaker_id)
    )
    after = ""
    while True:
        with catalog.reading() as session:
            speaker = session.get_one(Speaker, speaker_id)
            page = session.execute(
                select(
                    Upload,
                    Recording,
                    VoiceEmbedding,
                    shared.label("shared"),
                    taken_back(Recording.id).label("gone"),
                )
                .outerjoin(Recording, Recording.upload_id == Upload.id)
                .outerjoin(VoiceEmbedding, VoiceEmbedding.upload_id == Upload.id)
                .where(Upload.project_id == speaker.project_id, of_the_voice, Upload.id > after)
                .order_by(Upload.id)
                .limit(PAGE)
            ).all()
        if not page:
            return
        for upload, recording, embedding, is_shared, is_gone in page:
            kept = not is_gone and not is_withdrawn(speaker)
            if upload.speaker_id == speaker_id:
                kept = kept and upload.consent_round == speaker.consent_round
            file = _file(upload, recording, shared=is_shared, is_given=kept)
            yield replace(file, embedding=_embedding(embedding)) if kept and embedding else file
        after = page[-1].Upload.id


def clips_of(catalog: Catalog, file: FileRecord) -> Iterator[ClipRecord]:
    """The clips of a file with what was written and decided of each, in the order of their ids."""
    after = ""
    while file.recording_id is not None:
        with catalog.reading() as session:
            page = session.execute(
                select(Clip, Recording.sample_rate)
                .join(Recording, Recording.id == Clip.recording_id)
                .where(Clip.recording_id == file.recording_id, Clip.id > after)
                .order_by(Clip.id)
                .limit(PAGE)
            ).all()
            if not page:
                return
            ids = [clip.id for clip, _ in page]
            texts, decisions, versions = (
                _texts(session, ids),
                _decisions(session, ids),
                _versions(session, ids),
            )
        for clip, rate in page:
            yield ClipRecord(
                id=clip.id,
                start=clip.start / rate,
                end=clip.end / rate,
                state=clip.state,
                reason=clip.reason,
                text=texts.get(clip.id),
                decisions=tuple(decisions.get(clip.id, ())),
                versions=tuple(versions.get(clip.id, ())),
                key=clip.preview_key if file.key is not None else None,
            )
        after = ids[-1]


def _consent(event: ConsentEvent) -> ConsentRecord:
    return ConsentRecord(
        at=event.at,
        kind=event.kind,
        scopes=tuple(event.scopes),
        notice_version=event.notice_version,
        notice_language=event.notice_language,
        key=event.evidence if event.evidence.startswith(IN_STORE) else None,
    )


def _file(upload: Upload, recording: Recording | None, *, shared: bool, is_given: bool) -> FileRecord:
    is_destroyed = upload.erased_at is not None or (recording is not None and recording.erased_at is not None)
    key = recording.key if recording is not None else upload.landing_key
    return FileRecord(
        id=upload.id,
        name=upload.name,
        received_at=upload.received_at,
        state=upload.state,
        reason=(recording.reason if recording is not None else None) or upload.reason,
        recording_id=recording.id if recording is not None else None,
        language=recording.language if recording is not None else upload.language,
        seconds=recording.samples / recording.sample_rate if recording is not None else None,
        key=key if is_given and not is_destroyed else None,
        shared=shared,
        is_destroyed=is_destroyed,
    )


def _embedding(row: VoiceEmbedding) -> EmbeddingRecord:
    numbers = b64encode(row.embedding).decode()
    return EmbeddingRecord(row.model, row.made_at, row.seconds, row.likeness, numbers)


def _texts(session: Session, clips: list[str]) -> dict[str, str]:
    """By clip, the newest accepted text that still has words."""
    rows = session.execute(
        select(Transcript.clip_id, Transcript.verbatim)
        .where(Transcript.clip_id.in_(clips), Transcript.verbatim != "")
        .order_by(Transcript.clip_id, Transcript.version)
    )
    return dict(rows.tuples().all())


def _decisions(session: Session, clips: list[str]) -> dict[str, list[DecisionRecord]]:
    found: dict[str, list[DecisionRecord]] = {}
    rows = session.execute(
        select(Task.clip_id, Review.at, Review.decision, Review.reasons)
        .join(Task, Task.id == Review.task_id)
        .where(Task.clip_id.in_(clips), ~Review.late)
        .order_by(Task.clip_id, Review.at, Review.id)
    )
    for clip, at, decision, reasons in rows:
        found.setdefault(clip, []).append(DecisionRecord(at, decision, tuple(reasons)))
    return found


def _versions(session: Session, clips: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = session.execute(
        select(ReleaseItem.clip_id, Release.name, Release.version)
        .join(Release, Release.id == ReleaseItem.release_id)
        .where(ReleaseItem.clip_id.in_(clips), ReleaseItem.erased_at.is_(None))
        .order_by(ReleaseItem.clip_id, Release.name, Release.version)
    )
    for clip, name, version in rows:
        found.setdefault(clip, []).append(f"{name}@{version}")
    return found
