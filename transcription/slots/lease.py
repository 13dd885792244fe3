"""A slot held for a while: what a device needs to work on a clip, and the proof that it may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from catalog.config.sentence import Sentence
from catalog.states import ReviewDecision, SlotPurpose, SlotState, SubmissionKind
from catalog.tables import Clip, Review, Slot, Submission, Task
from transcription.context import ProjectContext
from transcription.drafts.asked import asked_models
from transcription.drafts.showing import drafts_shown, show_draft

RETURNED_FOR = timedelta(days=3)
"""How long a text that was sent back waits for its author before anybody may write the clip anew."""


NO_SLOT = Sentence("there is no such clip to be worked on. Ask for the next one.")


# Asked with nearly every request, and made once: to write a statement anew costs more than to run it.
_TASK_OF = select(Slot.task_id).where(Slot.id == bindparam("slot"))
_LOCK_CLIP = (
    select(Clip.id)
    .join(Task, Task.clip_id == Clip.id)
    .where(Task.id == bindparam("task"))
    .with_for_update(of=Clip)
)
_LOCK_TASK = (
    select(Task)
    .where(Task.id == bindparam("task"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_LOCK_SLOTS = (
    select(Slot)
    .where(Slot.task_id == bindparam("task"))
    .order_by(Slot.number)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_LOCK_SLOT = (
    select(Slot)
    .where(Slot.id == bindparam("slot"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_WORK = (
    select(Task, Clip)
    .join(Clip, Clip.id == Task.clip_id)
    .where(Task.id.in_(bindparam("tasks", expanding=True)))
)
_NEWEST_FIRST = (Submission.created_at.desc(), Submission.token.desc(), Submission.id.desc())
_SAVED = (
    select(
        Submission.id,
        func.row_number().over(partition_by=Submission.task_id, order_by=_NEWEST_FIRST).label("place"),
    )
    .where(
        Submission.task_id.in_(bindparam("tasks", expanding=True)),
        Submission.person_id == bindparam("person"),
        Submission.kind.in_((SubmissionKind.DRAFT, SubmissionKind.LATE, SubmissionKind.FINAL)),
    )
    .subquery()
)
_SAVED_LAST = select(Submission.task_id, Submission.verbatim).join(
    _SAVED, (_SAVED.c.id == Submission.id) & (_SAVED.c.place == 1)
)


class LeaseLost(Exception):
    """The slot is somebody else's by now, or there is no more work on it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The proof of a slot: a device sends it with every word. Only the newest token of a slot counts."""

    slot_id: str
    person_id: str
    token: int


@dataclass(frozen=True, slots=True)
class Returned:
    """Why a reviewer sent the text back."""

    reasons: tuple[str, ...]
    note: str
    times: int


@dataclass(frozen=True, slots=True)
class Lease:
    """A clip to write down, until `expires_at`; every sign of life moves that on."""

    hold: Hold
    task_id: str
    clip_id: str
    language: str
    seconds: float
    preview_key: str
    peaks_key: str
    expires_at: datetime
    guideline: str
    why_now: str
    draft: str
    """The words this person saved last for this clip; else what a machine heard, where it may be shown; else empty."""
    machine_draft: str | None
    """What a machine heard, where this person began with it."""
    returned: Returned | None


def lease_of(session: Session, context: ProjectContext, slot: Slot) -> Lease:
    """What the holder of a leased slot gets to see."""
    (lease,) = leases_of(session, context, [slot])
    return lease


