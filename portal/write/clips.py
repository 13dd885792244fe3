"""A clip as the write screen gets it: what is heard, until when it is theirs, what they wrote before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from catalog.states import ClipState
from catalog.tables import Clip, Recording, RecordingSpeaker, Speaker
from portal.context import PortalContext
from portal.listening import SlotHeld, link, new_links
from portal.write.slot import SlotUse, proof_of
from portal.write.waveform import peaks_of
from transcription.slots.lease import Hold, Lease

CONTEXT_SECONDS = 2.0
"""So much of a neighbouring clip is heard, if it is no further away than that."""
CONTEXT_POINTS = 40


@dataclass(frozen=True, slots=True)
class SpeakerProfile:
    """Who speaks, as far as it helps to understand them. several: more than one person"""

    gender: str | None
    age_band: str | None
    district: str | None
    several: bool


@dataclass(frozen=True, slots=True)
class SentBack:
    """Why a reviewer wants it done again. reasons: codes"""

    reasons: tuple[str, ...]
    note: str
    times: int


@dataclass(frozen=True, slots=True)
class ClipToWrite:
    """peaks: loudest sample of each stretch, 0 to 128. preview: a link that lasts some minutes

    by_machine: the person began with what a machine heard
    """

    slot: str
    token: int
    proof: str
    clip: str
    language: str
    guideline: str
    seconds: float
    expires_at: datetime
    preview: str
    peaks: list[int]
    draft: str
    by_machine: bool
    returned: SentBack | None
    voice: SpeakerProfile | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The clip before or after in the same recording, of which the near end is heard.

    gap:    seconds between the two clips
    start:  where to play from, seconds of the neighbour; end: to where
    """

    preview: str
    peaks: list[int]
    gap: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    before: Neighbour | None
    after: Neighbour | None


def clips_to_write(context: PortalContext, leases: Sequence[Lease]) -> tuple[ClipToWrite, ...]:
    """Leases of a person, ready for their screen."""
    voices = _voices(context, [lease.clip_id for lease in leases])
    return tuple(
        ClipToWrite(
            slot=lease.hold.slot_id,
            token=lease.hold.token,
            proof=proof_of(context, lease.hold, SlotUse.WRITE),
            clip=lease.clip_id,
            language=lease.language,
            guideline=lease.guideline,
            seconds=lease.seconds,
            expires_at=lease.expires_at,
            preview=new_links(context, lease.clip_id, lease.hold).preview,
            peaks=peaks_of(context.store, lease.peaks_key),
            draft=lease.draft,
            by_machine=lease.machine_draft is not None,
            returned=SentBack(lease.returned.reasons, lease.returned.note, lease.returned.times)
            if lease.returned
            else None,
            voice=voices.get(lease.clip_id),
        )
        for lease in leases
    )


def surroundings(context: PortalContext, hold: Hold, clip_id: str, now: datetime) -> Surroundings:
    """What is said just before and after a clip, as far as it is held and may be heard."""
    columns = (Clip.id, Clip.recording_id, Clip.start, Clip.end, Clip.seconds, Clip.peaks_key)
    with context.catalog.reading() as session:
        here = session.execute(
            select(*columns, Recording.sample_rate)
            .join(Recording, Recording.id == Clip.recording_id)
            .where(Clip.id == clip_id)
        ).one()
        others = select(*columns).where(
            Clip.recording_id == here.recording_id, Clip.state != ClipState.WITHDRAWN
        )
        before = session.execute(
            others.where(Clip.end <= here.start).order_by(Clip.end.desc()).limit(1)
        ).first()
        after = session.execute(others.where(Clip.start >= here.end).order_by(Clip.start).limit(1)).first()

    def neighbour(clip_id: str, seconds: float, key: str, gap: float, *, tail: bool) -> Neighbour | None:
        length = min(seconds, CONTEXT_SECONDS - gap)
        peaks = peaks_of(context.store, key)
        if length <= 0.2 or not peaks:
            return None
        share = max(1, round(len(peaks) * length / seconds))
        near = peaks[-share:] if tail else peaks[:share]
        step = -(-len(near) // CONTEXT_POINTS)
        return Neighbour(
            preview=link(
                context, clip_id, "preview", listener=hold.person_id, ground=SlotHeld(hold), now=now
            ),
            peaks=[max(near[at : at + step]) for at in range(0, len(near), step)],
            gap=gap,
            start=seconds - length if tail else 0.0,
            end=seconds if tail else length,
        )

    rate = here.sample_rate
    return Surroundings(
        before=neighbour(
            before.id, before.seconds, before.peaks_key, (here.start - before.end) / rate, tail=True
        )
        if before
        else None,
        after=neighbour(after.id, after.seconds, after.peaks_key, (after.start - here.end) / rate, tail=False)
        if after
        else None,
    )


def _voices(context: PortalContext, clip_ids: Sequence[str]) -> dict[str, SpeakerProfile]:
    query = (
        select(Clip.id, Speaker.gender, Speaker.age_band, Speaker.district)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Clip.recording_id)
        .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
        .where(Clip.id.in_(clip_ids))
        .order_by(Clip.id, Speaker.id)
    )
    found: dict[str, SpeakerProfile] = {}
    with context.catalog.reading() as session:
        for row in session.execute(query):
            several = row.id in found
            found[row.id] = SpeakerProfile(row.gender, row.age_band, row.district, several)
    return found
