"""Which acts of the log are one project's business: told twice, for rows of the table and for acts from the store."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog.audit_archive.wanted import LoggedAct
from catalog.tables import (
    AuditEvent,
    Clip,
    PersonRole,
    Recording,
    Release,
    Speaker,
    Task,
    Transfer,
    Upload,
)

AT_ONCE = 500
"""Acts whose subjects are looked up by one query a kind."""
_OWNED: Mapping[str, type[Task | Clip | Recording | Upload | Speaker | Release | Transfer]] = {
    "task": Task,
    "clip": Clip,
    "recording": Recording,
    "upload": Upload,
    "speaker": Speaker,
    "release": Release,
    "transfer": Transfer,
}
"""Kinds of subjects that are a project's, with the table that says whose."""


def is_of_project(project: str) -> ColumnElement[bool]:
    """That an act is one project's business: by its subject, else by whoever did it.

    Values of sub-queries are compared, which are looked up act by act: of an EXISTS among alternatives PostgreSQL would
    first read the whole table, for a page of fifty acts.
    """

    def works_here(person: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        roles = select(func.count()).where(PersonRole.person_id == person, PersonRole.project_id == project)
        return roles.scalar_subquery() > 0

    event = AuditEvent
    owned = [
        and_(
            event.subject_kind == kind,
            select(table.project_id).where(table.id == event.subject_id).scalar_subquery() == project,
        )
        for kind, table in _OWNED.items()
    ]
    named = and_(event.subject_kind == "project", event.subject_id == project)
    flow = and_(event.subject_kind == "flow", event.subject_id.endswith(f"/{project}", autoescape=True))
    person = and_(event.subject_kind == "person", works_here(event.subject_id))
    others = (*_OWNED, "project", "flow", "person")
    by_them = and_(event.subject_kind.not_in(others), works_here(event.actor))
    return or_(*owned, named, flow, person, by_them)


def acts_of_project(session: Session, project: str, acts: Sequence[LoggedAct]) -> Sequence[LoggedAct]:
    """Those of the acts of which `is_of_project` would be true."""
    return [
        act
        for first in range(0, len(acts), AT_ONCE)
        for act in _chosen(session, project, acts[first : first + AT_ONCE])
    ]


def _chosen(session: Session, project: str, acts: Sequence[LoggedAct]) -> Sequence[LoggedAct]:
    subjects: dict[str, set[str]] = {}
    for act in acts:
        subjects.setdefault(act.content.subject_kind, set()).add(act.content.subject_id)
    ours = {
        kind: frozenset(
            session.scalars(select(table.id).where(table.id.in_(subjects[kind]), table.project_id == project))
        )
        for kind, table in _OWNED.items()
        if kind in subjects
    }
    people = {act.content.actor for act in acts} | subjects.get("person", set())
    staff = frozenset(
        session.scalars(
            select(PersonRole.person_id).where(
                PersonRole.person_id.in_(people), PersonRole.project_id == project
            )
        )
    )

    def is_ours(act: LoggedAct) -> bool:
        kind, subject = act.content.subject_kind, act.content.subject_id
        match kind:
            case "project":
                return subject == project
            case "flow":
                return subject.endswith(f"/{project}")
            case "person":
                return subject in staff
            case _ if kind in _OWNED:
                return subject in ours[kind]
        return act.content.actor in staff

    return [act for act in acts if is_ours(act)]
