"""What is new for somebody, read from what stands in the catalogue: nothing is kept but up to when they have read.

A fixed number of small queries, however much happened: each kind stops at MOST.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select
from sqlalchemy.orm import Session

from catalog.states import (
    RecordingState,
    ReleaseState,
    ReportState,
    ReviewDecision,
    Role,
    SlotPurpose,
    SlotState,
    TaskState,
    UploadState,
)
from catalog.tables import (
    ClipReport,
    NewsRead,
    Recording,
    Release,
    Review,
    Slot,
    Submission,
    Task,
    Upload,
    Verdict,
)
from transcription.news.reader import NewsReader

MOST = 50
"""Items of one kind that are shown; of new work, the clips that are counted."""
SPAN = timedelta(days=30)
"""What is older is news to nobody."""


ONCE = timedelta(days=1)
"""How often clips that wait are new again."""


class NewsKind(StrEnum):
    """What happened, in the order in which a notice says it."""

    SENT_BACK = "sent_back"
    REFUSED = "refused"
    VERSION = "version"
    WEEK = "week"
    """The plan for the week; as MISSING in notices alone, since the page of news shows the plan itself."""
    CLIPS = "clips"
    REVIEWS = "reviews"
    REPORTED = "reported"
    MISSING = "missing"
    """Languages in which some group of speakers is still to be recorded."""


@dataclass(frozen=True, slots=True)
class NewsItem:
    """at: when it happened, or the newest of what is counted; codes: of reasons; values: names, ids and counts"""

    kind: NewsKind
    at: datetime
    unread: bool
    codes: tuple[str, ...] = ()
    values: Mapping[str, str | int] = field(default_factory=dict)


_WORK = (
    (Role.TRANSCRIBER, SlotPurpose.TRANSCRIPTION, NewsKind.CLIPS),
    (Role.REVIEWER, SlotPurpose.REVIEW, NewsKind.REVIEWS),
)
Since = datetime | ColumnElement[datetime]


def news_of(session: Session, reader: NewsReader, *, now: datetime) -> tuple[NewsItem, ...]:
    """Of the project that they look at, the newest first."""
    read, since = read_until(session, reader), now - SPAN
    items = [
        *(_sent_back(session, reader, read, since) if reader.has(Role.TRANSCRIBER) else ()),
        *(_refused(session, reader, read, since) if reader.has(Role.COORDINATOR) else ()),
        *_new_work(session, reader, read, now),
        *(_reported(session, reader, read, since) if reader.has(Role.REVIEWER) else ()),
        *(_versions(session, reader, read, since) if reader.has(Role.ML_READER, Role.MANAGER) else ()),
    ]
    return tuple(sorted(items, key=lambda item: item.at, reverse=True))


def unread_count(session: Session, reader: NewsReader, *, now: datetime) -> int:
    """For the head of every page, in one statement: of each kind no more than MOST, of work that waits one."""
    read, kind = _read_query(reader).scalar_subquery(), NewsRead.at.type
    oldest = literal(now - SPAN, kind)
    since = case((read > oldest, read), else_=oldest)
    again = since < literal(now - ONCE, kind)
    counted: list[Select[Any]] = [
        *([_sent_back_query(reader, since)] if reader.has(Role.TRANSCRIBER) else []),
        *([_refused_query(reader, since)] if reader.has(Role.COORDINATOR) else []),
        *([_reported_query(reader, since)] if reader.has(Role.REVIEWER) else []),
        *([_versions_query(reader, since)] if reader.has(Role.ML_READER, Role.MANAGER) else []),
        *(
            _open_query(reader, purpose).where(again).limit(1)
            for role, purpose, _kind in _WORK
            if reader.has(role)
        ),
    ]
    numbers = [
        select(func.count()).select_from(each.order_by(None).subquery()).scalar_subquery() for each in counted
    ]
    return sum(session.execute(select(*numbers)).one()) if numbers else 0


def read_until(session: Session, reader: NewsReader) -> datetime | None:
    """Up to when they have read; None before the first time."""
    return session.scalar(_read_query(reader))


def _read_query(reader: NewsReader) -> Select[tuple[datetime]]:
    return select(NewsRead.at).where(
        NewsRead.person_id == reader.person_id, NewsRead.project_id == reader.project
    )


def note_read(session: Session, reader: NewsReader, *, until: datetime) -> None:
    """They have read what happened up to then; a page that was open for long marks nothing that came after it."""
    before = read_until(session, reader)
    if before is None or before < until:
        session.merge(NewsRead(person_id=reader.person_id, project_id=reader.project, at=until))


def _sent_back(
    session: Session, reader: NewsReader, read: datetime | None, since: datetime
) -> Iterator[NewsItem]:
    """Those that still wait for them: few tasks of a project are sent back at a time."""
    for row in session.execute(_sent_back_query(reader, since)):
        yield NewsItem(NewsKind.SENT_BACK, row.at, _is_unread(row.at, read), codes=tuple(row.reasons))


def _sent_back_query(reader: NewsReader, since: Since) -> Select[tuple[datetime, list[str]]]:
    return (
        select(Review.at, Review.reasons)
        .join(Submission, Submission.id == Review.submission_id)
        .join(Task, Task.id == Review.task_id)
        .where(
            Task.project_id == reader.project,
            Task.state == TaskState.RETURNED,
            Task.language.in_(sorted(reader.languages)),
            Submission.person_id == reader.person_id,
            Review.decision == ReviewDecision.SEND_BACK,
            Review.late.is_(False),
            Review.at > since,
        )
        .order_by(Review.at.desc())
        .limit(MOST)
    )


def _refused(
    session: Session, reader: NewsReader, read: datetime | None, since: datetime
) -> Iterator[NewsItem]:
    for row in session.execute(_refused_query(reader, since)):
        yield NewsItem(
            NewsKind.REFUSED,
            row.at,
            _is_unread(row.at, read),
            codes=(row.code,) if row.code else (),
            values={"name": row.name},
        )


def _refused_query(reader: NewsReader, since: Since) -> Select[tuple[str, str, datetime]]:
    at = func.coalesce(Recording.created_at, Verdict.at, Upload.received_at)
    return (
        select(Upload.name, func.coalesce(Upload.reason, Recording.reason).label("code"), at.label("at"))
        .outerjoin(Recording, Recording.id == Upload.recording_id)
        .outerjoin(Verdict, Verdict.upload_id == Upload.id)
        .where(
            Upload.sent_by == reader.person_id,
            Upload.project_id == reader.project,
            at > since,
            Upload.erased_at.is_(None),
            or_(Upload.state == UploadState.REJECTED, Recording.state == RecordingState.REJECTED),
        )
        .order_by(Upload.received_at.desc(), Upload.id)
        .limit(MOST)
    )


def _new_work(
    session: Session, reader: NewsReader, read: datetime | None, now: datetime
) -> Iterator[NewsItem]:
    """One item for all clips that wait, new once a day at most: a queue is no list of events."""
    for role, purpose, kind in _WORK:
        count, newest = open_slots(session, reader, purpose) if reader.has(role) else (0, None)
        if newest is not None:
            unread = read is None or now - read > ONCE
            yield NewsItem(kind, newest, unread, values={"num": count})


def open_slots(session: Session, reader: NewsReader, purpose: SlotPurpose) -> tuple[int, datetime | None]:
    """How many slots in their languages are open, MOST at most, and when the newest of those came."""
    some = _open_query(reader, purpose).subquery()
    row = session.execute(select(func.count(), func.max(some.c.created_at))).one()
    return row[0], row[1]


def _open_query(reader: NewsReader, purpose: SlotPurpose) -> Select[tuple[datetime]]:
    return (
        select(Slot.created_at)
        .where(
            Slot.project_id == reader.project,
            Slot.purpose == purpose,
            Slot.language.in_(sorted(reader.languages)),
            Slot.state == SlotState.OPEN,
        )
        .limit(MOST)
    )


def _reported(
    session: Session, reader: NewsReader, read: datetime | None, since: datetime
) -> Iterator[NewsItem]:
    for row in session.execute(_reported_query(reader, since)):
        unread = _is_unread(row.opened_at, read)
        yield NewsItem(NewsKind.REPORTED, row.opened_at, unread, values={"report": row.id})


def _reported_query(reader: NewsReader, since: Since) -> Select[tuple[str, datetime]]:
    return (
        select(ClipReport.id, ClipReport.opened_at)
        .where(
            ClipReport.project_id == reader.project,
            ClipReport.state == ReportState.OPEN,
            ClipReport.language.in_(sorted(reader.languages)),
            ClipReport.opened_at > since,
        )
        .order_by(ClipReport.opened_at.desc())
        .limit(MOST)
    )


def _versions(
    session: Session, reader: NewsReader, read: datetime | None, since: datetime
) -> Iterator[NewsItem]:
    for row in session.execute(_versions_query(reader, since)):
        yield NewsItem(
            NewsKind.VERSION,
            row.created_at,
            _is_unread(row.created_at, read),
            values={"dataset": row.name, "version": row.version},
        )


def _versions_query(reader: NewsReader, since: Since) -> Select[tuple[str, str, datetime]]:
    return (
        select(Release.name, Release.version, Release.created_at)
        .where(
            Release.project_id == reader.project,
            Release.state != ReleaseState.BUILDING,
            Release.created_at > since,
        )
        .order_by(Release.created_at.desc())
        .limit(MOST)
    )


def _is_unread(at: datetime, read: datetime | None) -> bool:
    return read is None or at > read
