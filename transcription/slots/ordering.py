"""The queue's order from what the catalogue knows: set when a task is made, weighed anew as texts are accepted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from catalog.figures import keep_figure, kept_figure
from catalog.ids import content_id
from catalog.states import SlotPurpose, SlotState, TaskState
from catalog.tables import (
    AuditEvent,
    Clip,
    Correction,
    Recording,
    RecordingSpeaker,
    Slot,
    Speaker,
    Submission,
    Task,
    Transcript,
    Upload,
)
from transcription.context import ProjectContext
from transcription.slots.priority import InHand, SpeakerGroup, VoiceProfile, priority_of
from transcription.slots.vocabulary import Growth, Kind, Outlook, Trait, WrittenClip, learn
from transcription.text import comparison

WEIGHED = 20_000
"""Clips at the head of the queue that are weighed anew: what lies deeper is weighed when it comes nearer."""
LEARNT_FROM = 20_000
"""Accepted texts of a language, the newest, that tell how new words come up."""
BATCH = 500
ORDERED = "queue order"
"""What the order followed from the last time, kept as a figure of the project."""


def voices_of(session: Session, recordings: Iterable[str]) -> dict[str, tuple[VoiceProfile, ...]]:
    """By recording: everybody who speaks in it."""
    rows = session.execute(
        select(RecordingSpeaker.recording_id, Recording.language, *_FACTS)
        .join(Recording, Recording.id == RecordingSpeaker.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
        .where(RecordingSpeaker.recording_id.in_(recordings))
        .order_by(RecordingSpeaker.recording_id, Speaker.id)
    ).all()
    found: dict[str, tuple[VoiceProfile, ...]] = {}
    for recording, language, *facts in rows:
        found[recording] = (*found.get(recording, ()), _voice(language, *facts))
    return found


def in_hand(session: Session, project: str, *, begun: bool = False) -> InHand:
    """Of all tasks of the project. begun: only of those at which somebody works or has worked"""
    number = (
        select(RecordingSpeaker.recording_id, func.count().label("voices"))
        .group_by(RecordingSpeaker.recording_id)
        .subquery()
    )
    query = (
        select(func.sum(Clip.seconds / number.c.voices), func.count(), Clip.language, *_FACTS)
        .select_from(Task)
        .join(Clip, Clip.id == Task.clip_id)
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Clip.recording_id)
        .join(number, number.c.recording_id == Clip.recording_id)
        .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
        .where(Task.project_id == project, Task.state.not_in((TaskState.REJECTED, TaskState.WITHDRAWN)))
        .group_by(Clip.language, *_FACTS)
    )
    if begun:
        query = query.where(~_UNTOUCHED)
    found = InHand(defaultdict(float), Counter())
    for seconds, clips, language, *facts in session.execute(query):
        voice = _voice(language, *facts)
        found.seconds[voice.group] += seconds
        for trait in voice.traits:
            found.clips[trait] += clips
    return found


def order_waiting(context: ProjectContext, *, now: datetime, weighed: int = WEIGHED) -> int:
    """Weigh the clips at the head of the queue that nobody has begun, by what is known now; how many moved.

    Running it again moves none, and without anything new since the last time it looks at none. What people hold or
    have begun stays where it is.
    """
    with context.catalog.reading() as session:
        last = kept_figure(session, context.project.name, ORDERED, str)
        known_now = _newest(session, context)
        if last is not None and last.value == known_now:
            return 0
        waiting = _waiting(session, context.project.name, weighed)
        if not waiting:
            return 0
        known = in_hand(session, context.project.name, begun=True)
        voices = voices_of(session, {each.recording for each in waiting})
        growth = {
            language: growth_of(session, context, language) for language in {w.language for w in waiting}
        }
    changed = [each for each in _in_order(context, waiting, voices, known, growth) if each.changed]
    for first in range(0, len(changed), BATCH):
        with context.catalog.writing() as session:
            _move(session, changed[first : first + BATCH])
    context.catalog.write(
        lambda session: keep_figure(session, context.project.name, ORDERED, str, known_now, at=now)
    )
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


def growth_of(session: Session, context: ProjectContext, language: str) -> Growth:
    """How new words came up in the accepted texts of a language."""
    later = aliased(Transcript)
    rows = session.execute(
        select(Transcript.normalised, Clip.seconds, Clip.recording_id)
        .join(Clip, Clip.id == Transcript.clip_id)
        .where(
            Clip.project_id == context.project.name,
            Clip.language == language,
            ~exists().where(later.clip_id == Transcript.clip_id, later.version > Transcript.version),
        )
        .order_by(Transcript.accepted_at.desc(), Transcript.id)
        .limit(LEARNT_FROM)
    ).all()
    voices = voices_of(session, {row.recording_id for row in rows})
    guideline = context.guideline_of(language)
    return learn(
        [
            WrittenClip(
                _traits(voices.get(row.recording_id, ())),
                frozenset(comparison(row.normalised, guideline).split()),
                row.seconds / 60,
            )
            for row in reversed(rows)
        ]
    )


_FACTS = (
    Speaker.id,
    Speaker.district,
    Speaker.gender,
    Speaker.age_band,
    Speaker.dialect,
    Speaker.occupation,
    Speaker.native_district,
    Upload.prompt,
)
_UNTOUCHED = (Task.state == TaskState.OPEN) & ~exists().where(
    Slot.task_id == Task.id, Slot.state != SlotState.OPEN
)


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
    rows = session.execute(
        select(
            Task.id,
            Clip.recording_id,
            Clip.language,
            Clip.seconds,
            Clip.measures,
            Task.priority,
            Task.why_now,
            Task.created_at,
            Clip.number,
        )
        .join(Clip, Clip.id == Task.clip_id)
        .where(Task.project_id == project, _UNTOUCHED, ~exists().where(Correction.clip_id == Task.clip_id))
        .order_by(Task.priority, Task.created_at, Task.id)
        .limit(most)
    ).all()
    rows = sorted(rows, key=lambda row: (row.created_at, row.recording_id, row.number, row.id))
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
        promised.append((each, theirs, growth[each.language].expect(_traits(theirs), known.clips)))
        known.clips.update(set(_traits(theirs)))
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


def _voice(
    language: str,
    speaker: str,
    district: str | None,
    gender: str | None,
    age_band: str | None,
    dialect: str | None,
    occupation: str | None,
    origin: str | None,
    prompt: str | None,
) -> VoiceProfile:
    known = (
        (Kind.PROMPT, prompt),
        (Kind.SPEAKER, speaker),
        (Kind.OCCUPATION, occupation),
        (Kind.DIALECT, dialect),
        (Kind.ORIGIN, origin),
    )
    traits = tuple(Trait(kind, value) for kind, value in known if value)
    return VoiceProfile(SpeakerGroup(language, district, gender, age_band, dialect), traits)


def _traits(voices: Sequence[VoiceProfile]) -> tuple[Trait, ...]:
    return tuple(dict.fromkeys(trait for voice in voices for trait in voice.traits))
