"""What a person did in a month of one project: texts and decisions, their fate, what they earned, questions at them.

Gold clips are left out: whoever sees one knows it. Two people who write a clip unseen stay unseen.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from catalog.calendar import month_span
from catalog.states import ReviewDecision, SlotPurpose, SubmissionKind, TaskState
from catalog.tables import Assessment, LedgerEntry, Note, Review, Slot, Submission, Task
from transcription.appeals import appealed
from transcription.pay import REVIEW, TRANSCRIPTION

A_PAGE = 30
MOST_QUESTIONS = 20
QUESTIONS_LAST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NoteSeen:
    """A note that the person may read. mine: they wrote it"""

    at: datetime
    text: str
    mine: bool


@dataclass(frozen=True, slots=True)
class MyText:
    """A text handed in, or a clip passed on. error, good: against the better text, once it is decided.

    earned_millis: None where nothing was entered for it; may_appeal: it was found not good, and nobody was asked yet
    """

    submission_id: str
    task_id: str
    language: str
    text: str
    kind: SubmissionKind
    reason: str | None
    state: TaskState
    at: datetime
    error: float | None
    good: bool | None
    earned_millis: int | None
    appealed: bool
    notes: tuple[NoteSeen, ...]

    @property
    def may_appeal(self) -> bool:
        return self.good is False and not self.appealed and self.state is TaskState.ACCEPTED


@dataclass(frozen=True, slots=True)
class MyDecision:
    """A review of mine."""

    task_id: str
    language: str
    decision: ReviewDecision
    text: str
    note: str
    at: datetime
    earned_millis: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """What a writer asks at a clip, unanswered."""

    task_id: str
    language: str
    text: str
    at: datetime


def my_texts(
    session: Session, person_id: str, project: str, month: str, *, before: datetime | None
) -> tuple[Sequence[MyText], datetime | None]:
    """A page of the month's texts, newest first, and the moment to go on before; None at the end. Four queries."""
    start, end = month_span(month)
    rows = session.execute(
        select(Submission, Task, LedgerEntry.amount_millis)
        .join(Task, Task.id == Submission.task_id)
        .join(Slot, Slot.id == Submission.slot_id)
        .outerjoin(LedgerEntry, _paid_for(person_id, TRANSCRIPTION, Submission.id))
        .where(
            Submission.person_id == person_id,
            Submission.kind != SubmissionKind.DRAFT,
            Submission.created_at >= start,
            Submission.created_at < min(end, before or end),
            Task.project_id == project,
            Slot.purpose != SlotPurpose.GOLD,
        )
        .order_by(Submission.created_at.desc(), Submission.id.desc())
        .limit(A_PAGE + 1)
    ).all()
    shown = rows[:A_PAGE]
    sent = [row.Submission.id for row in shown]
    tasks = {row.Task.id for row in shown}
    judged = _judged(session, sent)
    asked = appealed(session, person_id, tasks)
    notes = _notes(session, person_id, tasks)
    texts = [
        MyText(
            submission_id=text.id,
            task_id=task.id,
            language=task.language,
            text=text.verbatim,
            kind=text.kind,
            reason=text.reason,
            state=task.state,
            at=text.created_at,
            error=judged[text.id].error if text.id in judged else None,
            good=judged[text.id].good if text.id in judged else None,
            earned_millis=millis,
            appealed=task.id in asked,
            notes=tuple(notes.get(task.id, ())),
        )
        for text, task, millis in shown
    ]
    return texts, texts[-1].at if len(rows) > A_PAGE else None


def my_decisions(
    session: Session, person_id: str, project: str, month: str, *, before: datetime | None
) -> tuple[Sequence[MyDecision], datetime | None]:
    """A page of the month's reviews, newest first, and the moment to go on before; None at the end. One query."""
    start, end = month_span(month)
    rows = session.execute(
        select(Review, Task, LedgerEntry.amount_millis)
        .join(Task, Task.id == Review.task_id)
        .outerjoin(LedgerEntry, _paid_for(person_id, REVIEW, Review.id))
        .where(
            Review.reviewer_id == person_id,
            Review.at >= start,
            Review.at < min(end, before or end),
            Task.project_id == project,
        )
        .order_by(Review.at.desc(), Review.id.desc())
        .limit(A_PAGE + 1)
    ).all()
    shown = rows[:A_PAGE]
    decisions = [
        MyDecision(
            task_id=task.id,
            language=task.language,
            decision=review.decision,
            text=review.verbatim or "",
            note=review.note,
            at=review.at,
            earned_millis=millis,
        )
        for review, task, millis in shown
    ]
    return decisions, decisions[-1].at if len(rows) > A_PAGE else None


def questions(session: Session, person_id: str, project: str, *, now: datetime) -> list[Question]:
    """What writers ask at clips that this person decided, and nobody has answered since; the oldest first."""
    later, wrote, work = aliased(Note), aliased(Submission), aliased(Task)
    rows = session.execute(
        select(Note.task_id, Task.language, Note.text, Note.at)
        .join(Task, Task.id == Note.task_id)
        .where(
            # asked of each note, which are few: SQLite would begin with all tasks of the project
            exists().where(work.id == Note.task_id, work.project_id == project),
            Note.at >= now - QUESTIONS_LAST,
            Note.text != "",
            Note.person_id != person_id,
            exists().where(Review.task_id == Note.task_id, Review.reviewer_id == person_id),
            exists().where(wrote.task_id == Note.task_id, wrote.person_id == Note.person_id),
            ~exists().where(later.task_id == Note.task_id, later.at > Note.at),
        )
        .order_by(Note.at)
        .limit(MOST_QUESTIONS)
    )
    return [Question(task, language, text, at) for task, language, text, at in rows]


def _judged(session: Session, sent: Collection[str]) -> Mapping[str, Assessment]:
    """The last judgement of each text, by its id."""
    rows = session.scalars(
        select(Assessment)
        .where(Assessment.submission_id.in_(sent), Assessment.against != "gold")
        .order_by(Assessment.at, Assessment.id)
    )
    return {each.submission_id: each for each in rows}


def _paid_for(person_id: str, work: str, subject: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The condition that an entry of the ledger, of which there is one at most, is for that work of the person."""
    return and_(
        LedgerEntry.person_id == person_id, LedgerEntry.work == work, LedgerEntry.subject_id == subject
    )


def _notes(session: Session, person_id: str, tasks: Collection[str]) -> Mapping[str, list[NoteSeen]]:
    """Notes of the person, and of whoever did not write the clip too, by task."""
    other = aliased(Submission)
    rows = session.execute(
        select(Note)
        .where(
            Note.task_id.in_(tasks),
            Note.text != "",
            (Note.person_id == person_id)
            | ~exists().where(other.task_id == Note.task_id, other.person_id == Note.person_id),
        )
        .order_by(Note.at, Note.id)
        .limit(200)
    ).scalars()
    found: defaultdict[str, list[NoteSeen]] = defaultdict(list)
    for note in rows:
        found[note.task_id].append(NoteSeen(note.at, note.text, note.person_id == person_id))
    return found
