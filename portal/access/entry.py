"""Coming in: with an invite on a new device, with a PIN on a known one. What happens, without its pages."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog import audit
from catalog.tables import Person, SignIn
from portal.access import devices, invites, passkeys, pin, resets, throttle
from portal.access import session as sessions
from portal.context import PortalContext
from transcription.news.subscriptions import drop_ended
from transcription.people import roles_by_project


@dataclass(frozen=True, slots=True)
class Entered:
    """They are in.

    secret:      of the new session, for the cookie of this browser alone
    device:      the secret that this browser is known by from now on
    reset_links: whether others made links to reset their PIN that they have not read of here
    """

    person_id: str
    secret: str
    device: str
    reset_links: bool


@dataclass(frozen=True, slots=True)
class Wrong:
    """The PIN was not right. wait: seconds before the next try is looked at"""

    wait: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Not looked at: too soon after too many failures."""

    seconds: int


class InviteOver(Exception):
    """The link can't be used any more, or never could."""


def sign_in(
    context: PortalContext, *, device_id: str, device_secret: str, handle: str, secret: str, ended: str
) -> Entered | Wrong | Wait:
    """Let somebody in on a device where they are enrolled.

    Takes as long for a person who is not, and tells the same.

    ended: the secret of the session that the browser had, which ends now; "" where it had none
    """
    now = context.clock()
    with context.catalog.writing() as session:
        devices.hold(session, device_id)
        companions = devices.people_on(session, device_id)
        person_id = next((each.person_id for each in companions if each.handle == handle), None)
        counted = (throttle.person_on(person_id or "nobody", device_id), throttle.all_on(device_id))
        wait = throttle.take_turn(session, counted, now=now)
        kept = pin.kept_hash(session, person_id) if person_id and not wait else None
    if wait:
        return Wait(wait)
    right = pin.is_right(secret, kept)
    with context.catalog.writing() as session:
        if not right or person_id is None:
            return failed(session, person_id, device_id, counted, now)
        throttle.forgive(session, *counted)
        here = devices.Enrolled(device_id, device_secret)
        return enter(session, context, person_id, here, ended=ended, now=now)


def come_with_invite(
    context: PortalContext,
    code: str,
    *,
    device_secret: str,
    kind: str,
    known: str,
    secret: str,
    again: str,
    ended: str,
) -> Entered | Wrong | Wait:
    """Enrol a device with an invite, and let its person in.

    Where the answer to that is lost on a bad link, the same browser may ask again for a while, with the PIN.

    known:         the PIN that they have; looked at where the invite asks for it
    secret, again: the PIN that they choose, twice; looked at where the invite does not ask for the known one
    raises:        InviteOver, pin.WeakSecret
    """
    now = context.clock()
    with context.catalog.reading() as session:
        invite = invites.find_invite(session, code, browser=device_secret, now=now)
    if invite is None or invite.over:
        raise InviteOver
    new_hash = None
    counted = (throttle.person_on(invite.person_id, invite.id),)
    if invite.again:
        known = known or secret  # the form of the first time, sent once more
    if invite.asks_for_known_secret:
        refused = _known_refused(context, code, invite, known, device_secret, counted[0], now)
        if refused is not None:
            return refused
    else:
        new_hash = pin.hash_of(pin.check_new(secret, again, handle=invite.handle))
    with context.catalog.writing() as session:
        # Their first PIN may have been set on another device since the page was shown: it is not replaced unseen.
        since = invites.find_invite(session, code, browser=device_secret, now=now, lock=True)
        if since is None or since.asks_for_known_secret != invite.asks_for_known_secret:
            raise InviteOver
        if invite.again:
            return _enter_again(session, context, invite, counted[0], ended=ended, now=now)
        if not invites.use_invite(session, invite, browser=device_secret, device_kind=kind, now=now):
            raise InviteOver
        throttle.forgive(session, counted[0])
        if new_hash is not None:
            set_secret(session, invite.person_id, new_hash, by=invite.person_id, now=now)
        here = devices.enrol(session, invite.person_id, secret=device_secret, kind=kind, now=now)
        invites.note_device(session, invite, here.device_id)
        return enter(session, context, invite.person_id, here, ended=ended, now=now)


def _known_refused(
    context: PortalContext,
    code: str,
    invite: invites.Invitation,
    known: str,
    browser: str,
    counted: throttle.Counted,
    now: datetime,
) -> Wrong | Wait | None:
    """Hold the PIN that they have against the one that is kept. None: it is right."""
    with context.catalog.writing() as session:
        invites.find_invite(session, code, browser=browser, now=now, lock=True)
        wait = throttle.take_turn(session, (counted,), now=now)
        kept = pin.kept_hash(session, invite.person_id)
    if wait:
        return Wait(wait)
    if pin.is_right(known, kept):
        return None
    with context.catalog.writing() as session:
        return failed(session, invite.person_id, invite.id, (counted,), now)


def _enter_again(
    session: Session,
    context: PortalContext,
    invite: invites.Invitation,
    counted: throttle.Counted,
    *,
    ended: str,
    now: datetime,
) -> Entered:
    """In, on the device whose secret never arrived."""
    here = devices.renew_secret(session, invite.device_id) if invite.device_id else None
    if here is None:
        raise InviteOver
    throttle.forgive(session, counted)
    return enter(session, context, invite.person_id, here, ended=ended, now=now)


