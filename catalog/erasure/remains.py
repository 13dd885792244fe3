"""What remains of a voice after its erasure, and why: listed in the proof, never silently kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from catalog import legal_hold
from catalog.erasure.aligners import due_aligners
from catalog.erasure.evidence import kept_evidence
from catalog.import_changes import changes_of_voice
from catalog.states import RecordingState
from catalog.tables import (
    ErasedObject,
    Erasure,
    LegalHold,
    Recording,
    RecordingSpeaker,
    Speaker,
    SpeakerPrivate,
    Transfer,
    Upload,
)

MOST_NAMED = 1000
"""Of each kind: what remains is listed by name while it is few."""


@dataclass(frozen=True, slots=True)
class Remainder:
    """is_due: it is to be destroyed, and the next run of the flows does so"""

    what: str
    which: str
    why: str
    is_due: bool = False


def remains(session: Session, speaker: Speaker, *, at: datetime) -> tuple[Remainder, ...]:
    """All that is left of what came in before the last withdrawal."""
    return (
        Remainder(
            "pseudonym",
            speaker.pseudonym,
            "what arrives late is known by it; ids, times, reasons and pay of others' work stand under it",
        ),
        *_evidence(session, speaker),
        *_shared_originals(session, speaker),
        *_copies_of_others(session, speaker),
        *_left(session, speaker, at),
    )


def _evidence(session: Session, speaker: Speaker) -> list[Remainder]:
    why = (
        "shows that there was a yes: the project keeps it (consent.evidence_after_withdrawal), "
        "or another yes rests on it"
    )
    last = session.scalar(
        select(Erasure).where(Erasure.speaker_id == speaker.id, Erasure.round == speaker.consent_round)
    )
    return [Remainder("evidence", key, why) for _, key in kept_evidence(session, last)] if last else []


def _shared_originals(session: Session, speaker: Speaker) -> list[Remainder]:
    """The same bytes as an original of another project, where another person stands for them."""
    other = aliased(Recording)
    rows = session.execute(
        select(other.key, other.project_id)
        .join(Recording, Recording.key == other.key)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Recording.id)
        .where(
            RecordingSpeaker.speaker_id == speaker.id,
            Recording.erased_at.is_not(None),
            other.project_id != Recording.project_id,
            other.state != RecordingState.WITHDRAWN,
        )
        .order_by(other.key)
        .limit(MOST_NAMED)
    )
    return [
        Remainder("original", key, f"project {project} holds it with consent of its own")
        for key, project in rows
    ]


def _copies_of_others(session: Session, speaker: Speaker) -> list[Remainder]:
    rows = session.execute(
        select(Upload.id, Upload.landing_key, Speaker.pseudonym)
        .join(ErasedObject, ErasedObject.sha256 == Upload.sha256)
        .join(Erasure, Erasure.id == ErasedObject.erasure_id)
        .join(Speaker, Speaker.id == Upload.speaker_id)
        .where(
            Erasure.speaker_id == speaker.id,
            Upload.project_id == speaker.project_id,
            Upload.speaker_id != speaker.id,
            Upload.erased_at.is_(None),
        )
        .distinct()
        .order_by(Upload.id)
        .limit(MOST_NAMED)
    )
    return [
        Remainder("upload", key or upload, f"a copy that {other} gave, whose own consent it rests on")
        for upload, key, other in rows
    ]


def hold_in_words(hold: LegalHold) -> str:
    """As a proof tells it."""
    until = f"until {hold.until:%Y-%m-%d}" if hold.until else "until it is lifted"
    return f"legal hold {until}, ordered by {hold.ordered_by}: {hold.because}; nobody hears or uses it"


def _left(session: Session, speaker: Speaker, at: datetime) -> list[Remainder]:
    """What is still there of what is to be destroyed: it waits for its turn, or for a legal hold to end."""
    own = legal_hold.holds_on(session, speaker, at=at)
    held = (
        hold_in_words(own[0]) if own else "another voice in it is under a legal hold; nobody hears or uses it"
    )
    recordings = (
        select(func.count())
        .select_from(RecordingSpeaker)
        .join(Recording, Recording.id == RecordingSpeaker.recording_id)
        .where(
            RecordingSpeaker.speaker_id == speaker.id,
            RecordingSpeaker.consent_round < speaker.consent_round,
            Recording.erased_at.is_(None),
        )
    )
    uploads = _of_earlier_rounds(Upload, speaker)
    transfers = _of_earlier_rounds(Transfer, speaker)
    found = []
    for what, query, is_held in (
        ("recordings", recordings, legal_hold.recording_is_held(Recording.id, at=at)),
        ("uploads", uploads, legal_hold.upload_is_held(at=at)),
        ("partial uploads", transfers, legal_hold.is_held(Transfer.speaker_id, at=at)),
    ):
        if waiting := session.scalar(query.where(~is_held)):
            found.append(
                Remainder(what, str(waiting), "waits for the next run of the flow `collect`", is_due=True)
            )
        if kept := session.scalar(query.where(is_held)):
            found.append(Remainder(what, str(kept), held))
    if models := due_aligners(session, speaker.id, speaker.consent_round):
        waits = "waits for the next run of the flow `collect`"
        found.append(Remainder("aligner models", str(len(models)), held if own else waits, is_due=not own))
    if own and session.get(SpeakerPrivate, speaker.id) is not None:
        found.append(Remainder("name and phone", "1", held))
    if own and (changes := changes_of_voice(session, speaker.id, before_round=speaker.consent_round)):
        found.append(Remainder("what lists changed", str(changes), held))
    return found


def _of_earlier_rounds(table: type[Upload] | type[Transfer], speaker: Speaker) -> Select[tuple[int]]:
    return (
        select(func.count())
        .select_from(table)
        .where(
            table.speaker_id == speaker.id,
            table.consent_round < speaker.consent_round,
            table.erased_at.is_(None),
        )
    )
