"""Whose voice an upload is: what it is compared with, what is remembered of it, what its sender is told."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from audio.reasons import AudioReason
from audio.voices.values import FEWEST_OWN, MODEL, SEVERAL, KnownEmbeddings
from catalog import voices
from catalog.config.project import Project
from catalog.database import Catalog
from catalog.tables import Speaker, Upload
from portal.upload.measuring import HeardArrival

OTHER_VOICE = "other_voice"
FAMILIAR_VOICE = "familiar_voice"


def known_embeddings(catalog: Catalog, upload_id: str, project: Project) -> KnownEmbeddings | None:
    """None where the project compares no voices, or nobody is said to speak, or has not said yes yet."""
    if project.clips.voices == "off":
        return None
    with catalog.reading() as session:
        upload = session.get_one(Upload, upload_id)
        speaker = session.get(Speaker, upload.speaker_id) if upload.speaker_id else None
        if speaker is None or not voices.consents_to_comparing(speaker):
            return None
        known = voices.known_voices(session, upload, model=MODEL, fewest=FEWEST_OWN)
    return KnownEmbeddings(known.own, known.background, known.others)


def heard_codes(heard: HeardArrival) -> list[str]:
    """All that was found, as codes of catalog.reasons: of the voice first, by its embedding where there is one."""
    codes = [code for code, _ in heard.findings]
    if heard.voice is not None and heard.voice.within is not None:
        codes = [code for code in codes if code != AudioReason.SEVERAL_SPEAKERS]
        if heard.voice.within < SEVERAL:
            codes.insert(0, AudioReason.SEVERAL_SPEAKERS.value)
    return [*_of_the_voice(heard), *codes]


def _of_the_voice(heard: HeardArrival) -> Iterator[str]:
    """Neither turns anybody away."""
    if heard.compared is not None and heard.compared.is_other:
        yield OTHER_VOICE
    if heard.compared is not None and heard.compared.alike:
        yield FAMILIAR_VOICE


def keep_voice(session: Session, upload_id: str, heard: HeardArrival | None, *, at: datetime) -> None:
    """Remember the voice, unless it was taken back while it was heard."""
    if heard is None or heard.voice is None or heard.compared is None:
        return
    voice = heard.voice
    kept = voices.keep_embedding(
        session,
        upload_id,
        voice.embedding,
        model=voice.model,
        seconds=voice.seconds,
        within=voice.within,
        at=at,
    )
    if kept is not None:
        kept.likeness, kept.is_other = heard.compared.likeness, heard.compared.is_other
        voices.note_alike(session, kept.speaker_id, heard.compared.alike, at=at)
