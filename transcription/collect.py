"""The sweep behind the queue: judges what is complete, and says where the work stands.

Every final text is judged when it comes, so a sweep usually finds nothing to do. It is there for what changes
between two texts: nobody left for a third opinion, or nobody who comes for the second in time; a clip withdrawn after
people wrote it down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from catalog.states import Role, SlotPurpose, SlotState, SubmissionKind, TaskState
from catalog.tables import Judgement, LedgerEntry, Person, PersonRole, Skip, Slot, Submission, Task
from transcription import pay
from transcription.context import ProjectContext
from transcription.decisions import judgement
from transcription.decisions.grounds import Ground
from transcription.slots.lease import locked_slots, locked_task

BY = "collect"
BATCH = 200


@dataclass(frozen=True, slots=True)
class CollectReport:
    """What a sweep did, and where the project's tasks stand after it."""

    judged: int
    escalated: int
    """Sent to a reviewer: disputes that nobody is left to settle, texts that waited too long for the next person's."""
    paid_after_withdrawal: int
    """Texts paid though their clip was withdrawn: the people had done the work."""
    tasks: Mapping[TaskState, int]
    agreed: int
    disputed: int
    """Of the tasks that two or more wrote down: how many agreed at first sight, and how many didn't."""


def collect(context: ProjectContext, *, now: datetime) -> CollectReport:
    """Judge every task that is complete, and report. Running it again changes nothing."""
    complete = _complete(context)
    for language in sorted({language for _, language in complete}):
        context.language_models.get(language)  # learnt before anybody's lock is held
    judged = sum(_judge(context, task_id, now) for task_id, _ in complete)
    third = "they differ, and nobody is left for a third opinion"
    escalated = sum(_escalate(context, task_id, third, now) for task_id in _without_a_third(context))
    hours = context.project.transcription.wait_for_second_hours
    late = f"nobody came in {hours} h to write it as well"
    escalated += sum(_escalate(context, task_id, late, now) for task_id in _waited_for(context, hours, now))
    paid = _pay_withdrawn(context, now)
    with context.catalog.reading() as session:
        return CollectReport(
            judged, escalated, paid, _states(session, context), *_agreement(session, context)
        )


def _judge(context: ProjectContext, task_id: str, now: datetime) -> bool:
    with context.catalog.writing() as session:
        task = locked_task(session, task_id)
        before = task.state
        return judgement.judge(session, context, task, now=now) is not before


def _escalate(context: ProjectContext, task_id: str, why: str, now: datetime) -> bool:
    """Unless somebody has come meanwhile."""
    with context.catalog.writing() as session:
        task = locked_task(session, task_id)
        if any(slot.expires_at and slot.expires_at > now for slot in locked_slots(session, task_id)):
            return False
        before = task.state
        after = judgement.to_review_now(session, context, task, by=BY, why=why, ground=Ground.ALONE, now=now)
        return after is TaskState.IN_REVIEW and before is not TaskState.IN_REVIEW


def _complete(context: ProjectContext) -> Sequence[tuple[str, str]]:
    """Tasks that people work on, of which no slot is open or held any more, each with its language."""
    waiting = exists().where(
        Slot.task_id == Task.id,
        Slot.purpose == SlotPurpose.TRANSCRIPTION,
        Slot.state.in_((SlotState.OPEN, SlotState.LEASED)),
    )
    begun = exists().where(Submission.task_id == Task.id, Submission.kind == SubmissionKind.FINAL)
    worked_on = (TaskState.OPEN, TaskState.DISPUTED, TaskState.RETURNED)
    with context.catalog.reading() as session:
        rows = session.execute(
            select(Task.id, Task.language)
            .where(Task.project_id == context.project.name, Task.state.in_(worked_on), ~waiting, begun)
            .order_by(Task.id)
        )
        return rows.tuples().all()


