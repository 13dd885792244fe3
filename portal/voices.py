"""What embeddings say of voices, for people: recordings in another voice, speakers who sound alike."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from catalog.consent import ConsentScope
from catalog.tables import Speaker, SpeakerLikeness, Upload, VoiceEmbedding
from catalog.voices import names

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SimilarVoice:
    """Another speaker whose voice is alike. likeness: 1 for the same sound"""

    speaker_id: str
    pseudonym: str
    likeness: float


@dataclass(frozen=True, slots=True)
class SpeakerVoice:
    """compared: recordings whose voice was compared; other: those of them in which another voice speaks"""

    compared: int
    other: int
    similar: tuple[SimilarVoice, ...]


@dataclass(frozen=True, slots=True)
class ProjectVoices:
    """What a manager should look at. other: recordings in another voice; pairs: of speakers who sound alike"""

    other: int
    pairs: int


def voice_of(session: Session, speaker: Speaker) -> SpeakerVoice:
    """Of one speaker: how the recordings go together, and whom else they sound like."""
    compared, other = session.execute(
        select(func.count(VoiceEmbedding.likeness), func.count().filter(VoiceEmbedding.is_other)).where(
            VoiceEmbedding.speaker_id == speaker.id
        )
    ).one()
    rows = session.execute(
        select(Speaker.id, Speaker.pseudonym, SpeakerLikeness.likeness)
        .join(SpeakerLikeness, _pair_of_row())
        .where(names(speaker.id), Speaker.id != speaker.id, _consents())
        .order_by(SpeakerLikeness.likeness.desc(), Speaker.pseudonym)
        .limit(MOST_SHOWN)
    )
    similar = tuple(SimilarVoice(*row) for row in rows.tuples()) if speaker.consent_scopes else ()
    return SpeakerVoice(compared, other, similar)


def likeness_of(session: Session, upload_id: str) -> tuple[float | None, bool]:
    """How like a recording's voice is to its speaker's others, and whether that is another's; None: not compared."""
    row = session.get(VoiceEmbedding, upload_id)
    return (row.likeness, row.is_other) if row is not None else (None, False)


def project_voices(session: Session, project: str) -> ProjectVoices:
    """How many of each there are in a project."""
    other = (
        select(func.count())
        .select_from(VoiceEmbedding)
        .join(Upload, Upload.id == VoiceEmbedding.upload_id)
        .join(Speaker, Speaker.id == VoiceEmbedding.speaker_id)
        .where(Upload.project_id == project, VoiceEmbedding.is_other, _consents())
    )
    pairs = (
        select(func.count())
        .select_from(SpeakerLikeness)
        .join(Speaker, Speaker.id == SpeakerLikeness.first_id)
        .where(Speaker.project_id == project, _consents())
    )
    return ProjectVoices(session.scalar(other) or 0, session.scalar(pairs) or 0)


def sounds_like_another() -> ColumnElement[bool]:
    """Speakers who sound like another one of the project."""
    return select(SpeakerLikeness.first_id).where(_pair_of_row()).exists()


def in_another_voice() -> ColumnElement[bool]:
    """Uploads in another voice than their speaker's other recordings."""
    own = VoiceEmbedding.upload_id == Upload.id
    return select(VoiceEmbedding.upload_id).where(own, VoiceEmbedding.is_other).exists()


def _pair_of_row() -> ColumnElement[bool]:
    return or_(SpeakerLikeness.first_id == Speaker.id, SpeakerLikeness.second_id == Speaker.id)


def _consents() -> ColumnElement[bool]:
    return Speaker.consent_scopes.like(f"% {ConsentScope.TRANSCRIPTION} %")
