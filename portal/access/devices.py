"""Phones and computers that an invite reached, and the people who sign in on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from catalog import audit
from catalog.ids import new_id
from catalog.tables import Device, DevicePerson, Person, SignIn
from portal.access import passkeys
from portal.access.secrets import hashed, new_secret


@dataclass(frozen=True, slots=True)
class Companion:
    """Somebody who may sign in on a device."""

    person_id: str
    handle: str


@dataclass(frozen=True, slots=True)
class DeviceSeen:
    """A device of a person. last_seen: when they last worked on it; people: how many may sign in on it"""

    id: str
    name: str
    enrolled_at: datetime
    last_seen: datetime | None
    people: int


def hold(session: Session, device_id: str) -> None:
    """Whoever else proves something on that device waits until this transaction ends: turns are counted one by one."""
    session.execute(select(Device.id).where(Device.id == device_id).with_for_update())


def people_on(session: Session, device_id: str) -> Sequence[Companion]:
    """Who may sign in on that device, by handle."""
    rows = session.execute(
        select(Person.id, Person.handle)
        .join(DevicePerson, DevicePerson.person_id == Person.id)
        .join(Device, Device.id == DevicePerson.device_id)
        .where(
            DevicePerson.device_id == device_id,
            DevicePerson.ended_at.is_(None),
            Device.ended_at.is_(None),
            Person.active,
        )
        .order_by(Person.handle)
    )
    return [Companion(row.id, row.handle) for row in rows]


def devices_of(session: Session, person_id: str) -> Sequence[DeviceSeen]:
    """The devices on which a person may sign in, the one used last first."""
    seen = (
        select(func.max(SignIn.seen_at))
        .where(SignIn.device_id == Device.id, SignIn.person_id == person_id)
        .scalar_subquery()
    )
    people = (
        select(func.count())
        .select_from(DevicePerson)
        .where(DevicePerson.device_id == Device.id, DevicePerson.ended_at.is_(None))
        .scalar_subquery()
    )
    mine = DevicePerson.__table__.alias("mine")
    rows = session.execute(
        select(Device.id, Device.name, mine.c.enrolled_at, seen.label("last_seen"), people.label("people"))
        .join(mine, mine.c.device_id == Device.id)
        .where(mine.c.person_id == person_id, mine.c.ended_at.is_(None), Device.ended_at.is_(None))
    )
    devices = [DeviceSeen(row.id, row.name, row.enrolled_at, row.last_seen, row.people) for row in rows]
    return sorted(devices, key=lambda each: each.last_seen or each.enrolled_at, reverse=True)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A device on which somebody may sign in from now on. secret: for its cookie alone"""

    device_id: str
    secret: str


def enrol(session: Session, person_id: str, *, secret: str, kind: str, now: datetime) -> Enrolled:
    """Let a person sign in on the device of the browser with that secret.

    A browser that was no device gets another secret than it had as a visitor: whoever put that one there, or copied
    it, has nothing.
    """
    device_id = session.scalar(
        select(Device.id).where(Device.secret_sha256 == hashed(secret), Device.ended_at.is_(None))
    )
    if device_id is None:
        secret = new_secret()
        device = Device(
            id=new_id("device"), secret_sha256=hashed(secret), name=kind, enrolled_at=now, ended_at=None
        )
        session.add(device)
        session.flush()
        device_id = device.id
    session.merge(DevicePerson(device_id=device_id, person_id=person_id, enrolled_at=now, ended_at=None))
    session.flush()
    audit.record(
        session,
        at=now,
        actor=person_id,
        action="device.enrolled",
        subject=("device", device_id),
        detail={"kind": kind},
    )
    return Enrolled(device_id, secret)


def renew_secret(session: Session, device_id: str) -> Enrolled | None:
    """Another secret for a device whose own never reached it. None for one that was taken back meanwhile."""
    secret = new_secret()
    renewed = session.scalars(
        update(Device)
        .where(Device.id == device_id, Device.ended_at.is_(None))
        .values(secret_sha256=hashed(secret))
        .returning(Device.id)
    ).all()
    return Enrolled(device_id, secret) if renewed else None


def leave(session: Session, person_id: str, device_id: str, *, by: str, now: datetime) -> bool:
    """That person no longer signs in on that device, and their passkeys of it go; others stay. False: they did not."""
    left = session.scalars(
        update(DevicePerson)
        .where(
            DevicePerson.device_id == device_id,
            DevicePerson.person_id == person_id,
            DevicePerson.ended_at.is_(None),
        )
        .values(ended_at=now)
        .returning(DevicePerson.device_id)
    ).all()
    if not left:
        return False
    session.execute(
        update(SignIn)
        .where(SignIn.device_id == device_id, SignIn.person_id == person_id, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )
    removed = passkeys.forget_of_device(session, device_id, person_id=person_id)
    audit.record(
        session,
        at=now,
        actor=by,
        action="device.left",
        subject=("device", device_id),
        detail={"person": person_id, "passkeys_removed": removed},
    )
    return True


def take_back(session: Session, device_id: str, *, by: str, now: datetime) -> bool:
    """A device is lost or stolen: nobody signs in on it any more, its sessions end, and passkeys added there go."""
    taken = session.scalars(
        update(Device)
        .where(Device.id == device_id, Device.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Device.id)
    ).all()
    if not taken:
        return False
    session.execute(
        update(SignIn).where(SignIn.device_id == device_id, SignIn.ended_at.is_(None)).values(ended_at=now)
    )
    removed = passkeys.forget_of_device(session, device_id)
    audit.record(
        session,
        at=now,
        actor=by,
        action="device.taken_back",
        subject=("device", device_id),
        detail={"passkeys_removed": removed},
    )
    return True
