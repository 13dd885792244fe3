"""The way in for the first person of an installation: whoever starts it opens a link, and goes on in the portal."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.ids import new_id
from catalog.tables import Person
from portal.access.invites import has_secret, link_of, make_invite
from portal.context import PortalContext
from transcription.people import set_owner

HANDLE = "owner"
BY = "operator"
LASTS = timedelta(days=7)


def first_owner_link(context: PortalContext) -> str | None:
    """A link for an owner of the installation, as long as nobody has come in yet; then None."""
    now = context.clock()
    with context.catalog.writing() as session:
        people = session.scalars(select(Person).limit(2)).all()
        if not people:
            person_id = _take_on(context, session)
        elif len(people) == 1 and people[0].handle == HANDLE and not has_secret(session, people[0].id):
            person_id = people[0].id  # the link of an earlier start was lost
        else:
            return None
        return link_of(context.address, make_invite(session, person_id, made_by=BY, now=now, lasts=LASTS))


def _take_on(context: PortalContext, session: Session) -> str:
    """An owner who does nothing in any project: of what they make they become the manager."""
    now = context.clock()
    person = Person(
        id=new_id("person"),
        handle=HANDLE,
        languages=[],
        district=None,
        dialect=None,
        speaker_id=None,
        active=True,
        created_at=now,
    )
    session.add(person)
    session.flush()
    audit.record(
        session,
        at=now,
        actor=BY,
        action="person.added",
        subject=("person", person.id),
        detail={"owner": True},
    )
    set_owner(session, person.id, owner=True, by=BY, now=now)
    return person.id
