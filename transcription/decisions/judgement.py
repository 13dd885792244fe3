"""Judge a task by its texts: accepted, a third opinion, or a reviewer.

Called after each final text, in its transaction, and again by the flow that collects; judging twice changes
nothing, for a task only moves once its state allows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.ids import content_id
from catalog.states import SlotPurpose, SlotState, TaskState, moved
from catalog.tables import Judgement, Slot, Submission, Task
from transcription.context import ProjectContext
from transcription.decisions import acceptance
from transcription.decisions.grounds import Ground
from transcription.decisions.learnt_spellings import guideline_of
from transcription.decisions.opinions import finished_texts, in_order, opinions_of
from transcription.decisions.weighing import Opinion, Proposal, by_one, weigh
from transcription.slots.lease import locked_slots, locked_task
from transcription.slots.opening import close_unfilled, new_slot, open_review
from transcription.slots.sampling import falls_in

BY = "judgement"
JUDGED = frozenset({TaskState.OPEN, TaskState.DISPUTED, TaskState.RETURNED})
"""States in which a task is moved on by its texts."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the finished texts of a task amount to."""

    texts: tuple[str, ...]
    """Their ids, earliest first: it holds while they are the same."""
    opinions: list[Opinion]
    proposal: Proposal


def judge(
    session: Session, context: ProjectContext, task: Task, *, now: datetime, weighed: Weighed | None = None
) -> TaskState:
    """Move a locked task on as far as its texts allow, and return its state.

    weighed: of `weigh_ahead`, a moment ago; done anew where the texts are others by now
    """
    if task.state not in JUDGED:
        return task.state
    slots = locked_slots(session, task.id)
    asked = [slot for slot in slots if slot.purpose is SlotPurpose.TRANSCRIPTION]
    if any(slot.state in (SlotState.OPEN, SlotState.LEASED) for slot in asked):
        return task.state
    finished = finished_texts(session, task, asked)
    if not finished:
        return task.state
    if weighed is None or weighed.texts != tuple(text.id for text in finished):
        weighed = _weigh(session, context, task, finished)
    opinions, proposal = weighed.opinions, weighed.proposal

    if task.state is TaskState.RETURNED:
        because = "written again after a reviewer sent it back"
        again = by_one(opinions[-1], "single", proposal.error, because, agreed=False)
        again = replace(again, grounds=(Ground.REWRITTEN,))
        return _to_review(session, task, slots, again, opinions, now)
    if proposal.agreed:
        if falls_in(context.project.review.share, "review", task.id):
            because = f"{proposal.because}; drawn for review"
            drawn = replace(proposal, because=because, grounds=(Ground.DRAWN,))
            return _to_review(session, task, slots, drawn, opinions, now)
        return _accept(session, context, task, proposal, opinions, now)
    rules = context.project.agreement
    third = rules.doubtful_words == "third" if proposal.near else rules.third_on_disagreement
    if len(opinions) <= 2 and third:
        return _ask_another(session, task, slots, proposal, opinions, now)
    return _to_review(session, task, slots, proposal, opinions, now)


def weigh_ahead(session: Session, context: ProjectContext, task: Task, text: Submission) -> Weighed | None:
    """What a task's texts will amount to with one that is about to come, for `judge`; None where it won't be judged.

    The most of a judgement's time is spent here, where it keeps nobody waiting. What is learnt of anybody in between is
    not in it.
    """
    if task.state not in JUDGED:
        return None
    slots = session.scalars(select(Slot).where(Slot.task_id == task.id)).all()
    asked = [slot for slot in slots if slot.purpose is SlotPurpose.TRANSCRIPTION and slot.id != text.slot_id]
    finished = in_order([*finished_texts(session, task, asked), text])
    return _weigh(session, context, task, finished)


def escalate(context: ProjectContext, task_id: str, *, by: str, why: str, now: datetime) -> TaskState:
    """Send a task to review as it stands: nobody is left for a third opinion, or somebody asks for it."""
    with context.catalog.writing() as session:
        return to_review_now(session, context, locked_task(session, task_id), by=by, why=why, now=now)


