"""The log of acts as managers read it, and what is noted in it of requests that were refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.audit import ActContent
from catalog.audit_archive.archives import archived_through, archives
from catalog.audit_archive.reading import OldActs, old_acts
from catalog.audit_archive.wanted import LoggedAct, WantedActs, logged
from catalog.calendar import ZONE
from catalog.database import Catalog
from catalog.distinct import distinct_values
from catalog.store import StoreReader
from catalog.tables import AuditEvent, Person
from portal.access.act_details import ActDetail, details_of
from portal.access.acts_of_project import acts_of_project, is_of_project
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
    """Acts, newest first.

    before:      what to ask for next; None on the last page
    looked_back: up to when it was looked, where that was far and not to the end; else None
    """

    acts: Sequence[Act]
    before: int | None
    looked_back: datetime | None = None


def read_log(
    session: Session,
    store: StoreReader,
    project: str | None,
    *,
    handle: str = "",
    action: str = "",
    day: date | None = None,
    before: int | None = None,
) -> LogPage:
    """What happened; what is old is read where it lies, in the store. Raises StoreError.

    project: only what was done to what is the project's, and by or to its people; None: everything
    handle: only what that person did, or what was done to them
    day:    only that day, as the portal's people count days
    before: only acts older than the one of that id
    """
    wanted = _wanted(session, handle, action, day)
    newer = list(map(logged, session.scalars(_in_table(session, wanted, project, before))))
    old = OldActs((), None)
    if len(newer) <= PAGE:
        old = old_acts(
            session,
            store,
            wanted,
            before=before,
            most=PAGE + 1 - len(newer),
            chosen=lambda acts: acts if project is None else acts_of_project(session, project, acts),
        )
    acts = [*newer, *old.acts]
    page = acts[:PAGE]
    if len(acts) > PAGE:
        return LogPage(_shown(session, page), page[-1].id)
    return LogPage(_shown(session, page), old.reached, old.at)


def _wanted(session: Session, handle: str, action: str, day: date | None) -> WantedActs:
    # A flow, the operator and a person who is not known are names of their own.
    person = session.scalar(select(Person.id).where(Person.handle == handle)) or handle
    begin = None if day is None else datetime.combine(day, time(), ZONE)
    return WantedActs(
        person=person or None,
        action=action or None,
        begin=begin,
        end=None if begin is None else begin + timedelta(days=1),
    )


def _in_table(
    session: Session, wanted: WantedActs, project: str | None, before: int | None
) -> Select[tuple[AuditEvent]]:
    """The acts that are not in the store, one more than a page takes."""
    query = (
        select(AuditEvent)
        .where(AuditEvent.id > archived_through(session))
        .order_by(AuditEvent.id.desc())
        .limit(PAGE + 1)
    )
    if project is not None:
        query = query.where(is_of_project(project))
    if wanted.person is not None:
        of_them = (AuditEvent.subject_kind == "person") & (AuditEvent.subject_id == wanted.person)
        query = query.where(or_(AuditEvent.actor == wanted.person, of_them))
    if wanted.action is not None:
        query = query.where(AuditEvent.action == wanted.action)
    if wanted.begin is not None and wanted.end is not None:
        query = query.where(AuditEvent.at >= wanted.begin, AuditEvent.at < wanted.end)
    return query if before is None else query.where(AuditEvent.id < before)


def _shown(session: Session, acts: Sequence[LoggedAct]) -> Sequence[Act]:
    names = _handles(session, [act.content for act in acts])
    return [
        Act(
            id=act.id,
            at=act.content.at,
            who=shown(names.get(act.content.actor, act.content.actor)),
            action=shown(act.content.action),
            subject=shown(_subject(act.content, names)),
            detail=details_of(act.content.detail),
        )
        for act in acts
    ]


def known_actions(session: Session) -> Sequence[str]:
    """Every kind of act that the log holds, by name."""
    old = {action for archive in archives(session) for action in archive.actions}
    return sorted(old.union(session.scalars(distinct_values(AuditEvent.action))))


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


def _subject(act: ActContent, names: Mapping[str, str]) -> str:
    named = names.get(act.subject_id, act.subject_id)
    # Most ids begin with their kind.
    return named if named.startswith(act.subject_kind) else f"{act.subject_kind} {named}"


def _handles(session: Session, acts: Sequence[ActContent]) -> dict[str, str]:
    ids = {act.actor for act in acts} | {act.subject_id for act in acts}
    rows = session.execute(select(Person.id, Person.handle).where(Person.id.in_(ids)))
    return {row.id: row.handle for row in rows}
