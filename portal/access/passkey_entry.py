"""Coming in with a passkey, and proving with one who somebody is. What happens, without its pages.

Imported where somebody brings one: with it comes the library (see `passkey_checks`).
"""

import logging
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.access import devices, passkeys, throttle
from portal.access.challenges import Purpose, use_challenge
from portal.access.entry import Entered, Wait, Wrong, enter, failed
from portal.access.passkey_checks import PasskeyRefused, check_new, check_signature, claimed_id
from portal.access.passkeys import KnownPasskey
from portal.access.relying_party import RelyingParty
from portal.access.session import Signed
from portal.context import PortalContext

log = logging.getLogger("boli.access")


@dataclass(frozen=True, slots=True)
class Proven:
    """Whose passkey it was."""

    person_id: str


def sign_in(
    context: PortalContext,
    party: RelyingParty,
    given: str,
    *,
    device_id: str,
    device_secret: str,
    ended: str,
) -> Entered | Wrong | Wait:
    """Let somebody in on a device where they are enrolled, whoever of them the passkey is of.

    given: the browser's answer, JSON; ended: the secret of the session that the browser had; "" where it had none
    """
    with context.catalog.writing() as session:
        devices.hold(session, device_id)
        people = {each.person_id for each in devices.people_on(session, device_id)}
        asked = _Asked(device_id, device_id, Purpose.SIGN_IN)
        came = _take(session, context, party, given, asked, people=people)
        if not isinstance(came, Proven):
            return came
        here = devices.Enrolled(device_id, device_secret)
        return enter(session, context, came.person_id, here, ended=ended, now=context.clock())


def prove(context: PortalContext, party: RelyingParty, given: str, *, signed: Signed) -> Wrong | Wait | None:
    """Hold a signature against the passkeys of somebody who is in, in the place of their PIN. None: it is right."""
    with context.catalog.writing() as session:
        devices.hold(session, signed.device_id)
        asked = _Asked(signed.device_id, signed.session_id, Purpose.PROVE)
        came = _take(session, context, party, given, asked, people={signed.person_id})
    return None if isinstance(came, Proven) else came


def add(context: PortalContext, party: RelyingParty, given: str, *, signed: Signed, kind: str) -> bool:
    """Keep the passkey that the device of somebody who is in has made. False where it can't be.

    They have proved who they are just now: only then was the device asked to make one.

    kind: what the device is, as a person would say it
    """
    now = context.clock()
    with context.catalog.writing() as session:
        devices.hold(session, signed.device_id)
        challenge = use_challenge(session, signed.session_id, Purpose.ADD, now=now)
        if challenge is None:
            return False
        try:
            made = check_new(given, party, challenge=challenge)
        except PasskeyRefused as refused:
            log.warning("a new passkey was refused: %s", refused)
            return False
        return passkeys.add_passkey(session, signed.person_id, signed.device_id, made, name=kind, now=now)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who was asked for a signature, and what for. holder: of the challenge"""

    device_id: str
    holder: str
    purpose: Purpose


def _take(
    session: Session,
    context: PortalContext,
    party: RelyingParty,
    given: str,
    asked: _Asked,
    *,
    people: set[str],
) -> Proven | Wrong | Wait:
    """A turn, counted and slowed as one with a PIN is; whatever comes of it, the challenge is used up."""
    now = context.clock()
    challenge = use_challenge(session, asked.holder, asked.purpose, now=now)
    known = _known(session, given, people)
    person_id = known.person_id if known else None
    counted = (throttle.person_on(person_id or "nobody", asked.device_id), throttle.all_on(asked.device_id))
    wait = throttle.take_turn(session, counted, now=now)
    if wait:
        return Wait(wait)
    try:
        count = _count(given, party, known, challenge)
    except PasskeyRefused as refused:
        log.warning("a passkey was refused on device %s: %s", asked.device_id, refused)
        return failed(session, person_id, asked.device_id, counted, now, action="passkey.refused")
    assert known is not None
    throttle.forgive(session, *counted)
    passkeys.note_use(session, known.id, sign_count=count, now=now)
    return Proven(known.person_id)


def _known(session: Session, given: str, people: set[str]) -> KnownPasskey | None:
    try:
        return passkeys.find_passkey(session, claimed_id(given), people=people)
    except PasskeyRefused:
        return None


def _count(given: str, party: RelyingParty, known: KnownPasskey | None, challenge: bytes | None) -> int:
    if known is None:
        raise PasskeyRefused("it is of nobody who signs in here")
    if challenge is None:
        raise PasskeyRefused("this browser was asked for no signature, or too long ago")
    return check_signature(given, party, known, challenge=challenge)