def to_review_now(
    session: Session,
    context: ProjectContext,
    task: Task,
    *,
    by: str,
    why: str,
    now: datetime,
    ground: Ground = Ground.ASKED,
    reason: str | None = None,
) -> TaskState:
    """As `escalate`, within a transaction and on a locked task. reason: a code, for Ground.SAID"""
    if task.state not in JUDGED:
        return task.state
    slots = locked_slots(session, task.id)
    asked = [slot for slot in slots if slot.purpose is SlotPurpose.TRANSCRIPTION]
    finished = finished_texts(session, task, asked)
    task.reason = reason
    audit.record(
        session, at=now, actor=by, action="task.escalated", subject=("task", task.id), detail={"why": why}
    )
    proposal = None
    opinions: list[Opinion] = []
    if finished:
        weighed = _weigh(session, context, task, finished)
        opinions, grounds = weighed.opinions, (ground, *weighed.proposal.grounds)
        proposal = replace(weighed.proposal, because=why, grounds=grounds)
    return _to_review(session, task, slots, proposal, opinions, now)


def last_judgement(session: Session, task_id: str) -> Judgement | None:
    """The newest judgement of a task; None where it has none yet."""
    query = select(Judgement).where(Judgement.task_id == task_id).order_by(Judgement.number.desc())
    return session.scalars(query.limit(1)).first()


def _weigh(session: Session, context: ProjectContext, task: Task, finished: Sequence[Submission]) -> Weighed:
    opinions = opinions_of(session, context, task, finished)
    proposal = _proposal(session, context, task, opinions)
    return Weighed(tuple(text.id for text in finished), opinions, proposal)


def _proposal(session: Session, context: ProjectContext, task: Task, opinions: Sequence[Opinion]) -> Proposal:
    rules = context.project.agreement
    proposal = weigh(
        opinions,
        guideline_of(session, context, task.language),
        threshold=rules.threshold,
        measure=rules.measure,
        doubt=rules.doubt_at_most,
        language=context.language_models.get(task.language),
    )
    if proposal.agreed and all(opinion.against for opinion in opinions):
        because = f"{proposal.because}, but {opinions[0].against}"
        odd = replace(proposal, agreed=False, near=False, origin="dispute", because=because)
        return replace(odd, grounds=(Ground.SIGNS,))
    return proposal


def _accept(
    session: Session,
    context: ProjectContext,
    task: Task,
    proposal: Proposal,
    opinions: Sequence[Opinion],
    now: datetime,
) -> TaskState:
    _note(session, task, proposal, opinions, TaskState.ACCEPTED, now)
    acceptance.accept(
        session,
        context,
        task,
        verbatim=proposal.verbatim,
        origin=proposal.origin,
        submission_id=proposal.submission_id,
        review_id=None,
        error=proposal.error,
        by=BY,
        now=now,
    )
    return task.state


def _ask_another(
    session: Session,
    task: Task,
    slots: Sequence[Slot],
    proposal: Proposal,
    opinions: Sequence[Opinion],
    now: datetime,
) -> TaskState:
    _note(session, task, proposal, opinions, TaskState.DISPUTED, now)
    task.state = moved(task.state, TaskState.DISPUTED)
    # Before other work of its priority: two people's effort waits for it.
    session.add(new_slot(task, len(slots), SlotPurpose.TRANSCRIPTION, task.priority - 1, now))
    session.flush()
    return task.state


def _to_review(
    session: Session,
    task: Task,
    slots: Sequence[Slot],
    proposal: Proposal | None,
    opinions: Sequence[Opinion],
    now: datetime,
) -> TaskState:
    if proposal:
        _note(session, task, proposal, opinions, TaskState.IN_REVIEW, now)
    task.state = moved(task.state, TaskState.IN_REVIEW)
    close_unfilled([slot for slot in slots if slot.purpose is SlotPurpose.TRANSCRIPTION])
    open_review(session, task, slots, SlotPurpose.REVIEW, now)
    return task.state


def _note(
    session: Session,
    task: Task,
    proposal: Proposal,
    opinions: Sequence[Opinion],
    outcome: TaskState,
    now: datetime,
) -> None:
    """Write the judgement down with what it rests on, for whoever asks why."""
    before = session.scalar(select(func.max(Judgement.number)).where(Judgement.task_id == task.id)) or 0
    session.add(
        Judgement(
            id=content_id("judgement", task.id, before + 1),
            task_id=task.id,
            number=before + 1,
            outcome=outcome.value,
            because=proposal.because,
            origin=proposal.origin,
            verbatim=proposal.verbatim,
            submission_id=proposal.submission_id,
            error=proposal.error,
            evidence={
                "grounds": list(proposal.grounds),
                "texts": [
                    {
                        "submission": one.submission_id,
                        "reliability": round(one.reliability, 4),
                        "against": one.against,
                        "signs": list(one.signs),
                    }
                    for one in opinions
                ],
            },
            at=now,
        )
    )
    audit.record(
        session,
        at=now,
        actor=BY,
        action=f"task.{outcome.value}",
        subject=("task", task.id),
        detail={"because": proposal.because},
    )
    session.flush()
