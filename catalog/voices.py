"""Voice embeddings kept, read to be compared, and forgotten. Only voices that consent are compared with anything."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.orm import Session

from catalog.consent import ConsentScope
from catalog.tables import Recording, RecordingSpeaker, Speaker, SpeakerLikeness, Upload, VoiceEmbedding

MOST_OWN = 40
"""Recordings that a speaker's voice is known by, the newest."""
MOST_BACKGROUND = 200
MOST_SPEAKERS = 5_000
"""That a new one is compared with."""
OF_EACH = 3
"""Recordings that another speaker is known by, those with most speech."""


@dataclass(frozen=True, slots=True)
class KnownVoices:
    """What a recording is compared with: embeddings of the same speaker, one a speaker, and of others by their id."""

    own: tuple[bytes, ...]
    background: tuple[bytes, ...]
    others: tuple[tuple[str, bytes], ...]


def keep_embedding(
    session: Session,
    upload_id: str,
    embedding: bytes,
    *,
    model: str,
    seconds: float,
    within: float | None = None,
    at: datetime,
) -> VoiceEmbedding | None:
    """Remember a file's voice; what was made of it before is replaced.

    None, and nothing is kept, where nobody is said to speak in it, or whoever does has not said yes, or no more.
    """
    speaker_id = session.scalar(select(Upload.speaker_id).where(Upload.id == upload_id))
    if speaker_id is None:
        return None
    # the speaker first, as a withdrawal does, so that neither waits for the other for ever
    speaker = session.get_one(Speaker, speaker_id, with_for_update={"read": True}, populate_existing=True)
    upload = session.get_one(Upload, upload_id, with_for_update=True, populate_existing=True)
    stands = consents_to_comparing(speaker) and upload.consent_round == speaker.consent_round
    if upload.erased_at is not None or not stands:
        return None
    kept = session.get(VoiceEmbedding, upload.id)
    if kept is None:
        kept = VoiceEmbedding(upload_id=upload.id, speaker_id=speaker_id, is_other=False)
        session.add(kept)
    kept.embedding, kept.model, kept.seconds, kept.made_at = embedding, model, seconds, at
    kept.within = within
    return kept


def with_embedding(session: Session, uploads: Collection[str], *, model: str) -> frozenset[str]:
    """Those of these files whose voice this model has heard."""
    return frozenset(
        session.scalars(
            select(VoiceEmbedding.upload_id).where(
                VoiceEmbedding.upload_id.in_(uploads), VoiceEmbedding.model == model
            )
        )
    )


def of_speaker(session: Session, speaker_id: str, *, model: str, most: int) -> Sequence[VoiceEmbedding]:
    """A speaker's embeddings that may be compared, the newest first, locked: what comes of it is written to them."""
    project_id = session.get_one(Speaker, speaker_id).project_id
    return session.scalars(
        _of_project(project_id, model)
        .where(VoiceEmbedding.speaker_id == speaker_id)
        .order_by(VoiceEmbedding.made_at.desc(), VoiceEmbedding.upload_id)
        .limit(most)
        .with_for_update(of=VoiceEmbedding)
    ).all()


def consents_to_comparing(speaker: Speaker) -> bool:
    """A voice is compared to find what was put under the wrong name: part of what a yes to transcription allows."""
    return ConsentScope.TRANSCRIPTION in speaker.consent_scopes.split()


def known_voices(session: Session, upload: Upload, *, model: str, fewest: int) -> KnownVoices:
    """What a file's voice is compared with.

    fewest: recordings of its speaker from which on nobody asks who else it is
    """
    own = session.scalars(
        _of_project(upload.project_id, model)
        .with_only_columns(VoiceEmbedding.embedding)
        .where(VoiceEmbedding.speaker_id == upload.speaker_id, VoiceEmbedding.upload_id != upload.id)
        .order_by(VoiceEmbedding.made_at.desc(), VoiceEmbedding.upload_id)
        .limit(MOST_OWN)
    ).all()
    others: list[tuple[str, bytes]] = []
    if len(own) < fewest:
        others = [
            each
            for each in of_each_speaker(session, upload.project_id, model=model, most=OF_EACH)
            if each[0] != upload.speaker_id
        ]
    return KnownVoices(tuple(own), background(session, upload.project_id, model=model), tuple(others))


def background(session: Session, project_id: str, *, model: str) -> tuple[bytes, ...]:
    """One embedding a speaker, of many: from these it is known what all have in common."""
    speakers = session.scalars(
        select(Speaker.id)
        .where(
            Speaker.project_id == project_id,
            select(VoiceEmbedding.upload_id).where(VoiceEmbedding.speaker_id == Speaker.id).exists(),
        )
        .order_by(Speaker.id)
        .limit(MOST_BACKGROUND)
    ).all()
    of_each = (
        _of_project(project_id, model)
        .with_only_columns(func.max(VoiceEmbedding.upload_id))
        .where(VoiceEmbedding.speaker_id.in_(speakers), ~VoiceEmbedding.is_other)
        .group_by(VoiceEmbedding.speaker_id)
    )
    kept = select(VoiceEmbedding.embedding).where(VoiceEmbedding.upload_id.in_(of_each))
    return tuple(session.scalars(kept.order_by(VoiceEmbedding.upload_id)))


