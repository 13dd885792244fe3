"""Which slot at which task a person is given next.

The search walks an index of open slots in order (priority, then longest waiting) and stops at the first few
that this person may have, so that it costs the same with ten thousand clips as with a million. Among those
few, of equal priority, it prefers the person's own dialect and district, and a voice they haven't just heard.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from catalog.consent import ConsentScope, consented
from catalog.reasons import reason
from catalog.reports import is_hidden
from catalog.states import ClipState, SlotPurpose, SlotState, SubmissionKind, TaskState, moved
from catalog.tables import Clip, RecordingSpeaker, Skip, Slot, Speaker, Submission, Task
from transcription.people import StaffMember
from transcription.slots import lease
from transcription.slots.purpose import REVIEWING

LOOKED_AT = 16
"""How many slots that a person may have are compared."""
HEARD_LATELY = 20
"""How many of their last clips count for not hearing the same voice all day."""

# Written into the statement, not bound to it: only so does SQLite know that the partial index covers it. As two
# literals compared, because one literal of type Boolean becomes `slot.state = 'open' = 1` there, and no index fits.
_state: ColumnElement[str] = literal_column("slot.state")
_OPEN = _state == literal_column("'open'")
_LEASED = _state == literal_column("'leased'")


_ORDER = (Slot.priority, Slot.created_at, Slot.id)
_LATELY = (
    select(Slot.task_id)
    .where(Slot.holder_id == bindparam("person"))
    .order_by(Slot.leased_at.desc())
    .limit(HEARD_LATELY)
)
_VOICES = (
    select(Task.id, Speaker.id, Speaker.dialect, Speaker.district)
    .join(Clip, Clip.id == Task.clip_id)
    .join(RecordingSpeaker, RecordingSpeaker.recording_id == Clip.recording_id)
    .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
    .where(Task.id.in_(bindparam("tasks", expanding=True)))
)
_ALLOWED = (
    select(and_(Task.state != TaskState.WITHDRAWN, consented(Clip.recording_id, ConsentScope.TRANSCRIPTION)))
    .join(Clip, Clip.id == Task.clip_id)
    .where(Task.id == bindparam("task"))
)
_THIS_ONE = select(Slot).where(Slot.id == bindparam("slot"), _OPEN)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, for whom."""

    project: str
    purpose: SlotPurpose
    languages: Sequence[str]
    person: StaffMember
    recording: str | None = None
    """Only slots at clips of this one, in the order in which it was spoken; all of them where None."""


def take_slot(session: Session, search: Search, *, now: datetime, until: datetime) -> Slot | None:
    """Lease the next slot to the person, or None where there is none for them.

    A slot whose holder ran out of time comes first: somebody has waited for it before.
    On PostgreSQL slots that other transactions are just taking are passed over, not waited for.
    """
    ways = (_ended_lease, _preferred, _first_in_order) if search.recording is None else (_next_spoken,)
    for find in ways:
        passed_over: list[str] = []
        while slot := find(session, search, now, passed_over):
            if _usable(session, slot):
                lease.grant(slot, search.person.id, now=now, until=until)
                session.flush()
                return slot
            passed_over.append(slot.id)
    return None


def _ended_lease(session: Session, search: Search, now: datetime, passed_over: Sequence[str]) -> Slot | None:
    query = _ended(*_kind(search))
    return _first(session, query, search, now, passed_over)


def _preferred(session: Session, search: Search, now: datetime, passed_over: Sequence[str]) -> Slot | None:
    """The best of the first few, if nobody takes it while we choose."""
    query = _in_order(*_kind(search)).with_only_columns(*_ORDER, Slot.task_id).limit(LOOKED_AT)
    found: list[tuple[int, datetime, str, str]] = []
    for language in search.languages:
        values = _values(search, language, now, passed_over)
        found += [row._tuple() for row in session.execute(query, values)]
    if not found:
        return None
    rank = _rank(session, search.person, [task_id for *_, task_id in found])
    found.sort(key=lambda slot: (slot[0], rank.get(slot[3], 0), slot[1], slot[2]))
    return _lock_one(session, _THIS_ONE, {"slot": found[0][2]})


def _first_in_order(
    session: Session, search: Search, now: datetime, passed_over: Sequence[str]
) -> Slot | None:
    """The first that is free, whoever else is looking: no slot goes unseen because others chose faster."""
    query = _in_order(*_kind(search))
    return _first(session, query, search, now, passed_over)


def _next_spoken(session: Session, search: Search, now: datetime, passed_over: Sequence[str]) -> Slot | None:
    """The first of a recording that is free, in the order in which it was spoken."""
    query = _of_recording(*_kind(search))
    return _first(session, query, search, now, passed_over)


def _first(
    session: Session, query: Select[tuple[Slot]], search: Search, now: datetime, passed_over: Sequence[str]
) -> Slot | None:
    for language in search.languages:
        if slot := _lock_one(session, query, _values(search, language, now, passed_over)):
            return slot
    return None


def _lock_one(session: Session, query: Select[tuple[Slot]], values: dict[str, object]) -> Slot | None:
    # SQLite has one writer at a time, so there is nothing to pass over and its dialect leaves the words out.
    locking = query.limit(1).with_for_update(skip_locked=True, of=Slot)
    return session.scalars(locking.execution_options(populate_existing=True), values).first()


