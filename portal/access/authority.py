"""What a manager may do to whom: only to people of their projects, and with keys only where nobody else's is opened."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.states import Role
from catalog.tables import Person, PersonRole
from portal.access.session import Signed
from portal.http.pages import _
from transcription.context import NotAllowed
from transcription.people import roles_by_project, roles_in

OWN_RESET = _("Nobody resets their own PIN: ask another manager, or whoever runs this portal.")
WORKS_ELSEWHERE = _(
    "They work in other projects too: only an owner of this portal, or a manager of them all, makes their way in."
)
OWN_ROLES = _("Nobody changes their own roles: ask another manager, or an owner of this portal.")
LAST_MANAGER = _("The project would be left without a manager: make somebody else its manager first.")
NOT_MANAGERS_TO_GIVE = _("Only an owner of this portal makes somebody a manager.")


def colleague(session: Session, signed: Signed, handle: str) -> Person | None:
    """The person of that handle, if they do something in the project that the manager looks at; an owner sees all."""
    person = session.scalar(select(Person).where(Person.handle == handle))
    if person is None or not (signed.owner or roles_in(session, person.id, signed.project)):
        return None
    return person


def colleague_somewhere(session: Session, signed: Signed, handle: str) -> Person | None:
    """The person of that handle, if they do something in a project that this manager manages."""
    person = session.scalar(select(Person).where(Person.handle == handle))
    managed = signed.projects_with(Role.MANAGER)
    return person if person is not None and managed & roles_by_project(session, person.id).keys() else None


def check_may_let_in(session: Session, signed: Signed, person: Person, *, reset: bool) -> None:
    """Refuse a link that would open what its maker has no say in. Raises NotAllowed.

    Whoever holds the link may hold the account: so its maker manages every project of it, or owns the portal.
    """
    if reset and person.id == signed.person_id:
        raise NotAllowed(OWN_RESET)
    if not manages_all(session, signed, person):
        raise NotAllowed(WORKS_ELSEWHERE)


def manages_all(session: Session, signed: Signed, person: Person) -> bool:
    """Whether a manager has a say in everything that the person does; an owner has in all but another owner's."""
    if person.owner and person.id != signed.person_id and not signed.owner:
        return False
    theirs = roles_by_project(session, person.id)
    return signed.owner or theirs.keys() <= signed.projects_with(Role.MANAGER)


def check_may_give(signed: Signed, roles: Collection[Role]) -> None:
    """Refuse a role that is not a manager's to give. Raises NotAllowed."""
    if Role.MANAGER in roles and not signed.owner:
        raise NotAllowed(NOT_MANAGERS_TO_GIVE)


def roles_after(
    signed: Signed, person: Person, before: Collection[Role], wanted: Collection[Role]
) -> frozenset[Role]:
    """What a person does in a project once a manager of it has chosen; whoever manages it goes on doing so.

    Raises NotAllowed where the choice is not theirs: of their own roles, or of another manager.
    """
    if person.id == signed.person_id:
        raise NotAllowed(OWN_ROLES)
    if signed.owner:
        return frozenset(wanted)
    check_may_give(signed, set(wanted).difference(before))
    return frozenset(wanted) | ({Role.MANAGER} & frozenset(before))


def check_a_manager_stays(session: Session, signed: Signed, person: Person, project: str) -> None:
    """Refuse that somebody gives up their own part as the only manager of a project. Raises NotAllowed."""
    if person.id != signed.person_id:
        return
    managers = session.scalars(
        select(PersonRole.person_id)
        .where(PersonRole.project_id == project, PersonRole.role == Role.MANAGER)
        .order_by(PersonRole.person_id)
        .with_for_update()
    ).all()
    others = select(Person.id).where(Person.id.in_(managers), Person.id != person.id, Person.active)
    if session.scalar(others.limit(1)) is None:
        raise NotAllowed(LAST_MANAGER)
