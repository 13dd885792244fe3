"""Staff of the demo: taken on where they are new."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from catalog.states import Role
from transcription.people import StaffMember, add_person, list_people


@dataclass(frozen=True, slots=True)
class Job:
    """handle: by which the person is known"""

    handle: str
    role: Role
    languages: tuple[str, ...]


def hired(session: Session, jobs: Iterable[Job], *, by: str, now: datetime) -> dict[str, StaffMember]:
    """Everybody by handle, those of `jobs` among them."""
    known = {member.handle: member for member in list_people(session)}
    for job in jobs:
        if job.handle not in known:
            known[job.handle] = add_person(
                session, job.handle, roles=[job.role], languages=job.languages, by=by, now=now
            )
    return known
