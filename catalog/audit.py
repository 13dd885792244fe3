"""The audit log: the record of every act: who, when, what. Chained, so that a changed row shows, or a missing one."""

import hashlib
import json
from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True)
class AuditProof:
    """Whether the log is as it was written. broken: the first row that does not fit, in words; None where all do

    events: rows looked at; heads: of earlier days in the store that they were held against
    """

    events: int
    heads: int
    broken: str | None


def head_of(session: Session, day: str) -> StoredHead:
    """How far the log is now."""
    head = session.get_one(AuditHead, 1)
    return StoredHead(day, head.event_id, head.hash, head.events)


def prove(session: Session, heads: Mapping[int, StoredHead]) -> AuditProof:
    """Hold every act against the one before it, and against the heads of earlier days, by the id of their act.

    Acts that are written meanwhile are left for the next time.
    """
    head = session.get_one(AuditHead, 1)
    last, last_id, events, met = BEGINNING, 0, 0, 0
    for event_id, previous, own, *content in session.execute(_CHAINED, {"last": head.event_id}):
        events += 1
        broken = None
        if previous != last:
            broken = f"act {event_id}: acts before it were taken out, or it was put in"
        elif own != hash_of(previous, ActContent(*content)):
            broken = f"act {event_id} is not what was written down"
        elif (kept := heads.get(event_id)) is not None:
            met += 1
            if kept.hash != own:
                broken = f"act {event_id} is not the one that the store knows of {kept.day}"
        if broken is not None:
            return AuditProof(events, met, broken)
        last, last_id = own, event_id
    broken = None
    if gone := [kept for number, kept in sorted(heads.items()) if number > last_id]:
        broken = f"act {gone[0].event_id}, which the store knows of {gone[0].day}, is not there any more"
    elif met < len(heads):
        broken = "an act that the store knows of an earlier day is not there any more"
    elif (head.event_id, head.hash, head.events) != (last_id, last, events):
        broken = (
            f"the log ends at act {last_id}, and {head.events} acts up to {head.event_id} were written down"
        )
    return AuditProof(events, met, broken)


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
    .where(AuditEvent.id <= bindparam("last"))
    .order_by(AuditEvent.id)
    .execution_options(yield_per=AT_A_TIME)
)
