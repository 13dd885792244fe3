"""The audit log: the record of every act: who, when, what. Chained, so that a changed row shows, or a missing one."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from catalog.tables import AuditEvent, AuditHead

BEGINNING = "0" * 64
"""What the first act of all holds as the hash of the one before."""
AT_A_TIME = 2000
_PENDING = "acts to be chained"


def record(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: tuple[str, str],
    detail: dict[str, Any] | None = None,
) -> None:
    """Add one act to the log, in the transaction of the act itself: both are there, or neither.

    It stands in the log once the transaction ends (`chain`), so nobody reads it back before.

    subject: kind and id, such as ("clip", "clip-3f…")
    """
    acts = session.info.setdefault(_PENDING, [])
    acts.append(ActContent(at, actor, action, *subject, detail or {}))


def chain(session: Session) -> None:
    """Write down the acts of a transaction that is about to be committed. `Catalog.writing` calls it last of all.

    The head is one row that writers lock one after the other. Nothing is locked after it, so no two transactions
    wait for each other, and it is held for as long as a commit takes.
    """
    acts: list[ActContent] = session.info.pop(_PENDING, [])
    if not acts:
        return
    session.flush()
    connection = session.connection()  # three plain statements: every act of every person passes here
    last, events = connection.execute(_LOCK_HEAD).one()
    rows = []
    for act in acts:
        own = hash_of(last, act)
        rows.append({**asdict(act), "previous": last, "hash": own})
        last = own
    last_id = max(connection.scalars(_ADD_ACTS, rows))
    connection.execute(_MOVE_HEAD, {"to": last_id, "hash": last, "events": events + len(acts)})


@dataclass(frozen=True, slots=True)
class ActContent:
    """What of an act its hash is made of."""

    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChainedAct:
    """An act as it stands in the log, with its links. previous, hash: of the act before and its own, hexadecimal"""

    id: int
    content: ActContent
    previous: str
    hash: str


def hash_of(previous: str, content: ActContent) -> str:
    """SHA-256 of an act and of the hash before it, in hexadecimal.

    >>> act = ActContent(datetime(2026, 11, 29, tzinfo=UTC), "asha", "clip.kept", "clip", "clip-1", {"a": 1})
    >>> hash_of(BEGINNING, act)[:8], hash_of("1" * 64, act)[:8]
    ('81d90178', 'f8c5fe45')
    """
    words = [
        previous,
        content.at.astimezone(UTC).isoformat(timespec="microseconds"),
        content.actor,
        content.action,
        content.subject_kind,
        content.subject_id,
        content.detail,
    ]
    return hashlib.sha256(json.dumps(words, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


_LOCK_HEAD = select(AuditHead.hash, AuditHead.events).where(AuditHead.id == 1).with_for_update()
_ADD_ACTS = insert(AuditEvent).returning(AuditEvent.id, sort_by_parameter_order=True)
_MOVE_HEAD = (
    update(AuditHead)
    .where(AuditHead.id == 1)
    .values(event_id=bindparam("to"), hash=bindparam("hash"), events=bindparam("events"))
)


@dataclass(frozen=True, slots=True)
class StoredHead:
    """How far the log was on a day, as the store keeps it out of the database's reach. hash: of the act event_id"""

    day: str
    event_id: int
    hash: str
    events: int


def head_of(session: Session, day: str) -> StoredHead:
    """How far the log is now."""
    head = session.get_one(AuditHead, 1)
    return StoredHead(day, head.event_id, head.hash, head.events)


def acts_between(session: Session, *, after: int, through: int) -> Iterator[ChainedAct]:
    """The acts that stand in the table, in their order, those of two ids and between; the first id not."""
    for event_id, previous, own, *content in session.execute(_CHAINED, {"after": after, "through": through}):
        yield ChainedAct(event_id, ActContent(*content), previous, own)


_CHAINED = (
    select(
        AuditEvent.id,
        AuditEvent.previous,
        AuditEvent.hash,
        AuditEvent.at,
        AuditEvent.actor,
        AuditEvent.action,
        AuditEvent.subject_kind,
        AuditEvent.subject_id,
        AuditEvent.detail,
    )
    .where(AuditEvent.id > bindparam("after"), AuditEvent.id <= bindparam("through"))
    .order_by(AuditEvent.id)
    .execution_options(yield_per=AT_A_TIME)
)