def change_secret(
    context: PortalContext,
    *,
    person_id: str,
    handle: str,
    device_id: str,
    session_id: str,
    known: str,
    secret: str,
    again: str,
) -> Wrong | Wait | None:
    """Another PIN for somebody who is in and knows the old one. None: changed. Raises pin.WeakSecret."""
    chosen = pin.check_new(secret, again, handle=handle)
    refused = prove_secret(context, person_id=person_id, device_id=device_id, known=known)
    if refused is not None:
        return refused
    new_hash = pin.hash_of(chosen)
    with context.catalog.writing() as session:
        set_secret(session, person_id, new_hash, by=person_id, now=context.clock(), but=session_id)
    return None


def prove_secret(
    context: PortalContext, *, person_id: str, device_id: str, known: str
) -> Wrong | Wait | None:
    """Hold a PIN against that of somebody who is in, before they change how they come in. None: it is right."""
    now = context.clock()
    counted = (throttle.person_on(person_id, device_id), throttle.all_on(device_id))
    with context.catalog.writing() as session:
        devices.hold(session, device_id)
        wait = throttle.take_turn(session, counted, now=now)
        kept = pin.kept_hash(session, person_id)
    if wait:
        return Wait(wait)
    right = pin.is_right(known, kept)
    with context.catalog.writing() as session:
        if not right:
            return failed(session, person_id, device_id, counted, now)
        throttle.forgive(session, *counted)
    return None


def end_session(session: Session, person_id: str, session_id: str, *, by: str, now: datetime) -> bool:
    """End one session of that person. False where they have none of that id."""
    ended = session.scalars(
        update(SignIn)
        .where(SignIn.id == session_id, SignIn.person_id == person_id, SignIn.ended_at.is_(None))
        .values(ended_at=now)
        .returning(SignIn.id)
    ).all()
    if ended:
        audit.record(session, at=now, actor=by, action="session.ended", subject=("session", session_id))
    return bool(ended)


def set_secret(
    session: Session, person_id: str, new_hash: str, *, by: str, now: datetime, but: str | None = None
) -> None:
    """Keep a new PIN and end the person's sessions, all but the one in which they changed it (`but`).

    Without such a one nobody proved that they knew the old PIN: passkeys of before go as that goes.
    """
    pin.keep(session, person_id, new_hash, now=now)
    ended = end_sessions(session, person_id, by=by, now=now, but=but, on_record=False)
    removed = passkeys.forget_all(session, person_id) if but is None else 0
    audit.record(
        session,
        at=now,
        actor=by,
        action="secret.set",
        subject=("person", person_id),
        detail={"sessions_ended": ended, "passkeys_removed": removed},
    )


def end_sessions(
    session: Session,
    person_id: str,
    *,
    by: str,
    now: datetime,
    but: str | None = None,
    on_record: bool = True,
) -> int:
    """End a person's sessions wherever they are, and return how many there were."""
    open_ones = session.scalars(
        select(SignIn.id).where(
            SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.id != (but or "")
        )
    ).all()
    sessions.end(session, open_ones, now=now)
    if on_record and open_ones:
        audit.record(
            session,
            at=now,
            actor=by,
            action="session.all_ended",
            subject=("person", person_id),
            detail={"sessions": len(open_ones)},
        )
    return len(open_ones)


def sign_out(session: Session, session_id: str, person_id: str, *, now: datetime) -> None:
    """End the session of somebody who leaves."""
    sessions.end(session, [session_id], now=now)
    audit.record(
        session, at=now, actor=person_id, action="session.signed_out", subject=("session", session_id)
    )


def failed(
    session: Session,
    person_id: str | None,
    place: str,
    counted: tuple[throttle.Counted, ...],
    now: datetime,
    action: str = "sign_in.failed",
) -> Wrong:
    """Write down that somebody did not prove who they are. action: of the log, while the next try need not wait"""
    wait = throttle.seconds_left(session, counted, now=now)
    audit.record(
        session,
        at=now,
        actor="nobody",
        action="sign_in.throttled" if wait else action,
        subject=("person", person_id) if person_id else ("device", place),
        detail={"place": place, "wait_seconds": wait},
    )
    return Wrong(wait)


def enter(
    session: Session,
    context: PortalContext,
    person_id: str,
    here: devices.Enrolled,
    *,
    ended: str,
    now: datetime,
) -> Entered:
    """A new session with a new secret, whatever the browser had before."""
    drop_ended(session, entering=(person_id, here.device_id))
    before = sessions.look_up(session, ended, now=now) if ended else None
    if before is not None:
        sessions.end(session, [before.session_id], now=now)
    secret = sessions.begin(
        session,
        person_id=person_id,
        device_id=here.device_id,
        project=_project(session, context, person_id),
        now=now,
    )
    audit.record(session, at=now, actor=person_id, action="sign_in.done", subject=("device", here.device_id))
    unseen = resets.resets_to_tell(session, person_id, here.device_id, now=now)
    return Entered(person_id, secret, here.secret, bool(unseen))


def _project(session: Session, context: PortalContext, person_id: str) -> str:
    """Of the projects open to them the one that they looked at last; for a newcomer one that collects a language of
    theirs; "" where none is open."""
    theirs = [name for name in roles_by_project(session, person_id) if name in context.projects]
    query = select(SignIn.project_id).where(SignIn.person_id == person_id).order_by(SignIn.began_at.desc())
    last = session.scalar(query.limit(1))
    if last in theirs:
        return str(last)
    languages = set(session.scalar(select(Person.languages).where(Person.id == person_id)) or ())
    fitting = (name for name in theirs if languages & set(context.projects[name].languages))
    return next(fitting, next(iter(theirs), ""))
