"""Acts of the audit log that lie in the store, found again: for a page of the log, for a clip's life, for an export."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from catalog.audit import acts_between
from catalog.audit_archive.archives import archives, open_archive
from catalog.audit_archive.wanted import FoundInGroup, LoggedAct, WantedActs
from catalog.store import StoreReader
from catalog.tables import AuditHead

GROUPS_AT_ONCE = 40
"""Groups of rows that one question reads: 400,000 acts."""
Chosen = Callable[[Sequence[LoggedAct]], Sequence[LoggedAct]]


@dataclass(frozen=True, slots=True)
class OldActs:
    """Acts, newest first.

    reached: acts from that id on were looked at, older ones not yet; None: there are none
    at:      where the question ended before it had found enough: the moment up to which it was looked
    """

    acts: Sequence[LoggedAct]
    reached: int | None
    at: datetime | None = None


def old_acts(
    session: Session,
    store: StoreReader,
    wanted: WantedActs,
    *,
    before: int | None,
    most: int,
    groups: int = GROUPS_AT_ONCE,
    chosen: Chosen = lambda acts: acts,
) -> OldActs:
    """The newest acts in the store that are older than the one of the id `before`.

    chosen: of acts that are wanted, those that the reader may see; asked in the order of the acts
    groups: of rows; once so many are read the question ends, and `reached` says where to go on
    Raises StoreError.
    """
    found: list[LoggedAct] = []
    for read, group in enumerate(_groups(session, store, wanted, before), start=1):
        found += chosen(group.acts)
        if len(found) >= most:
            return OldActs(found[:most], found[most - 1].id)
        if read >= groups:
            return OldActs(found, group.lowest, group.earliest)
    return OldActs(found, None)


def acts_of_subjects(session: Session, store: StoreReader, subjects: Sequence[str]) -> Iterator[LoggedAct]:
    """Every act in the store that was done to one of these, the newest first. Reads all months; raises StoreError."""
    for group in _groups(session, store, WantedActs(subjects=frozenset(subjects)), None):
        yield from group.acts


def every_act(session: Session, store: StoreReader, wanted: WantedActs) -> Iterator[LoggedAct]:
    """The acts of a time, wherever they lie, in their order; of `wanted` the begin and the end count. StoreError."""
    last = 0
    for archive in archives(session):
        last = archive.last_id
        if wanted.may_be_within(archive.earliest, archive.latest):
            from catalog.audit_archive.parquet_file import read_acts

            for act in read_acts(open_archive(store, archive), previous=archive.previous):
                if wanted.may_be_within(act.content.at, act.content.at):
                    yield LoggedAct(act.id, act.content)
    through = session.get_one(AuditHead, 1).event_id
    for act in acts_between(session, after=last, through=through):
        if wanted.may_be_within(act.content.at, act.content.at):
            yield LoggedAct(act.id, act.content)


def _groups(
    session: Session, store: StoreReader, wanted: WantedActs, before: int | None
) -> Iterator[FoundInGroup]:
    for archive in reversed(archives(session)):
        end = archive.last_id + 1 if before is None else before
        if archive.first_id >= end or not wanted.may_be_within(archive.earliest, archive.latest):
            continue
        if wanted.action is None or wanted.action in archive.actions:
            from catalog.audit_archive.parquet_file import search_groups  # with pyarrow

            yield from search_groups(open_archive(store, archive), wanted, before=end)
