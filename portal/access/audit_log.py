"""The log of acts as managers read it, and what is noted in it of requests that were refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog import audit
from catalog.calendar import ZONE
from catalog.database import Catalog
from catalog.distinct import distinct_values
from catalog.tables import (
    AuditEvent,
    Clip,
    Person,
    PersonRole,
    Recording,
    Release,
    Speaker,
    Task,
    Transfer,
    Upload,
)
from portal.access.act_details import ActDetail, details_of
from portal.access.shown_text import shown

PAGE = 50
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the log. who: a handle, or the name of the part of Boli that acted; all texts are safe to show"""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    detail: Sequence[ActDetail]


@dataclass(frozen=True, slots=True)
class LogPage:
    """Acts, newest first. before: what to ask for next; None on the last page"""

    acts: Sequence[Act]
    before: int | None


def read_log(
    session: Session,
    project: str | None,
    *,
    handle: str = "",
    action: str = "",
    day: date | None = None,
    before: int | None = None,
) -> LogPage:
    """What happened.

    project: only what was done to what is the project's, and by or to its people; None: everything
    handle: only what that person did, or what was done to them
    day:    only that day, as the portal's people count days
    before: only acts older than the one of that id
    """
    query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(PAGE + 1)
    if project is not None:
        query = query.where(_of_project(project))
    if handle:
        person = session.scalar(select(Person.id).where(Person.handle == handle))
        # A flow, the operator and a person who is not known are names of their own.
        of_them = (AuditEvent.subject_kind == "person") & (AuditEvent.subject_id == (person or handle))
        query = query.where(or_(AuditEvent.actor == (person or handle), of_them))
    if action:
        query = query.where(AuditEvent.action == action)
    if day is not None:
        begin = datetime.combine(day, time(), ZONE)
        query = query.where(AuditEvent.at >= begin, AuditEvent.at < begin + timedelta(days=1))
    if before is not None:
        query = query.where(AuditEvent.id < before)
    events = session.scalars(query).all()
    names = _handles(session, events[:PAGE])
    acts = [
        Act(
            id=event.id,
            at=event.at,
            who=shown(names.get(event.actor, event.actor)),
            action=shown(event.action),
            subject=shown(_subject(event, names)),
            detail=details_of(event.detail),
        )
        for event in events[:PAGE]
    ]
    return LogPage(acts, acts[-1].id if len(events) > PAGE else None)


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


def _of_project(project: str) -> ColumnElement[bool]:
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


def known_actions(session: Session) -> Sequence[str]:
    """Every kind of act that the log holds, by name."""
    return session.scalars(distinct_values(AuditEvent.action)).all()


def note_refusal(session: Session, *, actor: str, action: str, route: str, now: datetime) -> None:
    """A person asked for what is not theirs. Noted once a minute for one route: nobody fills the log with it."""
    noted = session.scalar(
        select(AuditEvent.id)
        .where(
            AuditEvent.actor == actor,
            AuditEvent.action == action,
            AuditEvent.subject_id == route,
            AuditEvent.at > now - NOTED_EVERY,
        )
        .limit(1)
    )
    if noted is None:
        audit.record(session, at=now, actor=actor, action=action, subject=("route", route))


def note_once_a_day(
    catalog: Catalog,
    *,
    actor: str,
    action: str,
    subject: tuple[str, str],
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """A look that is on record once for each person, thing and day (of UTC): a second one says nothing new, and a
    player asks for one clip many times."""
    kind, identifier = subject
    noted = select(AuditEvent.id).where(
        AuditEvent.subject_kind == kind,
        AuditEvent.subject_id == identifier,
        AuditEvent.actor == actor,
        AuditEvent.action == action,
        AuditEvent.at >= datetime.combine(now.date(), time(), UTC),
    )
    with catalog.reading() as session:
        if session.scalar(noted.limit(1)) is not None:
            return
    with catalog.writing() as session:
        audit.record(session, at=now, actor=actor, action=action, subject=subject, detail=detail)


def _subject(event: AuditEvent, names: Mapping[str, str]) -> str:
    named = names.get(event.subject_id, event.subject_id)
    # Most ids begin with their kind.
    return named if named.startswith(event.subject_kind) else f"{event.subject_kind} {named}"


def _handles(session: Session, events: Sequence[AuditEvent]) -> dict[str, str]:
    ids = {event.actor for event in events} | {event.subject_id for event in events}
    rows = session.execute(select(Person.id, Person.handle).where(Person.id.in_(ids)))
    return {row.id: row.handle for row in rows}
