"""Voice profiles: who speaks in a recording, as far as the order of work is concerned."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.tables import Recording, RecordingSpeaker, Speaker, Upload
from transcription.slots.priority import SpeakerGroup, VoiceProfile
from transcription.slots.vocabulary import Kind, Trait


def voices_of(session: Session, recordings: Iterable[str]) -> dict[str, tuple[VoiceProfile, ...]]:
    """By recording: everybody who speaks in it."""
    rows = session.execute(
        select(RecordingSpeaker.recording_id, Recording.language, *_FACTS)
        .join(Recording, Recording.id == RecordingSpeaker.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
        .where(RecordingSpeaker.recording_id.in_(recordings))
        .order_by(RecordingSpeaker.recording_id, Speaker.id)
    ).all()
    found: dict[str, tuple[VoiceProfile, ...]] = {}
    for recording, language, *facts in rows:
        found[recording] = (*found.get(recording, ()), _voice(language, *facts))
    return found


def traits_of(voices: Sequence[VoiceProfile]) -> tuple[Trait, ...]:
    """Every trait that one of them has, once."""
    return tuple(dict.fromkeys(trait for voice in voices for trait in voice.traits))


_FACTS = (
    Speaker.id,
    Speaker.district,
    Speaker.gender,
    Speaker.age_band,
    Speaker.dialect,
    Speaker.occupation,
    Speaker.native_district,
    Upload.prompt,
)


def _voice(
    language: str,
    speaker: str,
    district: str | None,
    gender: str | None,
    age_band: str | None,
    dialect: str | None,
    occupation: str | None,
    origin: str | None,
    prompt: str | None,
) -> VoiceProfile:
    known = (
        (Kind.PROMPT, prompt),
        (Kind.SPEAKER, speaker),
        (Kind.OCCUPATION, occupation),
        (Kind.DIALECT, dialect),
        (Kind.ORIGIN, origin),
    )
    traits = tuple(Trait(kind, value) for kind, value in known if value)
    return VoiceProfile(SpeakerGroup(language, district, gender, age_band, dialect), traits)
