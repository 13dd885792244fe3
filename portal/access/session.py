"""A person at work on a device: from sign-in to sign-out, or to the day that a manager ends it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from catalog.ids import new_id
from catalog.states import Role
from catalog.tables import Device, DevicePerson, Person, PersonRole, SignIn
from portal.access.secrets import hashed, new_secret

LASTS = timedelta(days=30)
IDLE = timedelta(days=3)
"""A coordinator without network for two days comes back to a page that still works."""
NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who is asking.

    project:          the one that they look at; "" where no project is open to them
    roles_by_project: what they do, in each project that is open to them
    owner:            whether they give projects their managers; it opens none
    token:            what every form and script must send back to change anything
    seen_at:          when the catalogue last heard of the session
    """

    session_id: str
    person_id: str
    handle: str
    languages: tuple[str, ...]
    device_id: str
    project: str
    roles_by_project: Mapping[str, frozenset[Role]]
    seen_at: datetime
    owner: bool = False
    token: str = ""

    @property
    def roles(self) -> frozenset[Role]:
        """In the project that they look at."""
        return self.roles_by_project.get(self.project, frozenset())

    def has(self, *roles: Role) -> bool:
        """Whether they hold one of these roles in the project that they look at."""
        return not self.roles.isdisjoint(roles)

    def projects_with(self, *roles: Role) -> frozenset[str]:
        """The projects in which they hold one of these roles, whichever they look at."""
        return frozenset(
            project for project, held in self.roles_by_project.items() if not held.isdisjoint(roles)
        )

    def at(self, project: str) -> "Signed":
        """As if they looked at another project of theirs: the one that a slot of theirs is of."""
        return replace(self, project=project)

    def among(self, configured: Collection[str]) -> "Signed":
        """With the projects that there are: roles in others count for nothing, and one of their own is looked at."""
        open_ones = {name: held for name, held in self.roles_by_project.items() if name in configured}
        project = self.project if self.project in open_ones else next(iter(open_ones), "")
        return replace(self, project=project, roles_by_project=open_ones)


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """One of a person's sessions that still holds. device: its name"""

    id: str
    device: str
    began_at: datetime
    seen_at: datetime


def begin(session: Session, *, person_id: str, device_id: str, project: str, now: datetime) -> str:
    """Start a session and return its secret, for the cookie of that device alone."""
    secret = new_secret()
    session.add(
        SignIn(
            id=new_id("session"),
            token_sha256=hashed(secret),
            person_id=person_id,
            device_id=device_id,
            project_id=project,
            began_at=now,
            seen_at=now,
            expires_at=now + LASTS,
        )
    )
    session.flush()
    return secret


_WHO = (
    select(
        SignIn.id,
        SignIn.person_id,
        SignIn.device_id,
        SignIn.project_id,
        SignIn.seen_at,
        Person.handle,
        Person.languages,
        Person.owner,
        PersonRole.project_id.label("works_in"),
        PersonRole.role,
    )
    .join(Person, Person.id == SignIn.person_id)
    .join(Device, Device.id == SignIn.device_id)
    .join(
        DevicePerson,
        (DevicePerson.device_id == SignIn.device_id) & (DevicePerson.person_id == SignIn.person_id),
    )
    .outerjoin(PersonRole, PersonRole.person_id == SignIn.person_id)
    .where(
        SignIn.token_sha256 == bindparam("token_sha256"),
        SignIn.ended_at.is_(None),
        SignIn.expires_at > bindparam("now"),
        SignIn.seen_at > bindparam("idle_since"),
        Person.active,
        Device.ended_at.is_(None),
        DevicePerson.ended_at.is_(None),
    )
    .order_by(PersonRole.project_id)
)
"""A row for each role. Asked with every request, and made once."""


def look_up(session: Session, secret: str, *, now: datetime) -> Signed | None:
    """Who that secret belongs to; None where its session is over, or the person or device is no longer let in."""
    given = {"token_sha256": hashed(secret), "now": now, "idle_since": now - IDLE}
    rows = session.execute(_WHO, given).all()
    if not rows:
        return None
    row, roles = rows[0], defaultdict[str, set[Role]](set)
    for each in rows:
        if each.role is not None:
            roles[each.works_in].add(each.role)
    return Signed(
        session_id=row.id,
        person_id=row.person_id,
        handle=row.handle,
        languages=tuple(row.languages),
        device_id=row.device_id,
        project=row.project_id,
        roles_by_project={project: frozenset(held) for project, held in roles.items()},
        seen_at=row.seen_at,
        owner=row.owner,
    )


def sessions_of(session: Session, person_id: str, *, now: datetime) -> Sequence[SessionSeen]:
    """Where a person is signed in now, the last seen first."""
    rows = session.execute(
        select(SignIn.id, Device.name, SignIn.began_at, SignIn.seen_at)
        .join(Device, Device.id == SignIn.device_id)
        .where(
            SignIn.person_id == person_id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            SignIn.seen_at > now - IDLE,
        )
        .order_by(SignIn.seen_at.desc(), SignIn.id)
    )
    return [SessionSeen(row.id, row.name, row.began_at, row.seen_at) for row in rows]


def is_due_to_be_noted(signed: Signed, *, now: datetime) -> bool:
    """Whether their session was last seen so long ago that the catalogue should hear of it."""
    return now - signed.seen_at > NOTED_EVERY


def note_seen(session: Session, session_id: str, *, now: datetime) -> None:
    session.execute(update(SignIn).where(SignIn.id == session_id).values(seen_at=now))


def choose_project(session: Session, session_id: str, project: str) -> None:
    session.execute(update(SignIn).where(SignIn.id == session_id).values(project_id=project))


def end(session: Session, session_ids: Collection[str], *, now: datetime) -> None:
    """End sessions for good."""
    session.execute(
        update(SignIn).where(SignIn.id.in_(session_ids), SignIn.ended_at.is_(None)).values(ended_at=now)
    )
