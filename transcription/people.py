"""Staff: who may do what in which project, and in which languages."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.errors import UserError
from catalog.ids import new_id
from catalog.states import Role
from catalog.tables import ApiToken, Invite, Person, PersonPrivate, PersonRole, SignIn
from transcription.context import NotAllowed
from transcription.slots.ending import end_leases

LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3, without the brackets
LONGEST_PHONE = 30
_PHONE = re.compile(r"\+?[0-9](?:[0-9 ()-]*[0-9])?")
_PHONE_DIGITS = range(6, 16)  # ITU-T E.164: 15 at most
_EMAIL = re.compile(r"[^@\s<>\"(),:;]{1,64}@[^@\s<>\"(),:;]+")
_ROLES: Mapping[Role, Sentence] = {
    Role.COORDINATOR: Sentence("coordinator"),
    Role.TRANSCRIBER: Sentence("transcriber"),
    Role.REVIEWER: Sentence("reviewer"),
    Role.MANAGER: Sentence("manager"),
    Role.ML_READER: Sentence("dataset reader"),
}


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person as their colleagues in one project know them: by handle, never by name or phone."""

    id: str
    handle: str
    roles: frozenset[Role]
    """In that project."""
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
    project: str,
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
    """Take somebody on in a project.

    handle:     short, unique, and free of their name where they wish; what colleagues see
    speaker_id: set where they also lent their voice, so that they are never given it
    by:         who does this, for the record
    raises:     HandleTaken
    """
    handle = _free_handle(session, handle)
    if not roles:
        raise NotAllowed(Sentence("%(person)s has no role. Choose one or more.", person=handle))
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
    _add_roles(session, person.id, project, roles)
    if name or phone:
        session.add(PersonPrivate(person_id=person.id, name=name, phone=phone))
    audit.record(
        session,
        at=now,
        actor=by,
        action="person.added",
        subject=("person", person.id),
        detail={"project": project, "roles": sorted(set(roles)), "languages": person.languages},
    )
    session.flush()
    return _member(person, frozenset(roles))


def _free_handle(session: Session, handle: str) -> str:
    handle = handle.strip()
    if not handle:
        raise NotAllowed(Sentence("a person has a handle. Write a short name such as `asha`."))
    if session.scalar(select(Person.id).where(Person.handle == handle)):
        raise HandleTaken(
            Sentence(
                "somebody has the handle '%(handle)s' already. Choose another, such as %(handle)s2.",
                handle=handle,
            )
        )
    return handle


def set_roles(
    session: Session, person_id: str, project: str, roles: Collection[Role], *, by: str, now: datetime
) -> None:
    """What somebody does in a project from now on; nothing, and the project is closed to them. On record.

    What they hold in a role that they lose goes back into the queue at once.
    """
    _lock(session, person_id)
    before = roles_in(session, person_id, project)
    if before == frozenset(roles):
        return
    session.execute(
        delete(PersonRole).where(PersonRole.person_id == person_id, PersonRole.project_id == project)
    )
    _add_roles(session, person_id, project, roles)
    ended = end_leases(session, person_id, before.difference(roles), project=project)
    audit.record(
        session,
        at=now,
        actor=by,
        action="person.roles_set",
        subject=("person", person_id),
        detail={
            "project": project,
            "roles": sorted(set(roles)),
            "before": sorted(before),
            "leases_ended": ended,
        },
    )
    session.flush()


def set_contact(
    session: Session, person_id: str, *, email: str, language: str | None, by: str, now: datetime
) -> None:
    """Where somebody is written to about data that they hold, and in which interface language; "" is nowhere.

    The address itself is not put on record. Raises NotAllowed.
    """
    email = email.strip()
    if email and not (len(email) <= LONGEST_EMAIL and _EMAIL.fullmatch(email)):
        raise NotAllowed(
            Sentence(
                "an e-mail address has a name, an @ and a domain, and at most %(most)s letters. "
                "Write it as name@example.org.",
                most=str(LONGEST_EMAIL),
            )
        )
    private = session.get(PersonPrivate, person_id)
    if private is None:
        private = PersonPrivate(person_id=person_id)
        session.add(private)
    private.email, private.interface_language = email or None, language or private.interface_language
    audit.record(session, at=now, actor=by, action="person.contact_set", subject=("person", person_id))
    session.flush()


