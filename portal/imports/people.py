"""Taking back people of a list: who has not come in is forgotten, with name, phone, role and invite."""

from collections.abc import Sequence

from sqlalchemy import select

from catalog.imports import uses_of
from catalog.parts import in_parts
from catalog.states import Role
from catalog.tables import Invite, Person, PersonPrivate, PersonRole
from portal.imports.fates import ImportContext, ItemFate, StayReason, Undoing, first_reason
from transcription.people import roles_by_project, set_roles
from transcription.staff_erasure import erase_person

_REASONS = dict.fromkeys(("secret", "device_person", "sign_in"), StayReason.CAME_IN)


def _lock(context: ImportContext) -> None:
    """Whoever chooses a PIN meanwhile waits, and then has no invite any more.

    Invites first, as who uses one locks them: so neither waits for the other for ever.
    """
    for part in in_parts(sorted(context.found.items)):
        invites = select(Invite.id).where(Invite.person_id.in_(part)).order_by(Invite.id)
        people = select(Person.id).where(Person.id.in_(part)).order_by(Person.id)
        for query in (invites, people):
            context.session.execute(query.with_for_update()).all()


def _fates(context: ImportContext) -> Sequence[ItemFate]:
    found, session = context.found, context.session
    people = [
        person
        for part in in_parts(found.items)
        for person in session.scalars(select(Person).where(Person.id.in_(part), Person.erased_at.is_(None)))
    ]
    uses = uses_of(session, Person.id, [each.id for each in people], but=(PersonPrivate, PersonRole, Invite))
    return [
        ItemFate(
            person.id,
            person.handle,
            f"/manage/people/{person.handle}",
            first_reason(uses[person.id], _REASONS, StayReason.NAMED) or _by_roles(context, person.id),
        )
        for person in sorted(people, key=lambda each: each.handle)
    ]


def _by_roles(context: ImportContext, person_id: str) -> StayReason | None:
    roles = roles_by_project(context.session, person_id)
    if roles.keys() - {context.found.project_id}:
        return StayReason.WORKS_ELSEWHERE
    manages = any(Role.MANAGER in each for each in roles.values())
    return StayReason.MANAGES if manages and not context.signed.owner else None


def _take_back(context: ImportContext, going: Sequence[ItemFate]) -> None:
    by, now = context.signed.person_id, context.portal.clock()
    for each in going:
        set_roles(context.session, each.id, context.found.project_id, (), by=by, now=now)
        erase_person(context.session, each.id, by=by, now=now)


PEOPLE = Undoing(_fates, _take_back, _lock)
