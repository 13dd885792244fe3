"""Work sums: how much of whose speech people were given and have begun, brought up to date from the audit log.

The order of the queue follows from them. Counting them from all tasks would read the whole project each time somebody
has written a text. Instead `CountedWork` says what each recording adds, and the acts since the last time say which
recordings to look at again: what they add now takes the place of what they added. Each time, some of all other
recordings are looked at as well, in turn: what changed without an act is put right when the turn comes to it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session, aliased

from catalog.figures import keep_figure, kept_figure
from catalog.ids import content_id
from catalog.parts import in_parts
from catalog.states import SlotState, TaskState
from catalog.tables import (
    AuditEvent,
    AuditHead,
    Clip,
    CountedWork,
    Recording,
    RecordingSpeaker,
    Slot,
    Task,
    WorkSum,
)
from catalog.turns import Turn, take_turn
from transcription.context import ProjectContext
from transcription.slots.priority import InHand, SpeakerGroup, VoiceProfile
from transcription.slots.vocabulary import Trait
from transcription.slots.voices import traits_of, voices_of

CHECKED = 5_000
"""Clips whose recordings are looked at each time without being asked for: ten million within three weeks of runs."""
READ_TO = "work sums"
"""How far the log was followed, kept as a figure of the project."""
ACTS, RECORDINGS, KEYS = 5_000, 100, 1_000
"""So many are looked at in one statement."""


def bring_up_to_date(context: ProjectContext, *, now: datetime, checked: int = CHECKED) -> None:
    """Count anew what the acts since the last time touched. The first time: every recording.

    checked: clips that are looked at beside those
    """
    project = context.project.name
    with context.catalog.reading() as session:
        last = kept_figure(session, project, READ_TO, _ReadTo)
        # Acts come into the log in the order of their ids: all up to this one are there to be seen.
        head = session.scalars(select(AuditHead.event_id)).one()
    read_to = _ReadTo(head) if last is None else last.value
    for first in range(read_to.act, head, ACTS):
        with context.catalog.reading() as session:
            touched = _touched(session, project, first, min(first + ACTS, head))
        _count(context, touched)
    read_to = replace(read_to, act=head)
    while not read_to.is_whole:
        read_to = _look_on(context, read_to, CHECKED)
        _keep(context, read_to, now)
    _keep(context, _look_on(context, read_to, checked), now)


def seconds_routed(
    session: Session, project: str, groups: Iterable[SpeakerGroup]
) -> dict[SpeakerGroup, float]:
    """Of each group's speech: what has a task."""
    keys = {_group_key(group): group for group in groups}
    found = _sums(session, project, keys)
    return {group: found[key].routed / MICRO if key in found else 0.0 for key, group in keys.items()}


def work_begun(session: Session, project: str, voices: Iterable[Sequence[VoiceProfile]]) -> InHand:
    """What people have worked on, or hold now, of all that has a group or a trait of these voices."""
    theirs = {voice for several in voices for voice in several}
    groups = {_group_key(voice.group): voice.group for voice in theirs}
    traits = {_trait_key(trait): trait for voice in theirs for trait in voice.traits}
    found = _sums(session, project, {**groups, **traits})
    begun = InHand(defaultdict(float), Counter())
    for key, sums in found.items():
        if key in groups:
            begun.seconds[groups[key]] = sums.begun / MICRO
        else:
            begun.clips[traits[key]] = sums.clips
    _add_held(session, project, begun)
    return begun


MICRO = 1_000_000
"""Sums are whole microseconds: what was added can be taken away again to the last bit."""


@dataclass(frozen=True, slots=True)
class _ReadTo:
    """act: the last one that was followed; is_whole: every recording was counted once; clip: the last one looked at"""

    act: int
    is_whole: bool = False
    clip: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True)
class _Amount:
    """As the columns of `WorkSum`."""

    routed: int = 0
    begun: int = 0
    clips: int = 0

    def plus(self, other: "_Amount", sign: int = 1) -> "_Amount":
        return _Amount(
            self.routed + sign * other.routed,
            self.begun + sign * other.begun,
            self.clips + sign * other.clips,
        )