def _kind(search: Search) -> tuple[bool, bool]:
    reviewing = search.purpose in REVIEWING
    return reviewing, search.person.speaker_id is not None


def _values(search: Search, language: str, now: datetime, passed_over: Sequence[str]) -> dict[str, object]:
    return {
        "project": search.project,
        "purpose": search.purpose,
        "language": language,
        "person": search.person.id,
        "voice": search.person.speaker_id,
        "recording": search.recording,
        "now": now,
        "passed_over": passed_over,
    }


@cache  # to write a statement of this size anew for each claim would cost more than the database takes to run it
def _in_order(reviewing: bool, own_voice: bool) -> Select[tuple[Slot]]:
    return select(Slot).where(_OPEN, *_open_to(reviewing, own_voice)).order_by(*_ORDER)


@cache
def _ended(reviewing: bool, own_voice: bool) -> Select[tuple[Slot]]:
    over = (_LEASED, Slot.expires_at <= bindparam("now"))
    return select(Slot).where(*over, *_open_to(reviewing, own_voice)).order_by(Slot.expires_at, Slot.id)


@cache
def _of_recording(reviewing: bool, own_voice: bool) -> Select[tuple[Slot]]:
    # From the recording to its few clips and their slots: the index of open slots would be walked in vain.
    free = or_(_OPEN, and_(_LEASED, Slot.expires_at <= bindparam("now")))
    return (
        select(Slot)
        .join(Task, Task.id == Slot.task_id)
        .join(Clip, Clip.id == Task.clip_id)
        .where(Clip.recording_id == bindparam("recording"), free, *_open_to(reviewing, own_voice))
        .order_by(Clip.start, Slot.number)
    )


def _open_to(reviewing: bool, own_voice: bool) -> list[ColumnElement[bool]]:
    """That the person may have the slot: not their own work or voice, not skipped by them, not hidden by a report."""
    own, task = aliased(Slot), aliased(Task)  # a query around it may have these tables of its own
    conditions: list[ColumnElement[bool]] = [
        Slot.project_id == bindparam("project"),
        Slot.purpose == bindparam("purpose"),
        Slot.language == bindparam("language"),
        Slot.id.not_in(bindparam("passed_over", expanding=True)),
        ~exists().where(own.task_id == Slot.task_id, own.holder_id == bindparam("person")),
        ~exists().where(
            Skip.person_id == bindparam("person"),
            Skip.task_id == Slot.task_id,
            or_(Skip.until.is_(None), Skip.until > bindparam("now")),
        ),
        ~exists().where(task.id == Slot.task_id).where(is_hidden(task.clip_id)),
    ]
    if reviewing:
        conditions.append(
            ~exists().where(
                Submission.task_id == Slot.task_id,
                Submission.person_id == bindparam("person"),
                Submission.kind != SubmissionKind.SKIP,
            )
        )
    if own_voice:
        conditions.append(
            ~exists()
            .where(Task.id == Slot.task_id)
            .where(Clip.id == Task.clip_id)
            .where(RecordingSpeaker.recording_id == Clip.recording_id)
            .where(RecordingSpeaker.speaker_id == bindparam("voice"))
        )
    return conditions


def _rank(session: Session, person: StaffMember, task_ids: Sequence[str]) -> dict[str, int]:
    """By task: 0 for what suits this person best; more for a strange dialect, district, or a voice just heard."""
    lately = session.scalars(_LATELY, {"person": person.id}).all()
    rank: dict[str, int] = {}
    spoken = session.execute(_VOICES, {"tasks": [*lately, *task_ids]}).all()
    heard = [voice for task_id, voice, _, _ in spoken if task_id in lately]
    wanted = set(task_ids)
    for task_id, voice, dialect, district in spoken:
        if task_id in wanted:
            strange = 4 * _differs(person.dialect, dialect) + 2 * _differs(person.district, district)
            # Half of the last clips from one voice is enough of it.
            tired = 3 if heard.count(voice) * 2 >= HEARD_LATELY else 0
            rank[task_id] = max(rank.get(task_id, 0), strange + tired)
    return rank


def _differs(mine: str | None, theirs: str | None) -> bool:
    return mine is not None and theirs is not None and mine != theirs


def _usable(session: Session, slot: Slot) -> bool:
    """Whether the work behind a locked slot is still wanted and allowed; if not, it is set aside."""
    if session.scalar(_ALLOWED, {"task": slot.task_id}):
        return True
    _set_aside(session, slot)
    return False


def _set_aside(session: Session, slot: Slot) -> None:
    """Reject a task whose voices don't all consent, unless somebody is at it: then they see to it."""
    locking = (
        select(Clip, Task)
        .join(Task, Task.clip_id == Clip.id)
        .where(Task.id == slot.task_id)
        .with_for_update(skip_locked=True, of=(Clip, Task))
    )
    found = session.execute(locking.execution_options(populate_existing=True)).first()
    if found is None:
        return
    clip, task = found
    if task.state not in (TaskState.WITHDRAWN, TaskState.REJECTED):
        task.state = moved(task.state, TaskState.REJECTED)
        task.reason = reason("no_consent").code
        clip.state = moved(clip.state, ClipState.REJECTED)
        clip.reason = reason("no_consent").code
    slot.state = moved(slot.state, SlotState.CLOSED)
    slot.expires_at = None
    session.flush()
