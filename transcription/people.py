"""The project's staff: who may do what, in which languages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog import audit
from catalog.errors import UserError
from catalog.ids import new_id
from catalog.states import Role
from catalog.tables import ApiToken, Invite, Person, PersonPrivate, PersonRole, SignIn
from transcription.context import NotAllowed


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person as their colleagues know them: by handle, never by name or phone."""

    id: str
    handle: str
    roles: frozenset[Role]
    languages: tuple[str, ...]
    district: str | None
    dialect: str | None
    speaker_id: str | None
    active: bool


class HandleTaken(UserError):
    """Two people can't have one handle."""


def add_person(
    session: Session,
    handle: str,
    *,
    roles: Collection[Role],
    languages: Collection[str],
    by: str,
    now: datetime,
    district: str | None = None,
    dialect: str | None = None,
    speaker_id: str | None = None,
    name: str | None = None,
    phone: str | None = None,
) -> StaffMember:
    """Take somebody on.

    handle:     short, unique, and free of their name where they wish; what colleagues see
    speaker_id: set where they also lent their voice, so that they are never given it
    by:         who does this, for the record
    raises:     HandleTaken
    """
    handle = _free_handle(session, handle)
    if not roles:
        raise NotAllowed(f"{handle} has no role.\nName one or more of {', '.join(sorted(Role))}.")
    person = Person(
        id=new_id("person"),
        handle=handle,
        languages=sorted(set(languages)),
        district=district,
        dialect=dialect,
        speaker_id=speaker_id,
        active=True,
        created_at=now,
    )
    session.add(person)
    session.flush()
    session.add_all(PersonRole(person_id=person.id, role=role) for role in sorted(set(roles)))
    if name or phone:
        session.add(PersonPrivate(person_id=person.id, name=name, phone=phone))
    audit.record(
        session,
        at=now,
        actor=by,
        action="person.added",
        subject=("person", person.id),
        detail={"roles": sorted(set(roles)), "languages": person.languages},
    )
    session.flush()
    return _member(person, frozenset(roles))


def _free_handle(session: Session, handle: str) -> str:
    handle = handle.strip()
    if not handle:
        raise NotAllowed("a person has a handle, given nothing.\nWrite a short name such as `asha`.")
    if session.scalar(select(Person.id).where(Person.handle == handle)):
        raise HandleTaken(f"somebody has the handle '{handle}' already.\nChoose another, such as {handle}2.")
    return handle


def list_people(session: Session) -> Sequence[StaffMember]:
    """Everybody, by handle."""
    roles: dict[str, set[Role]] = {}
    for person_id, role in session.execute(select(PersonRole.person_id, PersonRole.role)):
        roles.setdefault(person_id, set()).add(role)
    people = session.scalars(select(Person).order_by(Person.handle))
    return [_member(person, frozenset(roles.get(person.id, ()))) for person in people]


def person_of(session: Session, person_id: str, role: Role, *, lock: bool = False) -> StaffMember:
    """An active member of staff with that role.

    lock:   make other transactions that also ask so for this person wait for the end of this one
    raises: NotAllowed
    """
    query = select(Person).where(Person.id == person_id)
    # NO KEY UPDATE: rows that only refer to the person (a submission, an entry) don't have to wait.
    person = session.scalar(query.with_for_update(key_share=True) if lock else query)
    if person is None:
        raise NotAllowed(f"there is no person {person_id}.\nSee `boli people list`.")
    roles = frozenset(session.scalars(select(PersonRole.role).where(PersonRole.person_id == person_id)))
    if not person.active:
        raise NotAllowed(f"{person.handle} is no longer active.\nA manager can take them on again.")
    if role not in roles:
        held = ", ".join(sorted(roles)) or "no role"
        raise NotAllowed(f"this is for a {role}; {person.handle} is {held}.\nA manager can give the role.")
    return _member(person, roles)


def set_active(session: Session, person_id: str, *, active: bool, by: str, now: datetime) -> None:
    """Let somebody go, or take them on again. What they did stays.

    Their sessions, invites and tokens end for good: who is taken on again signs in again.
    """
    person = session.get_one(Person, person_id)
    if person.active != active:
        person.active = active
        if not active:
            for kind in (SignIn, Invite, ApiToken):
                theirs = update(kind).where(kind.person_id == person_id, kind.ended_at.is_(None))
                session.execute(theirs.values(ended_at=now))
        action = "person.taken_on_again" if active else "person.let_go"
        audit.record(session, at=now, actor=by, action=action, subject=("person", person_id))


def _member(person: Person, roles: frozenset[Role]) -> StaffMember:
    return StaffMember(
        id=person.id,
        handle=person.handle,
        roles=roles,
        languages=tuple(person.languages),
        district=person.district,
        dialect=person.dialect,
        speaker_id=person.speaker_id,
        active=person.active,
    )
