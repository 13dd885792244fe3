"""Clips to tasks: which are given to people, how many times over, and which first."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.project import Project
from catalog.consent import ConsentScope, consented
from catalog.ids import content_id
from catalog.states import ClipState, SlotPurpose, TaskState
from catalog.states import moved as allowed_move
from catalog.tables import Clip, Task
from transcription.context import ProjectContext
from transcription.slots.opening import new_slot
from transcription.slots.ordering import WEIGHED, order_waiting
from transcription.slots.priority import InHand, SpeakerGroup, priority_of
from transcription.slots.sampling import falls_in
from transcription.slots.voices import voices_of
from transcription.slots.work_sums import CHECKED, bring_up_to_date, seconds_routed

BY = "route"
BATCH = 500


@dataclass(frozen=True, slots=True)
class RoutingReport:
    """What became of the clips that were looked at."""

    tasks: int
    slots: int
    seconds: float
    without_consent: int
    """Cut clips that wait because a voice in them hasn't consented to transcription."""
    moved: int = 0
    """Clips that wait and got another turn, for what was learnt since."""


def route_clips(
    context: ProjectContext,
    *,
    now: datetime,
    batch: int = BATCH,
    weighed: int = WEIGHED,
    checked: int = CHECKED,
) -> RoutingReport:
    """Make a task of every cut clip whose voices consent, and order what waits. Running it again makes none twice.

    weighed, checked: as for `order_waiting`
    """
    with context.catalog.reading() as session:
        any_cut = session.scalars(select(Clip.id).where(*_to_route(context.project.name)).limit(1)).first()
    routed = None
    if any_cut:
        bring_up_to_date(context, now=now, checked=checked)
        routed = InHand(defaultdict(float), Counter())
    tasks = slots = 0
    seconds = 0.0
    while routed is not None:
        with context.catalog.writing() as session:
            made = _route_batch(session, context.project, routed, batch, now)
        if not made:
            break
        tasks += len(made)
        slots += sum(wanted for wanted, _ in made)
        seconds += sum(length for _, length in made)
    moved = order_waiting(context, now=now, weighed=weighed, checked=checked)
    with context.catalog.reading() as session:
        waiting = session.scalar(
            select(func.count()).where(
                Clip.project_id == context.project.name,
                Clip.state == ClipState.CUT,
                ~consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
            )
        )
    return RoutingReport(tasks, slots, seconds, waiting or 0, moved)


def wanted_of(project: Project, clip_id: str) -> int:
    """How many people write a clip down, unseen by each other."""
    rules = project.transcription
    if rules.transcribers == 1 and falls_in(rules.blind_second_share, "blind second", clip_id):
        return 2
    return rules.transcribers


def _to_route(project_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Clip.project_id == project_id,
        Clip.state == ClipState.CUT,
        consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
    )


def _route_batch(
    session: Session, project: Project, routed: InHand, batch: int, now: datetime
) -> list[tuple[int, float]]:
    # The clips are locked first and the consent looked at after: a withdrawal that comes between waits for us,
    # and then finds the tasks to stop.
    locked = session.scalars(
        select(Clip)
        .where(*_to_route(project.name))
        .order_by(Clip.recording_id, Clip.number, Clip.id)
        .limit(batch)
        .with_for_update(skip_locked=True, of=Clip)
    ).all()
    ids = [clip.id for clip in locked]
    usable = set(
        session.scalars(
            select(Clip.id).where(Clip.id.in_(ids), consented(Clip.recording_id, ConsentScope.TRANSCRIPTION))
        )
    )
    voices = voices_of(session, {clip.recording_id for clip in locked})
    unknown = {voice.group for theirs in voices.values() for voice in theirs} - routed.seconds.keys()
    routed.seconds.update(seconds_routed(session, project.name, unknown))
    made: list[tuple[int, float]] = []
    for clip in locked:
        if clip.id not in usable:
            continue
        theirs = voices.get(clip.recording_id, ())
        groups = [voice.group for voice in theirs] or [SpeakerGroup(clip.language)]
        snr = clip.measures.get("snr_db")
        priority, why = priority_of(groups, routed.seconds, snr, project.quotas.get(clip.language))
        routed.add(theirs, clip.seconds)
        task = _make_task(session, clip, wanted_of(project, clip.id), priority, why, now)
        made.append((task.wanted, clip.seconds))
    return made


def _make_task(session: Session, clip: Clip, wanted: int, priority: int, why: str, now: datetime) -> Task:
    """The task of a clip with a slot for each of its `wanted` transcribers."""
    task = Task(
        id=content_id("task", clip.id),
        project_id=clip.project_id,
        clip_id=clip.id,
        language=clip.language,
        state=TaskState.OPEN,
        wanted=wanted,
        priority=priority,
        why_now=why,
        returns=0,
        created_at=now,
    )
    session.add(task)
    session.flush()
    session.add_all(
        new_slot(task, number, SlotPurpose.TRANSCRIPTION, priority, now) for number in range(wanted)
    )
    clip.state = allowed_move(clip.state, ClipState.WAITING)
    audit.record(
        session, at=now, actor=BY, action="task.made", subject=("task", task.id), detail={"why": why}
    )
    return task
