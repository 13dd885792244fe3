"""Months of the audit log that are over for long enough go to the store, and then out of the table.

Killed between any two steps, the next run goes on: a file without its row is written again, under the same name; acts
that are in the store and still in the table are read in the store alone, and taken out by whoever comes next.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from catalog import audit
from catalog.audit import BEGINNING, ChainedAct, acts_between, hash_of
from catalog.audit_archive.archives import PREFIX
from catalog.audit_archive.still_asked import STILL_ASKED
from catalog.calendar import month_of, month_span
from catalog.database import Catalog
from catalog.errors import UserError
from catalog.store import ObjectStore
from catalog.store.files import digest
from catalog.tables import AuditArchive, AuditEvent, AuditHead

IDS_AT_ONCE = 5_000
"""Acts that one transaction takes out of the table: other writers wait for it."""


class BrokenChain(UserError):
    """Acts that are to be archived don't fit together: nothing of them is moved."""


@dataclass(frozen=True, slots=True)
class ArchivedMonths:
    """What one run did. acts: of those months; removed: rows that left the table"""

    months: tuple[str, ...]
    acts: int
    removed: int


def archive_audit_log(
    catalog: Catalog,
    store: ObjectStore,
    *,
    keep_months: int,
    actor: str,
    now: datetime,
    scratch: Path,
    most: int,
) -> ArchivedMonths:
    """Move the oldest months to the store. Again does nothing; where there is nothing to move it costs two look-ups.

    keep_months: whole months before this one that stay in the table
    most:        months that one run moves
    Raises BrokenChain where the table is not as it was written.
    """
    removed = _take_out_archived(catalog, now)
    months: list[str] = []
    acts = 0
    while len(months) < most and (due := _next_month(catalog, _shifted(month_of(now), -keep_months))):
        archive = _write_month(catalog, store, *due, now=now, scratch=scratch)
        catalog.write(partial(_note, archive=archive, actor=actor, now=now))
        removed += _take_out_archived(catalog, now)
        months.append(archive.month)
        acts += archive.acts
    return ArchivedMonths(tuple(months), acts, removed)


def _shifted(month: str, months: int) -> str:
    """
    >>> _shifted("2026-11", -12), _shifted("2026-12", 1)
    ('2025-11', '2027-01')
    """
    year, index = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + months, 12)
    return f"{year:04}-{index + 1:02}"


@dataclass(frozen=True, slots=True)
class _Start:
    """Where the next month begins: after the act of that id and hash."""

    after: int
    previous: str


def _next_month(catalog: Catalog, first_kept: str) -> tuple[str, _Start] | None:
    """The oldest month in the table that is before the first one that stays there.

    Months follow each other: an act that a clock put before the last archived one goes with the next.
    """
    with catalog.reading() as session:
        last = session.scalars(select(AuditArchive).order_by(AuditArchive.last_id.desc()).limit(1)).first()
        start = _Start(last.last_id, last.hash) if last else _Start(0, BEGINNING)
        head = session.get_one(AuditHead, 1).event_id
        oldest = session.scalar(
            select(AuditEvent.at)
            .where(AuditEvent.id > start.after, AuditEvent.id < head)
            .order_by(AuditEvent.id)
            .limit(1)
        )
    if oldest is None:
        return None
    month = max(month_of(oldest), _shifted(last.month, 1) if last else "")
    return (month, start) if month < first_kept else None


@dataclass(slots=True)
class _Seen:
    """What was met on the way of the acts into their file."""

    first_id: int = 0
    last_id: int = 0
    acts: int = 0
    hash: str = ""
    earliest: datetime | None = None
    latest: datetime | None = None
    actions: set[str] = field(default_factory=set)

    def add(self, act: ChainedAct) -> None:
        at = act.content.at
        self.first_id = self.first_id or act.id
        self.last_id, self.hash, self.acts = act.id, act.hash, self.acts + 1
        self.earliest = min(self.earliest or at, at)
        self.latest = max(self.latest or at, at)
        self.actions.add(act.content.action)