def set_phone(session: Session, person_id: str, *, phone: str, by: str, now: datetime) -> None:
    """Where somebody is reached by phone; "" is nowhere. The number itself is not put on record. Raises NotAllowed."""
    phone = phone.strip()
    digits = sum(letter.isdigit() for letter in phone)
    if phone and not (
        len(phone) <= LONGEST_PHONE
        and _PHONE.fullmatch(phone)
        and digits in _PHONE_DIGITS
        and phone.isascii()
    ):
        raise NotAllowed(Sentence("a phone number has 6 to 15 digits. Write it as +91 98765 43210."))
    private = session.get(PersonPrivate, person_id)
    if private is None:
        private = PersonPrivate(person_id=person_id)
        session.add(private)
    if private.phone != (phone or None):
        private.phone = phone or None
        audit.record(session, at=now, actor=by, action="person.contact_set", subject=("person", person_id))
    session.flush()


def phone_of(session: Session, person_id: str) -> str:
    """The number that somebody is reached at; empty where none is known."""
    query = select(PersonPrivate.phone).where(PersonPrivate.person_id == person_id)
    return session.scalar(query) or ""


def contact_of(session: Session, person_id: str) -> str:
    """The e-mail address that somebody is written to; empty where they gave none."""
    query = select(PersonPrivate.email).where(PersonPrivate.person_id == person_id)
    return session.scalar(query) or ""


def set_owner(session: Session, person_id: str, *, owner: bool, by: str, now: datetime) -> None:
    """Make somebody an owner of the installation, who gives projects their managers; or no longer. On record."""
    person = session.get_one(Person, person_id)
    if person.owner != owner:
        person.owner = owner
        action = "person.made_owner" if owner else "person.owner_no_more"
        audit.record(session, at=now, actor=by, action=action, subject=("person", person_id))


def roles_in(session: Session, person_id: str, project: str) -> frozenset[Role]:
    """What somebody does in a project."""
    return frozenset(session.scalars(_ROLES_IN, {"person_id": person_id, "project": project}))


_PERSON = select(Person).where(Person.id == bindparam("person_id"))
# NO KEY UPDATE: rows that only refer to the person (a submission, an entry) don't have to wait.
_LOCK_PERSON = _PERSON.with_for_update(key_share=True)
_ROLES_IN = select(PersonRole.role).where(
    PersonRole.person_id == bindparam("person_id"), PersonRole.project_id == bindparam("project")
)
_ROLES_HELD = (
    select(PersonRole.project_id, PersonRole.role)
    .where(PersonRole.person_id == bindparam("person_id"))
    .order_by(PersonRole.project_id)
)
"""Asked with every request, and made once."""


def roles_by_project(session: Session, person_id: str) -> dict[str, frozenset[Role]]:
    """What somebody does wherever they do something, by project."""
    found: dict[str, set[Role]] = {}
    for project, role in session.execute(_ROLES_HELD, {"person_id": person_id}):
        found.setdefault(project, set()).add(role)
    return {project: frozenset(roles) for project, roles in found.items()}


def projects_open_to(session: Session, person_id: str, roles: Collection[Role]) -> frozenset[str]:
    """The projects in which an active person holds one of these roles."""
    query = (
        select(PersonRole.project_id)
        .join(Person, Person.id == PersonRole.person_id)
        .where(Person.active, PersonRole.person_id == person_id, PersonRole.role.in_(roles))
    )
    return frozenset(session.scalars(query))


def list_people(session: Session, project: str, *, role: Role | None = None) -> Sequence[StaffMember]:
    """Everybody who does something in a project, or has that role there, by handle."""
    return _members(session, project, select(Person).where(_works_in(project, role)).order_by(Person.handle))


