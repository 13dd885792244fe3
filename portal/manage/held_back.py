"""Who of a project is held back, and how many of a language's transcribers are there to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.states import Role, SubmissionKind
from catalog.tables import Person, PersonRole, Standing, Submission, Task

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class HeldBackWriter:
    """A person who gets no work in a language until somebody has looked. bad of all their texts were not good"""

    handle: str
    language: str
    bad: int
    all: int
    at: datetime


def held_back(session: Session, project: str) -> list[HeldBackWriter]:
    """The longest first."""
    rows = session.execute(
        select(Person.handle, Standing)
        .join(Person, Person.id == Standing.person_id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(
            Standing.held_back,
            Person.active,
            PersonRole.project_id == project,
            PersonRole.role == Role.TRANSCRIBER,
        )
        .order_by(Standing.at, Person.handle)
        .limit(MOST_SHOWN)
    )
    return [
        HeldBackWriter(handle, each.language, each.bad, each.good + each.bad, each.at)
        for handle, each in rows
    ]


def at_work(session: Session, project: str, *, since: datetime) -> Mapping[str, int]:
    """People who handed in texts since then, by language."""
    rows = session.execute(
        select(Task.language, func.count(Submission.person_id.distinct()))
        .join(Task, Task.id == Submission.task_id)
        .where(
            Task.project_id == project,
            Submission.kind == SubmissionKind.FINAL,
            Submission.created_at >= since,
        )
        .group_by(Task.language)
    )
    return dict(rows.tuples().all())
