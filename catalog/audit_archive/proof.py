"""The proof of the audit log: every act, in the store and in the table, against the one before it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog.audit import BEGINNING, ChainedAct, StoredHead, acts_between, hash_of
from catalog.audit_archive.archives import archives, open_archive
from catalog.audit_heads import kept_heads
from catalog.store import ObjectStore, StoreError
from catalog.tables import AuditArchive, AuditHead


@dataclass(frozen=True, slots=True)
class AuditProof:
    """Whether the log is as it was written. broken: the first act that does not fit, in words; None where all do

    events: acts looked at; archived: those of them in the store; heads: of earlier days that they were held against
    """

    events: int
    archived: int
    heads: int
    broken: str | None


class _Broken(Exception):
    """The log is not as it was written; the message says where."""


def prove(session: Session, store: ObjectStore) -> AuditProof:
    """Hold every act against the one before it, and against the heads of earlier days that the store keeps.

    Acts that are written meanwhile are left for the next time. session: new, nothing was asked of it
    """
    heads = kept_heads(store)
    if (
        session.get_bind().dialect.name == "postgresql"
    ):  # one moment for all: months may be archived meanwhile
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    head = session.get_one(AuditHead, 1)
    chain = _Chain(heads)
    try:
        for archive in archives(session):
            _add_archive(chain, session, store, archive)
        for act in acts_between(session, after=chain.last_id, through=head.event_id):
            chain.add(act)
        chain.end(head)
    except _Broken as error:
        return AuditProof(chain.events, chain.archived, chain.met, str(error))
    return AuditProof(chain.events, chain.archived, chain.met, None)


@dataclass(slots=True)
class _Chain:
    """How far the acts fit together."""

    heads: Mapping[int, StoredHead]
    last: str = BEGINNING
    last_id: int = 0
    events: int = 0
    archived: int = 0
    met: int = 0

    def add(self, act: ChainedAct) -> None:
        self.events += 1
        if act.previous != self.last:
            raise _Broken(f"act {act.id}: acts before it were taken out, or it was put in")
        if act.hash != hash_of(act.previous, act.content):
            raise _Broken(f"act {act.id} is not what was written down")
        if (kept := self.heads.get(act.id)) is not None:
            self.met += 1
            if kept.hash != act.hash:
                raise _Broken(f"act {act.id} is not the one that the store knows of {kept.day}")
        self.last, self.last_id = act.hash, act.id

    def end(self, head: AuditHead) -> None:
        if gone := [kept for number, kept in sorted(self.heads.items()) if number > self.last_id]:
            raise _Broken(
                f"act {gone[0].event_id}, which the store knows of {gone[0].day}, is not there any more"
            )
        if self.met < len(self.heads):
            raise _Broken("an act that the store knows of an earlier day is not there any more")
        if (head.event_id, head.hash, head.events) != (self.last_id, self.last, self.events):
            raise _Broken(
                f"the log ends at act {self.last_id}, and {head.events} acts up to {head.event_id} were written down"
            )


def _add_archive(chain: _Chain, session: Session, store: ObjectStore, archive: AuditArchive) -> None:
    from pyarrow import ArrowException

    from catalog.audit_archive.parquet_file import read_acts

    try:
        in_store = read_acts(open_archive(store, archive), previous=chain.last)
        for act in _held_against_table(session, archive, in_store, after=chain.last_id):
            chain.add(act)
            chain.archived += 1
    except (StoreError, ArrowException) as error:
        raise _Broken(f"the acts of {archive.month} can't be read: {str(error).splitlines()[0]}") from error
    if (chain.last_id, chain.last) != (archive.last_id, archive.hash):
        raise _Broken(f"the acts of {archive.month} end at {chain.last_id}, and not at {archive.last_id}")


def _held_against_table(
    session: Session, archive: AuditArchive, in_store: Iterator[ChainedAct], *, after: int
) -> Iterator[ChainedAct]:
    """The acts of an archive, each compared with the row that stands in the table as well."""
    rows = acts_between(session, after=after, through=archive.last_id)
    row = next(rows, None)
    for act in in_store:
        if row is not None and row.id < act.id:
            break
        if row is not None and row.id == act.id:
            if row != act:
                raise _Broken(f"act {act.id} is not what was written down")
            row = next(rows, None)
        elif act.content.action in archive.kept_actions:
            raise _Broken(f"act {act.id}, which stays in the table beside the archive, was taken out of it")
        yield act
    if row is not None:
        raise _Broken(f"act {row.id} was put in: the archive of {archive.month} does not hold it")
