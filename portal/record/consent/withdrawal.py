"""Taking consent back with the code on the paper: as easy as giving it, and slow for whoever guesses."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import consent, legal_hold
from catalog.consent import Withdrawal
from catalog.database import Catalog
from catalog.states import ConsentKind
from catalog.tables import ConsentReceipt, LegalHold, Speaker
from portal.access import throttle
from portal.access.secrets import hashed
from portal.access.throttle import Counted
from portal.record.consent.grant import plain_code

FREE_TRIES = 8


def speaker_of_code(session: Session, typed: str, *, place: str, now: datetime) -> str | int | None:
    """Whose receipt that is; None for a wrong code; seconds to wait after many wrong ones from one place.

    A right code is obeyed whatever others have typed before: behind one address may be a whole village, and sixteen
    letters of thirty-two can't be guessed at any pace. What waits is the answer to wrong ones.

    place: a keyed digest of the network address, so that none is kept
    """
    found = session.scalar(
        select(ConsentReceipt.speaker_id).where(ConsentReceipt.code_sha256 == hashed(plain_code(typed)))
    )
    if found is not None:
        return found
    return throttle.take_turn(session, [Counted(f"withdraw@{place}", free=FREE_TRIES)], now=now) or None


def stands(session: Session, speaker_id: str) -> bool:
    """Whether there is a yes to take back."""
    events = consent.history(session, speaker_id)
    return bool(events) and events[-1].kind is ConsentKind.GRANTED


def hold_on(session: Session, speaker_id: str, *, now: datetime) -> LegalHold | None:
    """The legal hold that keeps a voice's bytes the longest, though nobody hears them."""
    speaker = session.get_one(Speaker, speaker_id)
    return next(iter(legal_hold.holds_on(session, speaker, at=now)), None)


def take_back(catalog: Catalog, speaker_id: str, *, by: str, now: datetime) -> Withdrawal:
    """Obey, and tell how far it reaches. by: the coordinator's id, or `receipt` where the code itself spoke"""
    with catalog.writing() as session:
        consent.withdraw(session, speaker_id=speaker_id, recorded_by=by, at=now)
    with catalog.reading() as session:  # counted afterwards: nobody waits for it who hears the voice
        return consent.reached(session, speaker_id)
