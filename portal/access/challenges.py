"""Challenges: what a browser signs next with a passkey; in the catalogue, so that any portal of it takes the answer.

A browser has one for each purpose; a newer one replaces it. So the table is no longer than the list of devices, and a
stranger, who has no device, writes nothing into it.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.orm import Session

from catalog.outlived_rows import delete_expired_challenges
from catalog.tables import PasskeyChallenge

LASTS = timedelta(minutes=5)
"""WebAuthn Level 3, 15.1: five to ten minutes where somebody shows a finger or types a code."""
LENGTH = 32
"""Bytes; WebAuthn Level 3, 13.4.3, asks for 16 at least."""


class Purpose(StrEnum):
    """What an answer is taken for; for anything else it is worth nothing."""

    SIGN_IN = "sign_in"
    ADD = "add"
    PROVE = "prove"


def new_challenge(session: Session, holder: str, purpose: Purpose, *, now: datetime) -> bytes:
    """Another one, in the place of the last. holder: the device, or the session, whose browser is asked

    Asked in a writing session that holds the row of the device, so that two pages at once make one row.
    """
    delete_expired_challenges(session, at=now)
    challenge = secrets.token_bytes(LENGTH)
    session.merge(
        PasskeyChallenge(holder=holder, purpose=purpose, challenge=challenge, expires_at=now + LASTS)
    )
    session.flush()
    return challenge


def use_challenge(session: Session, holder: str, purpose: Purpose, *, now: datetime) -> bytes | None:
    """What that browser was to sign; from now on it is used up. None: it was asked nothing, or too long ago."""
    used = session.execute(
        delete(PasskeyChallenge)
        .where(PasskeyChallenge.holder == holder, PasskeyChallenge.purpose == purpose)
        .returning(PasskeyChallenge.challenge, PasskeyChallenge.expires_at),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    return used.challenge if used is not None and used.expires_at > now else None
