"""Links that reset a PIN, shown to the person: whoever made one for somebody else could have come in as them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from catalog.tables import Invite, Person, ResetSeen

TOLD_FOR = timedelta(days=90)
MOST = 20


@dataclass(frozen=True, slots=True)
class ResetTold:
    """made_by: a handle, or who else made it, such as `operator`; used_at: when somebody chose a PIN with it"""

    id: str
    made_by: str
    made_at: datetime
    used_at: datetime | None


def resets_to_tell(session: Session, person_id: str, device_id: str, *, now: datetime) -> Sequence[ResetTold]:
    """Links of the last three months that others made for that person, and that they were not shown on that device.

    On each of their devices: somebody who came in with such a link on a device of their own has not hidden it.
    """
    seen = exists().where(ResetSeen.invite_id == Invite.id, ResetSeen.device_id == device_id)
    rows = session.execute(
        select(Invite.id, Invite.made_by, Person.handle, Invite.made_at, Invite.used_at)
        .outerjoin(Person, Person.id == Invite.made_by)
        .where(
            Invite.person_id == person_id,
            Invite.reset,
            Invite.made_by != person_id,
            Invite.made_at > now - TOLD_FOR,
            ~seen,
        )
        .order_by(Invite.made_at.desc(), Invite.id)
        .limit(MOST)
    )
    return [ResetTold(row.id, row.handle or row.made_by, row.made_at, row.used_at) for row in rows]


def note_told(session: Session, person_id: str, device_id: str, *, now: datetime) -> None:
    """They have read of all of these on that device."""
    session.add_all(
        ResetSeen(invite_id=each.id, device_id=device_id, at=now)
        for each in resets_to_tell(session, person_id, device_id, now=now)
    )
