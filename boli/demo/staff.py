"""Staff of the demo: taken on where they are new."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from catalog.states import Role
from transcription.people import StaffMember, add_person, find_person, list_people, set_roles


@dataclass(frozen=True, slots=True)
class Job:
    """handle: by which the person is known"""

    handle: str
    role: Role
    languages: tuple[str, ...]


def hired(
    session: Session, jobs: Iterable[Job], *, project: str, by: str, now: datetime
) -> dict[str, StaffMember]:
    """Everybody of the project by handle, those of `jobs` among them."""
    there = {member.handle for member in list_people(session, project)}
    for job in jobs:
        if job.handle in there:
            continue
        if (person := find_person(session, job.handle)) is not None:
            set_roles(session, person.id, project, [job.role], by=by, now=now)
        else:
            add_person(
                session,
                job.handle,
                project=project,
                roles=[job.role],
                languages=job.languages,
                by=by,
                now=now,
            )
    return {member.handle: member for member in list_people(session, project)}
