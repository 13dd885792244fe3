"""Links that bring people in: made for one person, good once and for a day, kept only as a hash."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import segno
from sqlalchemy import Update, select, update
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.ids import new_id
from catalog.states import Role
from catalog.tables import Invite, Person, Secret
from portal.access.secrets import hashed, new_secret
from transcription.context import NotAllowed
from transcription.people import roles_by_project

LASTS = timedelta(days=1)
LOST_REPLY = timedelta(hours=1)
"""So long after a link was used, the browser that used it may ask again, with the PIN."""
SHORTEST = timedelta(minutes=10)
LONGEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who is invited, and what the link would do.

    has_secret: they have a PIN already, and prove it on the new device unless this is a reset
    again:      this very browser used it just now, and the answer may not have reached it
    device_id:  what it enrolled then
    over:       why it can't be used any more: used, ended or expired; None while it can
    """

    id: str
    person_id: str
    handle: str
    roles: frozenset[Role]
    languages: tuple[str, ...]
    expires_at: datetime
    reset: bool
    has_secret: bool
    again: bool
    device_id: str | None
    over: str | None

    @property
    def asks_for_known_secret(self) -> bool:
        return self.has_secret and (self.again or not self.reset)


@dataclass(frozen=True, slots=True)
class Outstanding:
    """An invite that nobody has used yet."""

    id: str
    made_at: datetime
    expires_at: datetime
    reset: bool


def make_invite(
    session: Session,
    person_id: str,
    *,
    made_by: str,
    now: datetime,
    lasts: timedelta = LASTS,
    reset: bool = False,
) -> str:
    """A new link's code for that person; it is given here and never again, and ends an earlier one.

    made_by: a manager's person id, or `operator`
    reset:   whoever opens the link sets a new PIN without knowing the old one
    raises:  NotAllowed
    """
    if not SHORTEST <= lasts <= LONGEST:
        raise NotAllowed(Sentence("an invite lasts from 10 minutes to 7 days."))
    handle = session.scalar(select(Person.handle).where(Person.id == person_id, Person.active))
    if handle is None:
        raise NotAllowed(Sentence("an invite is for somebody who works here now. Take them on again first."))
    session.execute(_open_of(person_id).values(ended_at=now))
    code = new_secret()
    invite = Invite(
        id=new_id("invite"),
        code_sha256=hashed(code),
        person_id=person_id,
        made_by=made_by,
        made_at=now,
        expires_at=now + lasts,
        reset=reset,
        used_at=None,
        used_by_sha256=None,
        device_id=None,
        ended_at=None,
    )
    session.add(invite)
    audit.record(
        session,
        at=now,
        actor=made_by,
        action="invite.made",
        subject=("person", person_id),
        detail={"invite": invite.id, "reset": reset, "hours": round(lasts.total_seconds() / 3600, 1)},
    )
    session.flush()
    return code


def find_invite(
    session: Session, code: str, *, browser: str, now: datetime, lock: bool = False
) -> Invitation | None:
    """The invite of that code, whatever became of it; None for a code that nobody made. browser: its own secret"""
    query = (
        select(
            Invite.id,
            Invite.person_id,
            Invite.expires_at,
            Invite.reset,
            Invite.used_at,
            Invite.used_by_sha256,
            Invite.device_id,
            Invite.ended_at,
            Person.handle,
            Person.languages,
            Person.active,
        )
        .join(Person, Person.id == Invite.person_id)
        .where(Invite.code_sha256 == hashed(code))
    )
    row = session.execute(query.with_for_update(of=Invite) if lock else query).one_or_none()
    if row is None:
        return None
    over, again = None, False
    if row.used_at is not None:
        again = row.active and row.used_by_sha256 == hashed(browser) and now - row.used_at < LOST_REPLY
        over = None if again else "used"
    elif row.ended_at is not None or not row.active:
        over = "ended"
    elif row.expires_at <= now:
        over = "expired"
    roles = roles_by_project(session, row.person_id).values()
    return Invitation(
        id=row.id,
        person_id=row.person_id,
        handle=row.handle,
        roles=frozenset().union(*roles),
        languages=tuple(row.languages),
        expires_at=row.expires_at,
        reset=row.reset,
        has_secret=has_secret(session, row.person_id),
        again=again,
        device_id=row.device_id,
        over=over,
    )


def has_secret(session: Session, person_id: str) -> bool:
    """Whether that person has chosen a PIN already."""
    return session.scalar(select(Secret.person_id).where(Secret.person_id == person_id)) is not None


def use_invite(
    session: Session, invite: Invitation, *, browser: str, device_kind: str, now: datetime
) -> bool:
    """Use it up. False where somebody else was faster, or it ended meanwhile."""
    used = session.scalars(
        update(Invite)
        .where(
            Invite.id == invite.id,
            Invite.used_at.is_(None),
            Invite.ended_at.is_(None),
            Invite.expires_at > now,
        )
        .values(used_at=now, used_by_sha256=hashed(browser))
        .returning(Invite.id)
    ).all()
    if used:
        audit.record(
            session,
            at=now,
            actor=invite.person_id,
            action="invite.used",
            subject=("person", invite.person_id),
            detail={"invite": invite.id, "reset": invite.reset, "device": device_kind},
        )
    return bool(used)


def note_device(session: Session, invite: Invitation, device_id: str) -> None:
    """Which device the invite enrolled."""
    session.execute(update(Invite).where(Invite.id == invite.id).values(device_id=device_id))


def outstanding(session: Session, person_id: str, *, now: datetime) -> Outstanding | None:
    """The invite that waits for a person; None where none does."""
    row = session.execute(
        select(Invite.id, Invite.made_at, Invite.expires_at, Invite.reset).where(
            Invite.person_id == person_id,
            Invite.used_at.is_(None),
            Invite.ended_at.is_(None),
            Invite.expires_at > now,
        )
    ).first()
    return Outstanding(row.id, row.made_at, row.expires_at, row.reset) if row else None


def end_invite(session: Session, person_id: str, *, by: str, now: datetime) -> bool:
    """Take back the invite that waits for a person. False where none does."""
    ended = session.scalars(_open_of(person_id).values(ended_at=now).returning(Invite.id)).all()
    for invite in ended:
        audit.record(
            session,
            at=now,
            actor=by,
            action="invite.ended",
            subject=("person", person_id),
            detail={"invite": invite},
        )
    return bool(ended)


def link_of(address: str, code: str) -> str:
    """What the person opens. address: the portal's own"""
    return f"{address}/invite/{code}"


def qr_image(link: str) -> str:
    """The link as a picture to point a phone at: the address of an image that holds itself (data:)."""
    # dark on white in dark mode too: many phones read no inverted code
    return segno.make(link, error="m").svg_data_uri(scale=6, border=4, dark="#000", light="#fff")


def _open_of(person_id: str) -> Update:
    return update(Invite).where(
        Invite.person_id == person_id, Invite.used_at.is_(None), Invite.ended_at.is_(None)
    )