def _write_month(
    catalog: Catalog, store: ObjectStore, month: str, start: _Start, *, now: datetime, scratch: Path
) -> AuditArchive:
    """Put a month into the store, and read it back from there."""
    from catalog.audit_archive.parquet_file import (
        write_acts,
    )  # with pyarrow, which most of what runs has no use for

    seen = _Seen()
    with tempfile.TemporaryDirectory(dir=scratch) as temporary:
        path = Path(temporary) / "acts.parquet"
        with catalog.reading() as session:
            acts = _acts_of_month(session, month, start)
            write_acts(path, _checked(acts, start.previous, seen), month=month, previous=start.previous)
        with path.open("rb") as file:
            sha256 = digest(file)
        key = f"{PREFIX}{month}-{sha256}.parquet"
        size = store.put_file(key, path, sha256=sha256).size
        _read_back(store, key, sha256, start.previous, seen, Path(temporary) / "back.parquet")
    assert seen.earliest is not None and seen.latest is not None  # the oldest act is of this month
    return AuditArchive(
        month=month,
        key=key,
        size=size,
        first_id=seen.first_id,
        last_id=seen.last_id,
        acts=seen.acts,
        previous=start.previous,
        hash=seen.hash,
        earliest=seen.earliest,
        latest=seen.latest,
        actions=sorted(seen.actions),
        kept_actions=sorted(STILL_ASKED),
        archived_at=now,
        trimmed_at=None,
    )


def _acts_of_month(session: Session, month: str, start: _Start) -> Iterator[ChainedAct]:
    """Up to the first act of a later month. The head's act stays, whatever its age: the next id follows from it."""
    _, end = month_span(month)
    head = session.get_one(AuditHead, 1).event_id
    for act in acts_between(session, after=start.after, through=head - 1):
        if act.content.at >= end:
            return
        yield act


def _checked(acts: Iterator[ChainedAct], previous: str, seen: _Seen) -> Iterator[ChainedAct]:
    for act in acts:
        if act.previous != previous or act.hash != hash_of(previous, act.content):
            raise BrokenChain(
                f"act {act.id} of the audit log does not fit the one before it: nothing was moved to the store.\n"
                "See what was changed with `boli audit verify`."
            )
        seen.add(act)
        yield act
        previous = act.hash


def _read_back(store: ObjectStore, key: str, sha256: str, previous: str, written: _Seen, path: Path) -> None:
    from catalog.audit_archive.parquet_file import links_of, read_acts

    store.fetch(key, path, sha256=sha256)
    back = _Seen()
    for _ in _checked(read_acts(path, previous=previous), previous, back):
        pass
    if back != written or links_of(path) != (previous, written.hash):
        raise BrokenChain(f"{key} does not hold what was written: nothing was taken out of the table.")


def _note(session: Session, *, archive: AuditArchive, actor: str, now: datetime) -> None:
    """From here on the month is read in the store."""
    if session.get(AuditArchive, archive.month) is not None:  # another machine was faster, with the same acts
        return
    session.add(_copy(archive))
    detail = {"acts": archive.acts, "last": archive.last_id, "sha256": archive.key[-72:-8]}
    audit.record(
        session, at=now, actor=actor, action="audit.archived", subject=("audit", archive.month), detail=detail
    )


def _copy(archive: AuditArchive) -> AuditArchive:
    """A row of its own for each try of the transaction."""
    return AuditArchive(
        **{column.key: getattr(archive, column.key) for column in AuditArchive.__table__.columns}
    )


def _take_out_archived(catalog: Catalog, now: datetime) -> int:
    """Take what the store holds out of the table, but for what decisions still ask for. Returns how many rows."""
    with catalog.reading() as session:
        waiting: Sequence[AuditArchive] = session.scalars(
            select(AuditArchive).where(AuditArchive.trimmed_at.is_(None)).order_by(AuditArchive.first_id)
        ).all()
    removed = 0
    for archive in waiting:
        for first in range(archive.first_id, archive.last_id + 1, IDS_AT_ONCE):
            gone = delete(AuditEvent).where(
                AuditEvent.id >= first,
                AuditEvent.id <= min(first + IDS_AT_ONCE - 1, archive.last_id),
                AuditEvent.action.not_in(archive.kept_actions),
            )
            with catalog.writing() as session:
                removed += session.connection().execute(gone).rowcount
        with catalog.writing() as session:
            session.execute(
                update(AuditArchive).where(AuditArchive.month == archive.month).values(trimmed_at=now)
            )
    return removed
