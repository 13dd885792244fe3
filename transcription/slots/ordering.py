"""The queue's order from what the catalogue knows: set when a task is made, weighed anew as texts are accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from catalog.figures import keep_figure, kept_figure
from catalog.ids import content_id
from catalog.parts import in_parts
from catalog.states import SlotPurpose, SlotState
from catalog.tables import AuditEvent, Clip, Correction, Slot, Submission, Task, Transcript
from transcription.context import ProjectContext
from transcription.slots.new_words import growth_by_language
from transcription.slots.priority import InHand, SpeakerGroup, VoiceProfile, priority_of
from transcription.slots.vocabulary import Growth, Outlook
from transcription.slots.voices import traits_of, voices_of
from transcription.slots.work_sums import CHECKED, bring_up_to_date, work_begun

WEIGHED = 20_000
"""Clips at the head of the queue that are weighed anew: what lies deeper is weighed when it comes nearer."""
BATCH = 500
PAGE = 1_000
"""So many are looked at in one statement."""
ORDERED = "queue order"
"""What the order followed from the last time, kept as a figure of the project."""


def order_waiting(
    context: ProjectContext, *, now: datetime, weighed: int = WEIGHED, checked: int = CHECKED
) -> int:
    """Weigh the clips at the head of the queue that nobody has begun, by what is known now; how many moved.

    Running it again moves none, and without anything new since the last time it looks at none. What people hold or
    have begun stays where it is. What it reads follows from what came since and from `weighed`, not from how much
    there is: sums of work are brought up to date (`work_sums`), and what texts teach stands for a while (`new_words`).

    checked: as for `work_sums.bring_up_to_date`
    """
    project = context.project.name
    with context.catalog.reading() as session:
        last = kept_figure(session, project, ORDERED, str)
        known_now = _newest(session, context)
    if last is not None and last.value == known_now:
        return 0
    bring_up_to_date(context, now=now, checked=checked)
    with context.catalog.reading() as session:
        waiting = _waiting(session, project, weighed)
    growth = growth_by_language(context, sorted({each.language for each in waiting}), now=now)
    with context.catalog.reading() as session:
        voices = {
            recording: profiles
            for some in in_parts(sorted({each.recording for each in waiting}), PAGE)
            for recording, profiles in voices_of(session, some).items()
        }
        known = work_begun(session, project, voices.values())
    changed = [each for each in _in_order(context, waiting, voices, known, growth) if each.changed]
    for first in range(0, len(changed), BATCH):
        with context.catalog.writing() as session:
            _move(session, changed[first : first + BATCH])
    context.catalog.write(lambda session: keep_figure(session, project, ORDERED, str, known_now, at=now))
    return len(changed)


def _newest(session: Session, context: ProjectContext) -> str:
    """Changes with everything that the order follows from: the last text, task and withdrawal, and the rules.

    A few steps of indexes. Of all projects where no index knows which: then it is weighed once too often.
    """
    acts = [
        session.scalar(select(func.max(AuditEvent.id)).where(AuditEvent.action == action))
        for action in ("task.made", "consent.withdrawn")
    ]
    sent = session.scalar(select(func.max(Submission.created_at)))
    accepted = session.scalar(select(func.max(Transcript.accepted_at)))
    rules = repr(sorted(context.project.quotas.items()))
    return content_id("order", *(str(each) for each in (*acts, sent, accepted)), rules)


# Written into the statement, not bound to it: only so does SQLite know that the partial index covers it.
_OPEN: ColumnElement[bool] = literal_column("task.state") == literal_column("'open'")
_UNTOUCHED = _OPEN & ~exists().where(Slot.task_id == Task.id, Slot.state != SlotState.OPEN)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A task that nobody has begun. changed: its position in the queue is another than it was"""

    task: str
    recording: str
    language: str
    seconds: float
    snr_db: float | None
    priority: int
    why: str
    changed: bool = False


