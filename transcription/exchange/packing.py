"""Leased clips to a package: what a person takes along, with what they have written so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.tables import Clip, Recording, RecordingSpeaker, Speaker
from transcription.context import ProjectContext
from transcription.exchange.package import (
    ClipLocation,
    Item,
    Package,
    SampleSpan,
    Ticket,
    clean_text,
    digest,
    utc,
)
from transcription.people import StaffMember
from transcription.slots.lease import Lease


@dataclass(frozen=True, slots=True)
class ClipSound:
    """Where a clip's renditions lie in the store."""

    clip: str
    recording: str
    span: SampleSpan
    cut_key: str
    clean_key: str
    preview_key: str


def sounds_of(session: Session, leases: Sequence[Lease]) -> list[ClipSound]:
    """The sound of each leased clip, by recording and then in the order in which it is spoken."""
    rows = session.execute(
        select(
            Clip.id,
            Clip.recording_id,
            Clip.start,
            Clip.end,
            Recording.sample_rate,
            Clip.cut_key,
            Clip.clean_key,
            Clip.preview_key,
        )
        .join(Recording, Recording.id == Clip.recording_id)
        .where(Clip.id.in_([lease.clip_id for lease in leases]))
        .order_by(Clip.recording_id, Clip.start, Clip.id)
    )
    return [
        ClipSound(clip, recording, SampleSpan(start, end, rate), *keys)
        for clip, recording, start, end, rate, *keys in rows.tuples()
    ]


def pack(
    session: Session,
    context: ProjectContext,
    person: StaffMember,
    leases: Sequence[Lease],
    sounds: Sequence[ClipSound],
    places: Mapping[str, ClipLocation],
    *,
    now: datetime,
) -> Package:
    """The package, its clips in the order of `sounds`.

    places: by clip id, where it lies in the sound that goes along; one that isn't there lies in its recording
    raises: ExchangeError where there is no clip, or too many
    """
    by_clip = {lease.clip_id: lease for lease in leases}
    voices = _voices(session, [sound.recording for sound in sounds])
    items = []
    for sound in sounds:
        lease = by_clip[sound.clip]
        text = clean_text(lease.draft)
        ticket = Ticket(
            clip=sound.clip,
            task=lease.task_id,
            slot=lease.hold.slot_id,
            token=lease.hold.token,
            language=lease.language,
            guideline=lease.guideline,
            speaker=voices[sound.recording],
            recording=sound.recording,
            span=sound.span,
            place=places.get(sound.clip, ClipLocation(sound.recording, sound.span)),
            given=digest(text),
            note=_note(lease),
        )
        items.append(Item(ticket, text))
    return Package(context.project.name, person.handle, utc(now), tuple(items))


def _voices(session: Session, recordings: Sequence[str]) -> dict[str, str]:
    """The pseudonyms of each recording's voices."""
    rows = session.execute(
        select(RecordingSpeaker.recording_id, Speaker.pseudonym)
        .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
        .where(RecordingSpeaker.recording_id.in_(recordings))
        .order_by(RecordingSpeaker.recording_id, Speaker.pseudonym)
    )
    voices: dict[str, list[str]] = {}
    for recording, pseudonym in rows.tuples():
        voices.setdefault(recording, []).append(pseudonym)
    return {recording: " + ".join(names) for recording, names in voices.items()}


def _note(lease: Lease) -> str:
    if lease.returned is None:
        return ""
    return clean_text(
        ": ".join(part for part in (", ".join(lease.returned.reasons), lease.returned.note) if part)
    )
