"""Clips to tasks: which are given to people, how many times over, and which first.

Of what a project collects, only a part is ever written down (5 to 27 % in the largest Indian projects), so the
order matters: groups of speakers with little work yet come first, and of these the clearest sound.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.consent import ConsentScope, consented
from catalog.ids import content_id
from catalog.project import Project, Quota
from catalog.states import ClipState, SlotPurpose, TaskState, moved
from catalog.tables import Clip, RecordingSpeaker, Speaker, Task
from transcription.judgement import new_place
from transcription.sampling import falls_in
from transcription.workshop import Workshop

BY = "route"
BATCH = 500
ROUND_SECONDS = 600.0
"""A group's clips come in rounds of ten minutes: every group's first round before anybody's second."""
CLEAR_DB = 20.0
"""Signal to noise from which a clip counts as clear."""


@dataclass(frozen=True, slots=True)
class RoutingReport:
    """What became of the clips that were looked at."""

    tasks: int
    slots: int
    seconds: float
    without_consent: int
    """Cut clips that wait because a voice in them hasn't consented to transcription."""


@dataclass(frozen=True, slots=True)
class Group:
    """Speakers who count as alike when the hours are spread."""

    language: str
    district: str | None = None
    gender: str | None = None
    age_band: str | None = None
    dialect: str | None = None

    def __str__(self) -> str:
        known = [part for part in (self.gender, self.age_band, self.dialect, self.district) if part]
        return f"{self.language}: {', '.join(known) or 'speakers of whom nothing more is known'}"


Seconds = defaultdict[Group, float]
"""How much of each group's speech is in people's hands."""


def route_clips(shop: Workshop, *, now: datetime, batch: int = BATCH) -> RoutingReport:
    """Make a task of every cut clip whose voices consent. Running it again makes none twice."""
    with shop.catalog.reading() as session:
        routed = _seconds_routed(session, shop.project.name)
    tasks = slots = 0
    seconds = 0.0
    while True:
        with shop.catalog.writing() as session:
            made = _route_batch(session, shop.project, routed, batch, now)
        if not made:
            break
        tasks += len(made)
        slots += sum(wanted for wanted, _ in made)
        seconds += sum(length for _, length in made)
    with shop.catalog.reading() as session:
        waiting = session.scalar(
            select(func.count()).where(
                Clip.project_id == shop.project.name,
                Clip.state == ClipState.CUT,
                ~consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
            )
        )
    return RoutingReport(tasks, slots, seconds, waiting or 0)


def priority_of(
    group: Group, seconds_before: float, snr_db: float | None, quota: Quota | None
) -> tuple[int, str]:
    """When a clip's turn is, lower first, and why, in words.

    seconds_before: how much of the group's speech is in people's hands already
    """
    turn = int(seconds_before // ROUND_SECONDS)
    priority = turn * 4
    why = [f"{group}, {_minutes(seconds_before)} given to people so far"]
    wanted = _hours_wanted(group, quota)
    if wanted is not None and seconds_before >= wanted * 3600:
        priority += 4000
        why.append(f"beyond the {wanted:g} h wanted of it")
    if group.district is None or group.gender is None:
        priority += 1
        why.append("little is known of the speaker")
    if snr_db is not None and snr_db < CLEAR_DB:
        priority += 2
        why.append(f"noisy ({snr_db:.0f} dB)")
    elif snr_db is not None:
        why.append("clear sound")
    return priority, "; ".join(why)


def wanted_of(project: Project, clip_id: str) -> int:
    """How many people write a clip down, unseen by each other."""
    rules = project.transcription
    if rules.transcribers == 1 and falls_in(rules.blind_second_share, "blind second", clip_id):
        return 2
    return rules.transcribers


def _route_batch(
    session: Session, project: Project, routed: Seconds, batch: int, now: datetime
) -> list[tuple[int, float]]:
    # The clips are locked first and the consent looked at after: a withdrawal that comes between waits for us,
    # and then finds the tasks to stop.
    locked = session.scalars(
        select(Clip)
        .where(
            Clip.project_id == project.name,
            Clip.state == ClipState.CUT,
            consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
        )
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
    groups = _groups(session, {clip.recording_id for clip in locked})
    made: list[tuple[int, float]] = []
    for clip in locked:
        if clip.id not in usable:
            continue
        group = groups.get(clip.recording_id, Group(clip.language))
        snr = clip.measures.get("snr_db")
        priority, why = priority_of(group, routed[group], snr, project.quotas.get(clip.language))
        routed[group] += clip.seconds
        task = Task(
            id=content_id("task", clip.id),
            project_id=clip.project_id,
            clip_id=clip.id,
            language=clip.language,
            state=TaskState.OPEN,
            wanted=wanted_of(project, clip.id),
            priority=priority,
            why_now=why,
            returns=0,
            created_at=now,
        )
        session.add(task)
        session.flush()
        session.add_all(
            new_place(task, number, SlotPurpose.TRANSCRIPTION, priority, now) for number in range(task.wanted)
        )
        clip.state = moved(clip.state, ClipState.WAITING)
        audit.record(
            session, at=now, actor=BY, action="task.made", subject=("task", task.id), detail={"why": why}
        )
        made.append((task.wanted, clip.seconds))
    return made


def _groups(session: Session, recordings: set[str]) -> dict[str, Group]:
    """By recording: the group of its first voice."""
    rows = session.execute(
        select(
            RecordingSpeaker.recording_id,
            Speaker.language,
            Speaker.district,
            Speaker.gender,
            Speaker.age_band,
            Speaker.dialect,
        )
        .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
        .where(RecordingSpeaker.recording_id.in_(recordings))
        .order_by(Speaker.id.desc())
    )
    return {
        recording: Group(language or "", district, gender, age_band, dialect)
        for recording, language, district, gender, age_band, dialect in rows
    }


def _seconds_routed(session: Session, project: str) -> Seconds:
    first = (
        select(RecordingSpeaker.recording_id, func.min(RecordingSpeaker.speaker_id).label("speaker_id"))
        .group_by(RecordingSpeaker.recording_id)
        .subquery()
    )
    voice = (Speaker.language, Speaker.district, Speaker.gender, Speaker.age_band, Speaker.dialect)
    rows = session.execute(
        select(*voice, func.sum(Clip.seconds))
        .select_from(Task)
        .join(Clip, Clip.id == Task.clip_id)
        .join(first, first.c.recording_id == Clip.recording_id)
        .join(Speaker, Speaker.id == first.c.speaker_id)
        .where(
            Task.project_id == project,
            Task.state.not_in((TaskState.REJECTED, TaskState.WITHDRAWN)),
        )
        .group_by(*voice)
    )
    return defaultdict(float, {Group(row[0] or "", *row[1:5]): row[5] for row in rows})


def _hours_wanted(group: Group, quota: Quota | None) -> float | None:
    """The smallest of the hours wanted of the group's district, gender and age; None where nobody said."""
    if quota is None:
        return None
    parts = [
        quota.by_district.get(group.district or ""),
        quota.by_age_band.get(group.age_band or ""),
        next((hours for gender, hours in quota.by_gender.items() if gender == group.gender), None),
    ]
    return min([part for part in parts if part is not None] or [quota.hours])


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min"