@dataclass(frozen=True, slots=True)
class _Counted:
    """What one recording adds; as the columns of `CountedWork`."""

    routed: int
    begun: int
    clips: int
    groups: tuple[str, ...]
    traits: tuple[str, ...]

    @property
    def amounts(self) -> Iterator[tuple[str, _Amount]]:
        voices = len(self.groups)
        for group in self.groups:
            yield group, _Amount(routed=self.routed // voices, begun=self.begun // voices)
        for trait in self.traits:
            yield trait, _Amount(clips=self.clips)


def _keep(context: ProjectContext, read_to: _ReadTo, now: datetime) -> None:
    project = context.project.name
    context.catalog.write(lambda session: keep_figure(session, project, READ_TO, _ReadTo, read_to, at=now))


def _touched(session: Session, project: str, after: int, to: int) -> set[str]:
    """Recordings of the project that the acts behind one, up to another, were about."""
    # Kinds of subjects are sorted out here: by them, SQLite would read the whole log.
    acts = session.execute(
        select(AuditEvent.subject_kind, AuditEvent.subject_id).where(
            AuditEvent.id > after, AuditEvent.id <= to
        )
    ).tuples()
    subjects: defaultdict[str, set[str]] = defaultdict(set)
    for kind, subject in acts:
        if kind in _OF_SUBJECTS:
            subjects[kind].add(subject)
    return {
        recording
        for kind, ids in subjects.items()
        for some in in_parts(sorted(ids), KEYS)
        for recording in session.scalars(_recordings_of(kind, some, project))
    }


_OF_SUBJECTS = {
    "task": select(Clip.recording_id).join(Task, Task.clip_id == Clip.id),
    "clip": select(Clip.recording_id),
    "recording": select(Recording.id),
    "upload": select(Recording.id),
    "speaker": select(Recording.id).join(RecordingSpeaker, RecordingSpeaker.recording_id == Recording.id),
}
"""By the kind of what an act was about: the recordings that may add something else since."""
_SUBJECT = {
    "task": (Task.id, Task.project_id),
    "clip": (Clip.id, Clip.project_id),
    "recording": (Recording.id, Recording.project_id),
    "upload": (Recording.upload_id, Recording.project_id),
    "speaker": (RecordingSpeaker.speaker_id, Recording.project_id),
}


def _recordings_of(kind: str, subjects: Sequence[str], project: str) -> Select[tuple[str]]:
    subject, of_project = _SUBJECT[kind]
    return _OF_SUBJECTS[kind].where(subject.in_(subjects), of_project == project).distinct()


def _look_on(context: ProjectContext, read_to: _ReadTo, most: int) -> _ReadTo:
    """Count the recordings of the next clips, in the order in which they were cut; from the first again at the end."""
    query = select(Clip.created_at, Clip.id, Clip.recording_id).where(Clip.project_id == context.project.name)
    if read_to.clip is not None:
        at, clip = read_to.clip
        query = query.where(
            tuple_(Clip.created_at, Clip.id)
            > tuple_(literal(at, Clip.created_at.type), literal(clip, Clip.id.type))
        )
    with context.catalog.reading() as session:
        page = session.execute(query.order_by(Clip.created_at, Clip.id).limit(most)).all()
    _count(context, {row.recording_id for row in page})
    if len(page) < most:
        return _ReadTo(read_to.act, is_whole=True)
    return replace(read_to, clip=(page[-1].created_at, page[-1].id)) if page else read_to


def _count(context: ProjectContext, recordings: Iterable[str]) -> None:
    """Have these recordings stand in the sums as they are. What does is only read, without the lock of writers."""
    for some in in_parts(sorted(recordings), RECORDINGS):
        with context.catalog.reading() as session:
            differing = sorted(_differing(session, some))
        if differing:
            context.catalog.write(partial(_replace, project=context.project.name, recordings=differing))


_Change = tuple[_Counted | None, _Counted | None]


def _differing(session: Session, recordings: Sequence[str]) -> dict[str, _Change]:
    """What each adds in the sums, and what it should, where that is another."""
    kept = {
        row.recording_id: _Counted(row.routed, row.begun, row.clips, tuple(row.groups), tuple(row.traits))
        for row in session.execute(
            select(
                CountedWork.recording_id,
                CountedWork.routed,
                CountedWork.begun,
                CountedWork.clips,
                CountedWork.groups,
                CountedWork.traits,
            ).where(CountedWork.recording_id.in_(recordings))
        )
    }
    now = _counted_now(session, recordings)
    return {each: (kept.get(each), now.get(each)) for each in recordings if kept.get(each) != now.get(each)}


def _counted_now(session: Session, recordings: Sequence[str]) -> dict[str, _Counted]:
    """What each adds that has a task; rejected and withdrawn ones add nothing."""
    # A join and no EXISTS, which PostgreSQL may answer for all slots first.
    worked_on = func.count(Slot.id) > 0
    rows = session.execute(
        select(Clip.recording_id, Clip.seconds, (Task.state != TaskState.OPEN) | worked_on)
        .join(Task, Task.clip_id == Clip.id)
        .outerjoin(Slot, (Slot.task_id == Task.id) & Slot.state.in_(_WORKED_ON))
        .where(
            Clip.recording_id.in_(recordings), Task.state.not_in((TaskState.REJECTED, TaskState.WITHDRAWN))
        )
        .group_by(Clip.id, Task.id)
    ).all()
    of_recording: defaultdict[str, list[tuple[int, bool]]] = defaultdict(list)
    for recording, seconds, is_begun in rows:
        of_recording[recording].append((round(seconds * MICRO), bool(is_begun)))
    found = {}
    for recording, voices in voices_of(session, of_recording).items():
        clips = of_recording[recording]
        begun = [length for length, is_begun in clips if is_begun]
        found[recording] = _Counted(
            sum(length for length, _ in clips),
            sum(begun),
            len(begun),
            tuple(_group_key(voice.group) for voice in voices),
            tuple(_trait_key(trait) for trait in traits_of(voices)),
        )
    return found


_WORKED_ON = (SlotState.SUBMITTED, SlotState.CLOSED)
"""Of slots. One that is only leased may come back; it is added while somebody holds it (`_add_held`)."""


def _replace(session: Session, *, project: str, recordings: Sequence[str]) -> None:
    take_turn(session, Turn.WORK_SUMS)
    change: defaultdict[str, _Amount] = defaultdict(_Amount)
    rows = []
    differing = _differing(session, recordings)
    for recording, (before, after) in differing.items():
        for counted, sign in ((before, -1), (after, 1)):
            for key, amount in counted.amounts if counted else ():
                change[key] = change[key].plus(amount, sign)
        if after is not None:
            rows.append({"recording_id": recording, **asdict(after)})
    session.execute(delete(CountedWork).where(CountedWork.recording_id.in_(differing)))
    if rows:
        session.execute(insert(CountedWork), rows)
    _change_sums(session, project, change)


def _change_sums(session: Session, project: str, change: Mapping[str, _Amount]) -> None:
    """What comes to nothing leaves no row: a voice that was taken back is in none."""
    before = _sums(session, project, change)
    after = {key: before.get(key, _Amount()).plus(amount) for key, amount in change.items()}
    gone = [key for key, amount in after.items() if amount == _Amount() and key in before]
    for keys in in_parts(gone, KEYS):
        session.execute(delete(WorkSum).where(WorkSum.project_id == project, WorkSum.key.in_(keys)))
    rows = {
        key: {"project_id": project, "key": key, **asdict(amount)}
        for key, amount in after.items()
        if amount != before.get(key, _Amount()) and amount != _Amount()
    }
    if fresh := [row for key, row in rows.items() if key not in before]:
        session.execute(insert(WorkSum), fresh)
    if known := [row for key, row in rows.items() if key in before]:
        session.execute(update(WorkSum), known)


def _sums(session: Session, project: str, keys: Iterable[str]) -> dict[str, _Amount]:
    return {
        key: _Amount(*amounts)
        for some in in_parts(sorted(keys), KEYS)
        for key, *amounts in session.execute(
            select(WorkSum.key, WorkSum.routed, WorkSum.begun, WorkSum.clips).where(
                WorkSum.project_id == project, WorkSum.key.in_(some)
            )
        )
    }


def _add_held(session: Session, project: str, begun: InHand) -> None:
    """Clips that somebody holds and nobody has sent a text of: as many as people have in their hands."""
    other = aliased(Slot)
    rows = session.execute(
        select(Task.id, Clip.recording_id, Clip.seconds)
        .select_from(Slot)
        .join(Task, Task.id == Slot.task_id)
        .join(Clip, Clip.id == Task.clip_id)
        .where(
            Slot.project_id == project,
            _LEASED,
            Task.state == TaskState.OPEN,
            ~exists().where(other.task_id == Task.id, other.state.in_(_WORKED_ON)),
        )
        .distinct()
    ).all()
    voices = voices_of(session, {row.recording_id for row in rows})
    for row in rows:
        begun.add(voices.get(row.recording_id, ()), row.seconds)


_LEASED: ColumnElement[bool] = literal_column("slot.state") == literal_column("'leased'")
"""Written into the statement, not bound to it: only so does SQLite know that the partial index covers it."""


def _group_key(group: SpeakerGroup) -> str:
    # JSON, since what is not known is not the same as a district of that name
    parts = (group.language, group.district, group.gender, group.age_band, group.dialect)
    return content_id("group", json.dumps(parts))


def _trait_key(trait: Trait) -> str:
    return content_id("trait", trait.kind, trait.value)
