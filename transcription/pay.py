"""Pay: what each person is owed for which accepted work; only added to, in whole thousandths of a currency unit."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from io import StringIO

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from catalog.calendar import month_of, month_span
from catalog.config.project import Rate
from catalog.ids import content_id
from catalog.states import Role, SubmissionKind
from catalog.tables import (
    Assessment,
    Clip,
    LedgerEntry,
    Payment,
    Person,
    Review,
    Submission,
    Task,
    Transcript,
)
from transcription.context import ProjectContext

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")  # OWASP ASVS 5.0, 1.2.10


TRANSCRIPTION = "transcription"
REVIEW = "review"


_TO_PAY = (
    select(Submission)
    .where(
        Submission.task_id == bindparam("task"),
        Submission.kind.in_((SubmissionKind.FINAL, SubmissionKind.LATE)),
        Submission.id.not_in(
            select(Assessment.submission_id).where(
                Assessment.transcript_id == bindparam("transcript"), Assessment.good.is_(False)
            )
        ),
    )
    .order_by(Submission.created_at, Submission.id)
)


@dataclass(frozen=True, slots=True)
class Owed:
    """One line of the ledger."""

    at: datetime
    person_id: str
    handle: str
    work: str
    subject_id: str
    quantity: float
    unit: str
    rate_millis: int
    amount_millis: int
    currency: str
    paid_at: datetime | None = None
    """When its month was paid, after it was entered; None before."""


@dataclass(frozen=True, slots=True)
class _Due:
    """A piece of work before it is priced; the entry's id is the same however often it is entered."""

    entry_id: str
    person_id: str
    role: Role
    work: str
    subject_id: str
    text: str


def pay_transcribers(
    session: Session, context: ProjectContext, task: Task, transcript: Transcript, *, now: datetime
) -> None:
    """Enter what the authors of a task's texts are owed: those whose text was good, finished or late.

    A single transcriber's text is paid as it was accepted. Paying twice changes nothing.
    """
    for text in session.scalars(_TO_PAY, {"task": task.id, "transcript": transcript.id}):
        pay_text(session, context, task, text, now=now)


def pay_text(
    session: Session, context: ProjectContext, task: Task, text: Submission, *, now: datetime
) -> bool:
    """Enter one text. A person is paid once for a clip, however often it came back to them."""
    entry_id = content_id("owed", text.person_id, TRANSCRIPTION, task.id)
    due = _Due(entry_id, text.person_id, Role.TRANSCRIBER, TRANSCRIPTION, text.id, text.normalised)
    return _enter(session, context, task, due, now)


def pay_reviewer(
    session: Session, context: ProjectContext, task: Task, review: Review, *, now: datetime
) -> bool:
    """Enter one decision: it is paid whatever it says."""
    text = session.scalar(
        select(Transcript.normalised)
        .where(Transcript.clip_id == task.clip_id)
        .order_by(Transcript.version.desc())
        .limit(1)
    )
    entry_id = content_id("owed", review.reviewer_id, REVIEW, review.id)
    due = _Due(entry_id, review.reviewer_id, Role.REVIEWER, REVIEW, review.id, text or "")
    return _enter(session, context, task, due, now)


def entries(session: Session, project: str, *, month: str | None = None) -> list[Owed]:
    """The project's ledger, oldest first, or one month of it, with what of it was paid. raises: ValueError"""
    paid = _payments(session, project)
    query = (
        select(LedgerEntry, Person.handle)
        .join(Person, Person.id == LedgerEntry.person_id)
        .where(LedgerEntry.project_id == project)
        .order_by(LedgerEntry.at, LedgerEntry.id)
    )
    if month is not None:
        start, end = month_span(month)
        query = query.where(LedgerEntry.at >= start, LedgerEntry.at < end)
    rows = session.execute(query)
    return [
        Owed(
            at=entry.at,
            person_id=entry.person_id,
            handle=handle,
            work=entry.work,
            subject_id=entry.subject_id,
            quantity=entry.quantity,
            unit=entry.unit,
            rate_millis=entry.rate_millis,
            amount_millis=entry.amount_millis,
            currency=entry.currency,
            paid_at=next(
                (
                    at
                    for at in paid.get((entry.person_id, month_of(entry.at), entry.currency), ())
                    if at >= entry.at
                ),
                None,
            ),
        )
        for entry, handle in rows
    ]


def _payments(session: Session, project: str) -> dict[tuple[str, str, str], list[datetime]]:
    """When each person's month was paid, oldest first: a payment is of all that was owed of the month by then."""
    found: dict[tuple[str, str, str], list[datetime]] = {}
    for person, month, currency, at in session.execute(
        select(Payment.person_id, Payment.month, Payment.currency, Payment.at)
        .where(Payment.project_id == project)
        .order_by(Payment.at)
    ):
        found.setdefault((person, month, currency), []).append(at)
    return found


def as_csv(owed: Iterable[Owed]) -> str:
    """The ledger for a spreadsheet. No cell can be taken for a formula: what could be is led by an apostrophe."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ["at", "person", "work", "subject", "quantity", "unit", "rate", "amount", "currency", "paid_at"]
    )
    for line in owed:
        cells = [
            line.at.isoformat(timespec="seconds"),
            line.handle,
            line.work,
            line.subject_id,
            f"{line.quantity:.4f}",
            line.unit,
        ]
        money = [as_decimal(line.rate_millis), as_decimal(line.amount_millis)]
        paid_at = line.paid_at.isoformat(timespec="seconds") if line.paid_at else ""
        writer.writerow([*map(harmless, cells), *money, harmless(line.currency), paid_at])
    return out.getvalue()


def as_decimal(millis: int) -> str:
    """Thousandths as a decimal number.

    >>> as_decimal(-12345)
    '-12.345'
    """
    sign = "-" if millis < 0 else ""
    return f"{sign}{abs(millis) // 1000}.{abs(millis) % 1000:03d}"


def harmless(cell: str) -> str:
    """A spreadsheet's cell that can't be taken for a formula: what could be is led by an apostrophe."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _enter(session: Session, context: ProjectContext, task: Task, due: _Due, now: datetime) -> bool:
    pay = context.project.pay
    rate = pay.rates.get(due.role) if pay else None
    if pay is None or rate is None or session.get(LedgerEntry, due.entry_id) is not None:
        return False
    seconds = session.scalars(select(Clip.seconds).where(Clip.id == task.clip_id)).one()
    quantity = _quantity(rate, seconds, due.text)
    rate_millis = int(rate.amount * 1000)
    session.add(
        LedgerEntry(
            id=due.entry_id,
            project_id=task.project_id,
            person_id=due.person_id,
            work=due.work,
            subject_id=due.subject_id,
            quantity=float(quantity),
            unit=rate.per,
            rate_millis=rate_millis,
            amount_millis=round(quantity * rate_millis),
            currency=pay.currency,
            at=now,
        )
    )
    session.flush()
    return True


def _quantity(rate: Rate, seconds: float, text: str) -> Fraction:
    if rate.per == "word":
        return Fraction(len(text.split()))
    return Fraction(round(seconds * 1000), 60_000)  # minutes, by whole milliseconds