def _without_a_third(context: ProjectContext) -> Sequence[str]:
    """Disputes whose open slot nobody of the staff can take."""
    with context.catalog.reading() as session:
        staff = _transcribers(session, context.project.name)
        disputes = session.execute(
            select(Task.id, Task.language)
            .join(Slot, Slot.task_id == Task.id)
            .where(
                Task.project_id == context.project.name,
                Task.state == TaskState.DISPUTED,
                Slot.purpose == SlotPurpose.TRANSCRIPTION,
                Slot.state == SlotState.OPEN,
            )
            .order_by(Task.id)
        ).all()
        return [
            task_id
            for task_id, language in disputes
            if not staff.get(language, frozenset()) - _done_with(session, task_id)
        ]


def _waited_for(context: ProjectContext, hours: int, now: datetime) -> Sequence[str]:
    """Tasks whose newest text has waited so long for the next person's, with nobody at it now."""
    since = select(func.max(Submission.created_at)).where(
        Submission.task_id == Task.id, Submission.kind == SubmissionKind.FINAL
    )
    at_work = exists().where(Slot.task_id == Task.id, Slot.state == SlotState.LEASED, Slot.expires_at > now)
    with context.catalog.reading() as session:
        return session.scalars(
            select(Task.id)
            .where(
                Task.project_id == context.project.name,
                Task.state.in_((TaskState.OPEN, TaskState.DISPUTED)),
                exists().where(Slot.task_id == Task.id, Slot.state == SlotState.SUBMITTED),
                ~at_work,
                since.scalar_subquery() <= now - timedelta(hours=hours),
            )
            .order_by(Task.id)
        ).all()


def _transcribers(session: Session, project: str) -> dict[str, frozenset[str]]:
    """By language: who may write it down."""
    people = session.execute(
        select(Person.id, Person.languages)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.active, PersonRole.project_id == project, PersonRole.role == Role.TRANSCRIBER)
    ).all()
    languages = {code for _, known in people for code in known}
    return {code: frozenset(person for person, known in people if code in known) for code in languages}


def _done_with(session: Session, task_id: str) -> set[str]:
    holders = session.scalars(
        select(Slot.holder_id).where(Slot.task_id == task_id, Slot.holder_id.is_not(None))
    )
    skips = session.scalars(select(Skip.person_id).where(Skip.task_id == task_id, Skip.until.is_(None)))
    return {person for person in (*holders, *skips) if person is not None}


def _pay_withdrawn(context: ProjectContext, now: datetime) -> int:
    """Nobody's wages hang on a speaker's change of mind: what was written before, or was on its way, is paid."""
    if context.project.pay is None or Role.TRANSCRIBER not in context.project.pay.rates:
        return 0
    entered = aliased(Submission)
    paid = exists().where(
        LedgerEntry.person_id == Submission.person_id,
        LedgerEntry.work == pay.TRANSCRIPTION,
        LedgerEntry.subject_id == entered.id,
        entered.task_id == Submission.task_id,
    )
    unpaid = (
        select(Submission)
        .join(Task, Task.id == Submission.task_id)
        .where(
            Task.project_id == context.project.name,
            Task.state == TaskState.WITHDRAWN,
            Submission.kind.in_((SubmissionKind.FINAL, SubmissionKind.LATE)),
            ~paid,
        )
        .order_by(Submission.created_at, Submission.id)
        .limit(BATCH)
    )
    total = 0
    while True:
        with context.catalog.writing() as session:
            texts = session.scalars(unpaid).all()
            for text in texts:
                total += pay.pay_text(session, context, session.get_one(Task, text.task_id), text, now=now)
        if not texts:
            return total


def _states(session: Session, context: ProjectContext) -> dict[TaskState, int]:
    rows = session.execute(
        select(Task.state, func.count().label("number"))
        .where(Task.project_id == context.project.name)
        .group_by(Task.state)
        .order_by(Task.state)
    )
    return {row.state: row.number for row in rows}


def _agreement(session: Session, context: ProjectContext) -> tuple[int, int]:
    rows = session.execute(
        select(Judgement.origin, func.count().label("number"))
        .join(Task, Task.id == Judgement.task_id)
        .where(Task.project_id == context.project.name, Judgement.number == 1)
        .group_by(Judgement.origin)
    )
    by_origin = {row.origin: row.number for row in rows}
    return by_origin.get("agreement", 0), by_origin.get("dispute", 0)
