"""Speakers and their pseudonyms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from catalog import audit
from catalog.age import is_minor, is_minor_band, note_correction
from catalog.ids import content_id
from catalog.tables import Speaker

SINGLE_FACTS = (
    "language",
    "native_language",
    "gender",
    "age_band",
    "district",
    "native_district",
    "dialect",
    "schooling",
    "occupation",
)


@dataclass(frozen=True, slots=True)
class SpeakerFacts:
    """What is known of a voice. None where it isn't; nothing is invented.

    language:        that they will speak; native_language: that they grew up with
    district:        where they live now; native_district: where they grew up
    other_languages: codes or names, as they were given
    """

    pseudonym: str
    language: str | None = None
    gender: str | None = None
    age_band: str | None = None
    district: str | None = None
    dialect: str | None = None
    native_district: str | None = None
    other_languages: tuple[str, ...] = ()
    schooling: str | None = None
    occupation: str | None = None
    native_language: str | None = None


def facts_in(speaker: Speaker) -> SpeakerFacts:
    """What a row says of a voice."""
    return SpeakerFacts(
        pseudonym=speaker.pseudonym,
        language=speaker.language,
        gender=speaker.gender,
        age_band=speaker.age_band,
        district=speaker.district,
        dialect=speaker.dialect,
        native_district=speaker.native_district,
        other_languages=tuple(speaker.other_languages),
        schooling=speaker.schooling,
        occupation=speaker.occupation,
        native_language=speaker.native_language,
    )


def speaker_id_of(project_id: str, pseudonym: str) -> str:
    return content_id("speaker", project_id, pseudonym)


def register_speaker(
    session: Session,
    *,
    project_id: str,
    facts: SpeakerFacts,
    actor: str,
    at: datetime,
    registered_by: str | None = None,
) -> Speaker:
    """The speaker of that pseudonym in that project, made if new; facts not known before are filled in.

    What was known stays: a later list that says otherwise is for a person to settle, not for a machine.

    registered_by: the person who met a new speaker; None where a flow read of them
    """
    speaker_id = speaker_id_of(project_id, facts.pseudonym)
    speaker = session.get(Speaker, speaker_id)
    if speaker is None:
        speaker = Speaker(
            id=speaker_id,
            project_id=project_id,
            pseudonym=facts.pseudonym,
            other_languages=list(facts.other_languages),
            consent_scopes="",
            registered_by=registered_by,
            created_at=at,
        )
        for name in SINGLE_FACTS:
            setattr(speaker, name, getattr(facts, name))
        session.add(speaker)
        session.flush()
        audit.record(
            session, at=at, actor=actor, action="speaker.registered", subject=("speaker", speaker_id)
        )
    elif speaker.consent_scopes or not speaker.consent_round:  # of one who took it back nothing more is noted
        was_child = is_minor(speaker, today=at.date())
        for name in SINGLE_FACTS:
            setattr(speaker, name, getattr(speaker, name) or getattr(facts, name))
        speaker.other_languages = speaker.other_languages or list(facts.other_languages)
        note_correction(session, speaker, was_child=was_child, by=actor, at=at)
    return speaker


def revise_speaker(
    session: Session,
    *,
    speaker_id: str,
    facts: SpeakerFacts,
    actor: str,
    at: datetime,
    of_age_on: date | None = None,
    because: Mapping[str, str | bool] | None = None,
) -> tuple[str, ...]:
    """Write down what a person now knows of a speaker; the pseudonym stays. The names of what changed.

    of_age_on: of a child, the first day on which they are surely 18
    because:   what the log says beside: by which list
    """
    speaker = session.get_one(Speaker, speaker_id, with_for_update=True)
    was_child = is_minor(speaker, today=at.date())
    changed = [name for name in SINGLE_FACTS if getattr(speaker, name) != getattr(facts, name)]
    for name in changed:
        setattr(speaker, name, getattr(facts, name))
    if tuple(speaker.other_languages) != facts.other_languages:
        speaker.other_languages = list(facts.other_languages)
        changed.append("other_languages")
    if changed:
        audit.record(
            session,
            at=at,
            actor=actor,
            action="speaker.revised",
            subject=("speaker", speaker_id),
            detail={"facts": changed, **(because or {})},
        )
    is_said_child = facts.age_band is not None and is_minor_band(facts.age_band)
    if of_age_on is not None or (was_child and not is_said_child):  # who came of age since keeps the day
        speaker.of_age_on = of_age_on
    note_correction(session, speaker, was_child=was_child, by=actor, at=at)
    return tuple(changed)
