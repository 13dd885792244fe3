"""Passkeys of a person: added, listed, found again by what a device signs, and forgotten.

A passkey takes the place of the PIN, not of the invite: it lets its person in on devices that an invite reached.
"""

from base64 import urlsafe_b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.ids import new_id
from catalog.tables import Passkey

MOST = 10
"""Of a person: more than anybody has devices."""


@dataclass(frozen=True, slots=True)
class PasskeySeen:
    """A passkey as its person reads of it. name: what its device is; used_at: None before the first time"""

    id: str
    credential_id: str
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownPasskey:
    """What a signature is held against. credential_id: base64url; person_id: whose it is; public_key: COSE"""

    id: str
    credential_id: str
    person_id: str
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What a device made. credential_id: base64url; public_key: COSE; sign_count: as the device says it"""

    credential_id: str
    public_key: bytes
    sign_count: int


def user_handle(person_id: str) -> str:
    """How devices know a person: their id in base64url, which says nothing of who they are.

    >>> user_handle("person-1")
    'cGVyc29uLTE'
    """
    return urlsafe_b64encode(person_id.encode()).rstrip(b"=").decode()


def passkeys_of(session: Session, person_id: str) -> Sequence[PasskeySeen]:
    """A person's passkeys, the oldest first."""
    rows = session.execute(
        select(Passkey.id, Passkey.credential_id, Passkey.name, Passkey.added_at, Passkey.used_at)
        .where(Passkey.person_id == person_id)
        .order_by(Passkey.added_at, Passkey.id)
    )
    return [PasskeySeen(row.id, row.credential_id, row.name, row.added_at, row.used_at) for row in rows]


def have_passkeys(session: Session, people: Collection[str]) -> frozenset[str]:
    """Those of these people, by id, who have one."""
    query = select(Passkey.person_id).where(Passkey.person_id.in_(people)).distinct()
    return frozenset(session.scalars(query))


def find_passkey(session: Session, credential_id: str, *, people: Collection[str]) -> KnownPasskey | None:
    """The passkey that its device calls so, if it is of one of these people. Held until the transaction ends."""
    query = select(Passkey).where(Passkey.credential_id == credential_id, Passkey.person_id.in_(people))
    row = session.scalar(query.with_for_update())
    if row is None:
        return None
    return KnownPasskey(row.id, row.credential_id, row.person_id, row.public_key, row.sign_count)


def note_use(session: Session, passkey_id: str, *, sign_count: int, now: datetime) -> None:
    """Its device signed with it, and has counted so far."""
    row = session.get_one(Passkey, passkey_id)
    row.sign_count, row.used_at = sign_count, now
    session.flush()


def add_passkey(
    session: Session, person_id: str, device_id: str, made: NewPasskey, *, name: str, now: datetime
) -> bool:
    """Keep a new one. False where they have too many, or somebody has this one already."""
    count = session.scalar(select(func.count()).select_from(Passkey).where(Passkey.person_id == person_id))
    known = session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id))
    if known is not None or (count or 0) >= MOST:
        return False
    row = Passkey(
        id=new_id("passkey"),
        credential_id=made.credential_id,
        person_id=person_id,
        device_id=device_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name,
        added_at=now,
        used_at=None,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=now,
        actor=person_id,
        action="passkey.added",
        subject=("person", person_id),
        detail={"kind": name},
    )
    return True


def remove_passkey(session: Session, person_id: str, passkey_id: str, *, by: str, now: datetime) -> bool:
    """It lets nobody in any more. False where that person has none of that id."""
    removed = session.scalars(
        delete(Passkey)
        .where(Passkey.id == passkey_id, Passkey.person_id == person_id)
        .returning(Passkey.name)
    ).all()
    for name in removed:
        audit.record(
            session,
            at=now,
            actor=by,
            action="passkey.removed",
            subject=("person", person_id),
            detail={"kind": name},
        )
    return bool(removed)


def forget_all(session: Session, person_id: str) -> int:
    """A person's PIN was set anew without the old one: any of these may be a thief's. How many there were."""
    return len(
        session.scalars(delete(Passkey).where(Passkey.person_id == person_id).returning(Passkey.id)).all()
    )


def forget_of_device(session: Session, device_id: str, *, person_id: str | None = None) -> int:
    """Those that were added on a device which is lost, sold or given away. How many there were.

    person_id: of that person alone; None: everybody's
    """
    added = delete(Passkey).where(Passkey.device_id == device_id)
    if person_id is not None:
        added = added.where(Passkey.person_id == person_id)
    return len(session.scalars(added.returning(Passkey.id)).all())