def leases_of(session: Session, context: ProjectContext, slots: Sequence[Slot]) -> tuple[Lease, ...]:
    """As `lease_of`, of slots that one person holds, in a few statements for all of them."""
    if not slots:
        return ()
    tasks, holder = [slot.task_id for slot in slots], slots[0].holder_id
    assert holder is not None and all(slot.holder_id == holder for slot in slots)
    work = {task.id: (task, clip) for task, clip in session.execute(_WORK, {"tasks": tasks}).tuples()}
    theirs = {"tasks": tasks, "person": holder}
    written = dict(session.execute(_SAVED_LAST, theirs).tuples().all())
    shown = drafts_shown(session, tasks, holder)
    asked = asked_models(session, [clip.id for _, clip in work.values()])
    found: list[Lease] = []
    for slot in slots:
        task, clip = work[slot.task_id]
        assert slot.leased_at is not None and slot.expires_at is not None
        draft, machine_draft = written.get(task.id), shown.get(task.id)
        if draft is None:
            model = asked.get(clip.id)
            machine_draft = show_draft(session, context, slot, task, asked=model, now=slot.leased_at)
        found.append(
            Lease(
                hold=Hold(slot.id, holder, slot.token),
                task_id=task.id,
                clip_id=clip.id,
                language=task.language,
                seconds=clip.seconds,
                preview_key=clip.preview_key,
                peaks_key=clip.peaks_key,
                expires_at=slot.expires_at,
                guideline=context.guideline_of(task.language).id,
                why_now=task.why_now,
                draft=(machine_draft or "") if draft is None else draft,
                machine_draft=machine_draft,
                returned=_returned(session, task) if task.returns else None,
            )
        )
    return tuple(found)


def grant(slot: Slot, person_id: str, *, now: datetime, until: datetime) -> None:
    """Give a locked slot to a person: whatever an earlier holder still sends carries an older token."""
    slot.state = SlotState.LEASED
    slot.holder_id = person_id
    slot.token += 1
    slot.leased_at = now
    slot.expires_at = until


def lease_end(slot: Slot | None, context: ProjectContext, now: datetime) -> datetime:
    """When a lease that is given or renewed now ends; a longer one is never cut short."""
    end = now + timedelta(minutes=context.project.transcription.lease_minutes)
    return max(slot.expires_at, end) if slot is not None and slot.expires_at is not None else end


def vacate(slot: Slot) -> None:
    """Open a locked slot to others. A gold slot is one person's own: it closes."""
    if slot.purpose is SlotPurpose.GOLD:
        slot.state = SlotState.CLOSED
        slot.expires_at = None
        return
    slot.state = SlotState.OPEN
    slot.holder_id = None
    slot.leased_at = None
    slot.expires_at = None


def locked_slots(session: Session, task_id: str) -> Sequence[Slot]:
    """Every slot at a task, locked, in order. The task itself must be locked before (`locked_task`)."""
    return session.scalars(_LOCK_SLOTS, {"task": task_id}).all()


def locked_slot(session: Session, slot_id: str) -> Slot | None:
    """One slot, locked; None where there is none."""
    return session.scalars(_LOCK_SLOT, {"slot": slot_id}).first()


def locked_task(session: Session, task_id: str) -> Task:
    """The task, for this transaction alone.

    Locks are taken in one order: clip, task, slots; so does a withdrawal. A claim begins at a slot and never
    waits for a task. So no two transactions wait for each other.
    """
    session.execute(_LOCK_CLIP, {"task": task_id})
    return session.scalars(_LOCK_TASK, {"task": task_id}).one()


def task_of(session: Session, slot_id: str) -> str:
    task_id = session.scalar(_TASK_OF, {"slot": slot_id})
    if task_id is None:
        raise LeaseLost(NO_SLOT)
    return task_id


def holds(slot: Slot, hold: Hold) -> bool:
    """Whether that hold is the one in force.

    A lease whose time is over still holds while nobody else has taken the slot: work isn't wasted for a clock.
    """
    return (
        slot.id == hold.slot_id
        and slot.state is SlotState.LEASED
        and slot.holder_id == hold.person_id
        and slot.token == hold.token
    )


def _returned(session: Session, task: Task) -> Returned | None:
    review = session.scalar(
        select(Review)
        .where(
            Review.task_id == task.id,
            Review.decision == ReviewDecision.SEND_BACK,
            Review.late.is_(False),
        )
        .order_by(Review.at.desc(), Review.token.desc())
        .limit(1)
    )
    return Returned(tuple(review.reasons), review.note, task.returns) if review else None