def _waiting(session: Session, project: str, most: int) -> list[_Waiting]:
    """In the order in which they were collected; a clip by which a model is to be corrected keeps its turn."""
    head: list[Any] = []
    last: Any = None
    while len(head) < most and (page := _open_tasks(session, project, last, min(PAGE, most))):
        head += _nobodys(session, page)
        last = page[-1]
    rows = sorted(head[:most], key=lambda row: (row.created_at, row.recording_id, row.number, row.id))
    return [
        _Waiting(
            row.id,
            row.recording_id,
            row.language,
            row.seconds,
            row.measures.get("snr_db"),
            row.priority,
            row.why_now,
        )
        for row in rows
    ]


def _open_tasks(session: Session, project: str, after: Any, most: int) -> Sequence[Any]:
    """The next in the queue, read from its index. after: the last row of the page before"""
    query = select(
        Task.id,
        Task.clip_id,
        Clip.recording_id,
        Clip.language,
        Clip.seconds,
        Clip.measures,
        Task.priority,
        Task.why_now,
        Task.created_at,
        Clip.number,
    ).join(Clip, Clip.id == Task.clip_id)
    query = query.where(Task.project_id == project, _OPEN)
    position = (Task.priority, Task.created_at, Task.id)
    if after is not None:
        reached = zip((after.priority, after.created_at, after.id), position, strict=True)
        query = query.where(tuple_(*position) > tuple_(*(literal(value, of.type) for value, of in reached)))
    return session.execute(query.order_by(*position).limit(most)).all()


def _nobodys(session: Session, page: Sequence[Any]) -> list[Any]:
    """Those that nobody has begun, and by which no model is to be corrected.

    Asked for by name: as an EXISTS, PostgreSQL may answer for all slots first.
    """
    begun = set(
        session.scalars(
            select(Slot.task_id).where(
                Slot.task_id.in_([row.id for row in page]), Slot.state != SlotState.OPEN
            )
        )
    )
    correcting = set(
        session.scalars(
            select(Correction.clip_id).where(Correction.clip_id.in_([row.clip_id for row in page]))
        )
    )
    return [row for row in page if row.id not in begun and row.clip_id not in correcting]


def _in_order(
    context: ProjectContext,
    waiting: Sequence[_Waiting],
    voices: Mapping[str, Sequence[VoiceProfile]],
    known: InHand,
    growth: Mapping[str, Growth],
) -> list[_Waiting]:
    promised: list[tuple[_Waiting, Sequence[VoiceProfile], Outlook]] = []
    for each in waiting:
        theirs = voices.get(each.recording, ())
        promised.append((each, theirs, growth[each.language].expect(traits_of(theirs), known.clips)))
        known.clips.update(set(traits_of(theirs)))
    # Within a group the best come first into its rounds.
    promised.sort(key=lambda one: -one[2].share)
    found: list[_Waiting] = []
    for each, theirs, outlook in promised:
        groups = [voice.group for voice in theirs] or [SpeakerGroup(each.language)]
        quota = context.project.quotas.get(each.language)
        priority, why = priority_of(groups, known.seconds, each.snr_db, quota, outlook)
        for group in groups:
            known.seconds[group] += each.seconds / len(groups)
        changed = priority != each.priority
        found.append(replace(each, priority=priority, why=why, changed=changed))
    return found


def _move(session: Session, ordered: Sequence[_Waiting]) -> None:
    """Tasks that somebody is just at are passed over: they needn't move any more."""
    free = set(
        session.scalars(
            select(Task.id)
            .where(Task.id.in_([each.task for each in ordered]), _UNTOUCHED)
            .with_for_update(skip_locked=True, of=Task)
        )
    )
    rows = [
        {"task": each.task, "to": each.priority, "why": each.why} for each in ordered if each.task in free
    ]
    if not rows:
        return
    connection = session.connection()
    connection.execute(
        update(Task)
        .where(Task.id == bindparam("task"))
        .values(priority=bindparam("to"), why_now=bindparam("why")),
        rows,
    )
    connection.execute(
        update(Slot)
        .where(
            Slot.task_id == bindparam("task"),
            Slot.state == SlotState.OPEN,
            Slot.purpose == SlotPurpose.TRANSCRIPTION,
        )
        .values(priority=bindparam("to")),
        [{"task": row["task"], "to": row["to"]} for row in rows],
    )
