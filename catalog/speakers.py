"""Voices and their pseudonyms."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from catalog import audit
from catalog.ids import content_id
from catalog.tables import Speaker


@dataclass(frozen=True, slots=True)
class SpeakerFacts:
    """What is known of a voice. None where it isn't; nothing is invented."""

    pseudonym: str
    language: str | None = None
    gender: str | None = None
    age_band: str | None = None
    district: str | None = None
    dialect: str | None = None


def register_speaker(
    session: Session, *, project_id: str, facts: SpeakerFacts, actor: str, at: datetime
) -> Speaker:
    """The speaker of that pseudonym in that project, made if new; facts not known before are filled in.

    What was known stays: a later list that says otherwise is for a person to settle, not for a machine.
    """
    speaker_id = content_id("speaker", project_id, facts.pseudonym)
    speaker = session.get(Speaker, speaker_id)
    if speaker is None:
        speaker = Speaker(
            id=speaker_id,
            project_id=project_id,
            pseudonym=facts.pseudonym,
            language=facts.language,
            gender=facts.gender,
            age_band=facts.age_band,
            district=facts.district,
            dialect=facts.dialect,
            consent_scopes="",
            created_at=at,
        )
        session.add(speaker)
        session.flush()
        audit.record(
            session, at=at, actor=actor, action="speaker.registered", subject=("speaker", speaker_id)
        )
    else:
        speaker.language = speaker.language or facts.language
        speaker.gender = speaker.gender or facts.gender
        speaker.age_band = speaker.age_band or facts.age_band
        speaker.district = speaker.district or facts.district
        speaker.dialect = speaker.dialect or facts.dialect
    return speaker