def of_each_speaker(
    session: Session, project_id: str, *, model: str, most: int, speakers: int = MOST_SPEAKERS
) -> list[tuple[str, bytes]]:
    """Speakers with up to `most` embeddings each, those of most speech, in the order of their ids."""
    place = func.row_number().over(
        partition_by=VoiceEmbedding.speaker_id,
        order_by=(VoiceEmbedding.seconds.desc(), VoiceEmbedding.upload_id),
    )
    ranked = (
        _of_project(project_id, model)
        .with_only_columns(VoiceEmbedding.upload_id, place.label("place"))
        .where(~VoiceEmbedding.is_other)
        .subquery()
    )
    found = session.execute(
        select(VoiceEmbedding.speaker_id, VoiceEmbedding.embedding)
        .join(ranked, ranked.c.upload_id == VoiceEmbedding.upload_id)
        .where(ranked.c.place <= most)
        .order_by(VoiceEmbedding.speaker_id, ranked.c.place)
        .limit(most * speakers)
    )
    return list(found.tuples())


def note_alike(
    session: Session, speaker_id: str, alike: Sequence[tuple[str, float]], *, at: datetime
) -> None:
    """Write down whom a speaker sounds like; what was written of the same two before is replaced."""
    for other, likeness in alike:
        first, second = sorted((speaker_id, other))
        kept = session.get(SpeakerLikeness, (first, second))
        if kept is None:
            kept = SpeakerLikeness(first_id=first, second_id=second)
            session.add(kept)
        kept.likeness, kept.found_at = likeness, at


def give_to(session: Session, upload_id: str, speaker_id: str) -> None:
    """The embedding of a file stands under the speaker it is of; what came of it under another is forgotten."""
    kept = session.get(VoiceEmbedding, upload_id)
    if kept is None:
        return
    for each in (kept.speaker_id, speaker_id):
        forget_likeness(session, each)
    kept.speaker_id, kept.likeness, kept.is_other = speaker_id, None, False


def forget_voice_of(session: Session, uploads: Collection[str]) -> None:
    """The embeddings of these files."""
    session.execute(
        delete(VoiceEmbedding).where(VoiceEmbedding.upload_id.in_(uploads)),
        execution_options={"synchronize_session": False},
    )


def forget_likeness(session: Session, speaker_id: str) -> None:
    """Whom a voice sounds like, and who sounds like it."""
    session.execute(
        delete(SpeakerLikeness).where(names(speaker_id)),
        execution_options={"synchronize_session": False},
    )


def forget_old_likeness(session: Session, project_id: str, *, before: datetime) -> None:
    """Whom the voices of a project sound like, as it was found before then."""
    ours = select(Speaker.id).where(Speaker.project_id == project_id)
    session.execute(
        delete(SpeakerLikeness).where(SpeakerLikeness.found_at < before, SpeakerLikeness.first_id.in_(ours)),
        execution_options={"synchronize_session": False},
    )


def names(speaker_id: str) -> ColumnElement[bool]:
    """Pairs of speakers that this one is in."""
    return or_(SpeakerLikeness.first_id == speaker_id, SpeakerLikeness.second_id == speaker_id)


def speaks_alone() -> ColumnElement[bool]:
    """Whether nobody but its speaker is said to be heard in the file: else an embedding is of nobody."""
    others = (
        select(RecordingSpeaker.speaker_id)
        .join(Recording, Recording.id == RecordingSpeaker.recording_id)
        .where(
            Recording.upload_id == VoiceEmbedding.upload_id,
            RecordingSpeaker.speaker_id != VoiceEmbedding.speaker_id,
        )
    )
    return ~others.exists()


def _of_project(project_id: str, model: str) -> Select[tuple[VoiceEmbedding]]:
    """Embeddings of a project that may be compared: by one model, of one voice each, under a consent that stands."""
    return (
        select(VoiceEmbedding)
        .join(Upload, Upload.id == VoiceEmbedding.upload_id)
        .join(Speaker, Speaker.id == VoiceEmbedding.speaker_id)
        .where(
            Upload.project_id == project_id,
            VoiceEmbedding.model == model,
            Upload.consent_round == Speaker.consent_round,
            Upload.erased_at.is_(None),
            Speaker.consent_scopes.like(f"% {ConsentScope.TRANSCRIPTION} %"),
            speaks_alone(),
        )
    )