def people_page(
    session: Session, project: str, *, active: bool, after: str = "", most: int
) -> Sequence[StaffMember]:
    """So many people of a project at most, by handle, behind one of that handle; who works there, or who was let go."""
    query = (
        select(Person)
        .where(_works_in(project), Person.active.is_(active), Person.handle > after)
        .order_by(Person.handle)
        .limit(most)
    )
    return _members(session, project, query)


def member_of(session: Session, project: str, handle: str) -> StaffMember | None:
    """The person of that handle; None where they do nothing in the project."""
    query = select(Person).where(_works_in(project), Person.handle == handle)
    return next(iter(_members(session, project, query)), None)


def _works_in(project: str, role: Role | None = None) -> ColumnElement[bool]:
    theirs = (PersonRole.person_id == Person.id, PersonRole.project_id == project)
    return exists().where(*theirs, *(() if role is None else (PersonRole.role == role,)))


def _members(session: Session, project: str, query: Select[tuple[Person]]) -> Sequence[StaffMember]:
    roles: dict[str, set[Role]] = {}
    found = query.with_only_columns(Person.id).subquery()
    held = select(PersonRole.person_id, PersonRole.role).join(found, found.c.id == PersonRole.person_id)
    for person_id, role in session.execute(held.where(PersonRole.project_id == project)):
        roles.setdefault(person_id, set()).add(role)
    return [_member(person, frozenset(roles[person.id])) for person in session.scalars(query)]


def find_person(session: Session, handle: str) -> Person | None:
    """The person of that handle, in whatever project."""
    return session.scalar(select(Person).where(Person.handle == handle))


def person_of(
    session: Session, person_id: str, role: Role, *, project: str, lock: bool = False
) -> StaffMember:
    """An active member of staff with that role in a project.

    lock:   make other transactions that also ask so for this person wait for the end of this one
    raises: NotAllowed
    """
    person = session.scalar(_LOCK_PERSON if lock else _PERSON, {"person_id": person_id})
    if person is None:
        raise NotAllowed(Sentence("there is no such person here."))
    roles = roles_in(session, person_id, project)
    if not person.active:
        raise NotAllowed(
            Sentence(
                "%(person)s no longer works here. A manager can take them on again.", person=person.handle
            )
        )
    if role not in roles:
        raise NotAllowed(
            Sentence(
                "this is for a %(role)s of %(project)s, and %(person)s is none. A manager can give the role.",
                role=_ROLES[role],
                project=str(project),
                person=person.handle,
            )
        )
    return _member(person, roles)


def set_active(session: Session, person_id: str, *, active: bool, by: str, now: datetime) -> None:
    """Let somebody go, or take them on again. What they did stays.

    Their sessions, invites and tokens end for good: who is taken on again signs in again. What they hold goes back
    into the queue. Raises NotAllowed.
    """
    person = _lock(session, person_id)
    if active and person.erased_at is not None:
        raise NotAllowed(
            Sentence(
                "%(person)s was erased: nobody knows who they were. Take them on as somebody new.",
                person=person.handle,
            )
        )
    if person.active != active:
        person.active = active
        if not active:
            for kind in (SignIn, Invite, ApiToken):
                theirs = update(kind).where(kind.person_id == person_id, kind.ended_at.is_(None))
                session.execute(theirs.values(ended_at=now))
            end_leases(session, person_id, tuple(Role))
        action = "person.taken_on_again" if active else "person.let_go"
        audit.record(session, at=now, actor=by, action=action, subject=("person", person_id))


def _lock(session: Session, person_id: str) -> Person:
    """Whoever claims a slot for them meanwhile (`person_of`) waits for the end of this transaction."""
    return session.scalars(select(Person).where(Person.id == person_id).with_for_update(key_share=True)).one()


def _add_roles(session: Session, person_id: str, project: str, roles: Collection[Role]) -> None:
    session.add_all(
        PersonRole(person_id=person_id, project_id=project, role=role) for role in sorted(set(roles))
    )


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
