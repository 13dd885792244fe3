"""How the queue of each language stands: what waits, what is in hand, and how long the oldest clip has waited."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.states import SlotPurpose, SlotState, TaskState, UploadState
from catalog.tables import Clip, Recording, Slot, Task, Upload
from portal.items.file_state import TAKEN_IN, file_state

OLD = timedelta(days=2)
"""A clip that waits longer than this wants a manager's eye."""
_WAITING = (TaskState.OPEN, TaskState.DISPUTED, TaskState.RETURNED)


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """One language's queue, in clips.

    oldest:        when the clip that waits longest for a writer came; None where none waits
    oldest_review: since when the clip that waits longest for a reviewer does so
    """

    language: str
    waiting: int
    disputed: int
    returned: int
    in_hand: int
    in_review: int
    accepted: int
    rejected: int
    accepted_seconds: float
    waiting_seconds: float
    oldest: datetime | None
    oldest_review: datetime | None


def is_old(since: datetime, now: datetime) -> bool:
    """Whether a wait that began then should worry a manager."""
    return now - since > OLD


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came of the files that were sent. reasons: code and count, the most frequent first"""

    received: int
    waiting: int
    taken: int
    refused: int
    failed: int
    reasons: tuple[tuple[str, int], ...]


def queues(session: Session, project: str, languages: Sequence[str], *, now: datetime) -> list[QueueHealth]:
    """Every language of the project, in the order of its file."""
    counts, seconds = _tasks_by_state(session, project)
    leased = _leased(session, project, now)
    oldest = _oldest_waiting(session, project)
    oldest_review = _oldest_in_review(session, project)
    return [
        QueueHealth(
            language=language,
            waiting=counts[language, TaskState.OPEN],
            disputed=counts[language, TaskState.DISPUTED],
            returned=counts[language, TaskState.RETURNED],
            in_hand=leased.get(language, 0),
            in_review=counts[language, TaskState.IN_REVIEW],
            accepted=counts[language, TaskState.ACCEPTED],
            rejected=counts[language, TaskState.REJECTED],
            accepted_seconds=seconds[language, TaskState.ACCEPTED],
            waiting_seconds=sum(seconds[language, state] for state in _WAITING),
            oldest=oldest.get(language),
            oldest_review=oldest_review.get(language),
        )
        for language in languages
    ]


def arrivals(session: Session, project: str) -> Arrivals:
    """Of all files that the project was ever sent."""
    states: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    state, reason = file_state(), func.coalesce(Recording.reason, Upload.reason)
    for word, code, count in session.execute(
        select(state, reason, func.count())
        .select_from(Upload)
        .outerjoin(Recording, Recording.upload_id == Upload.id)
        .where(Upload.project_id == project)
        .group_by(state, reason)
    ):
        states[word] += count
        if code and word != TAKEN_IN:
            reasons[code] += count
    return Arrivals(
        received=states.total(),
        waiting=states[UploadState.RECEIVED],
        taken=states[UploadState.INGESTED],
        refused=states[UploadState.REJECTED],
        failed=states[UploadState.FAILED],
        reasons=tuple(reasons.most_common(8)),
    )


def _tasks_by_state(
    session: Session, project: str
) -> tuple[Counter[tuple[str, TaskState]], Mapping[tuple[str, TaskState], float]]:
    """Tasks, and seconds of sound, by language and state."""
    counts: Counter[tuple[str, TaskState]] = Counter()
    seconds: defaultdict[tuple[str, TaskState], float] = defaultdict(float)
    for language, state, count, length in session.execute(
        select(Task.language, Task.state, func.count(), func.sum(Clip.seconds))
        .join(Clip, Clip.id == Task.clip_id)
        .where(Task.project_id == project)
        .group_by(Task.language, Task.state)
    ):
        counts[language, state] += count
        seconds[language, state] += length or 0.0
    return counts, seconds


def _leased(session: Session, project: str, now: datetime) -> Mapping[str, int]:
    """Clips of which a slot has a lease that still runs, by language: two people may hold one."""
    rows = session.execute(
        select(Slot.language, func.count(Slot.task_id.distinct()))
        .where(Slot.project_id == project, Slot.state == SlotState.LEASED, Slot.expires_at > now)
        .group_by(Slot.language)
    )
    return dict(rows.tuples().all())


def _oldest_waiting(session: Session, project: str) -> Mapping[str, datetime]:
    """Since when the oldest task waits for a writer, by language."""
    rows = session.execute(
        select(Task.language, func.min(Task.created_at))
        .where(Task.project_id == project, Task.state.in_(_WAITING))
        .group_by(Task.language)
    )
    return dict(rows.tuples().all())


def _oldest_in_review(session: Session, project: str) -> Mapping[str, datetime]:
    """Since when the oldest slot waits for a reviewer, by language."""
    rows = session.execute(
        select(Slot.language, func.min(Slot.created_at))
        .where(
            Slot.project_id == project,
            Slot.purpose.in_((SlotPurpose.REVIEW, SlotPurpose.SECOND_LOOK)),
            Slot.state.in_((SlotState.OPEN, SlotState.LEASED)),
        )
        .group_by(Slot.language)
    )
    return dict(rows.tuples().all())
