"""Payments: months of the ledger by person, what of them was paid, and the act of paying the rest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.calendar import local_month, month_of, month_span
from catalog.config.sentence import Sentence
from catalog.ids import content_id
from catalog.tables import LedgerEntry, Payment, Person
from transcription.context import NotAllowed

LONGEST_NOTE = 200
"""Letters."""


@dataclass(frozen=True, slots=True)
class PersonMonth:
    """What one person is owed of a month, and was paid. minutes: of accepted sound, where that is paid; words likewise

    month: of India's calendar, 2026-11; currency: as ISO 4217 has it; paid_at: the last time, None before
    """

    month: str
    currency: str
    person_id: str
    handle: str
    pieces: int
    minutes: float
    words: float
    owed_millis: int
    paid_millis: int
    paid_at: datetime | None

    @property
    def left_millis(self) -> int:
        """Not paid yet."""
        return self.owed_millis - self.paid_millis


def person_months(
    session: Session, project: str, *, person_id: str | None = None, month: str | None = None
) -> list[PersonMonth]:
    """Newest month first, then by currency and handle. Sums of the database: two queries, however long the ledger.

    raises: ValueError for a month that is none
    """
    in_month = local_month(session, LedgerEntry.at)
    unit = LedgerEntry.unit == "word"
    query = (
        select(
            in_month.label("month"),
            LedgerEntry.currency,
            LedgerEntry.person_id,
            Person.handle,
            unit.label("in_words"),
            func.count().label("pieces"),
            func.sum(LedgerEntry.quantity).label("quantity"),
            func.sum(LedgerEntry.amount_millis).label("millis"),
        )
        .join(Person, Person.id == LedgerEntry.person_id)
        .where(LedgerEntry.project_id == project)
        .group_by(in_month, LedgerEntry.currency, LedgerEntry.person_id, Person.handle, unit)
    )
    if person_id is not None:
        query = query.where(LedgerEntry.person_id == person_id)
    if month is not None:
        start, end = month_span(month)
        query = query.where(LedgerEntry.at >= start, LedgerEntry.at < end)
    paid = _paid(session, project, person_id, month)
    months: dict[tuple[str, str, str], PersonMonth] = {}
    for row in session.execute(query):
        key = (row.month, row.currency, row.person_id)
        before = months.get(key)
        amount, at = paid.get(key, (0, None))
        months[key] = PersonMonth(
            *key,
            handle=row.handle,
            pieces=row.pieces + (before.pieces if before else 0),
            minutes=(0.0 if row.in_words else row.quantity) + (before.minutes if before else 0.0),
            words=(row.quantity if row.in_words else 0.0) + (before.words if before else 0.0),
            owed_millis=int(row.millis) + (before.owed_millis if before else 0),
            paid_millis=amount,
            paid_at=at,
        )
    by_handle = sorted(months.values(), key=lambda each: (each.currency, each.handle))
    return sorted(by_handle, key=lambda each: each.month, reverse=True)


def with_payments(
    session: Session, project: str, month: str, owed: Sequence[PersonMonth]
) -> list[PersonMonth]:
    """What was owed of a month when somebody counted, with what was paid of it by now."""
    paid = _paid(session, project, None, month)
    payments = ((each, paid.get((month, each.currency, each.person_id), (0, None))) for each in owed)
    return [replace(each, paid_millis=amount, paid_at=at) for each, (amount, at) in payments]


def ledger_months(session: Session, project: str, *, person_id: str | None = None) -> list[str]:
    """From the newest month of a project's ledger, or of one person's in it, to the oldest, those between them too.

    One query of two steps of an index, however long the ledger.
    """
    ends = select(LedgerEntry.at).where(LedgerEntry.project_id == project).limit(1)
    if person_id is not None:
        ends = ends.where(LedgerEntry.person_id == person_id)
    oldest = ends.order_by(LedgerEntry.at, LedgerEntry.id).scalar_subquery()
    newest = ends.order_by(LedgerEntry.at.desc(), LedgerEntry.id.desc()).scalar_subquery()
    first, last = session.execute(select(oldest, newest)).one()
    if first is None or last is None:
        return []
    months = [month_of(last)]
    while months[-1] > month_of(first):
        months.append(month_of(month_span(months[-1])[0] - timedelta(seconds=1)))
    return months


def mark_paid(
    session: Session,
    project: str,
    month: str,
    *,
    person_ids: Collection[str] | None,
    note: str,
    by: str,
    now: datetime,
) -> list[PersonMonth]:
    """Write down that what is left of a month was paid. Returns what it was; paying again finds nothing left.

    person_ids: None for everybody
    raises: NotAllowed for a note that is too long
    """
    if len(note) > LONGEST_NOTE:
        raise NotAllowed(
            Sentence("a note of a payment has at most %(most)s letters. Shorten it.", most=str(LONGEST_NOTE))
        )
    left = [
        each
        for each in person_months(session, project, month=month)
        if each.left_millis and (person_ids is None or each.person_id in person_ids)
    ]
    for each in left:
        _add(session, project, each, note=note, by=by, now=now)
    return left


def _add(session: Session, project: str, of: PersonMonth, *, note: str, by: str, now: datetime) -> None:
    before = select(func.count()).where(
        Payment.project_id == project,
        Payment.month == of.month,
        Payment.person_id == of.person_id,
        Payment.currency == of.currency,
    )
    number = (session.scalar(before) or 0) + 1
    session.add(
        Payment(
            id=content_id("payment", project, of.month, of.person_id, of.currency, number),
            project_id=project,
            person_id=of.person_id,
            month=of.month,
            number=number,
            amount_millis=of.left_millis,
            currency=of.currency,
            note=note,
            paid_by=by,
            at=now,
        )
    )
    audit.record(
        session,
        at=now,
        actor=by,
        action="pay.paid",
        subject=("person", of.person_id),
        detail={"project": project, "month": of.month, "millis": of.left_millis, "currency": of.currency},
    )


def _paid(
    session: Session, project: str, person_id: str | None, month: str | None
) -> dict[tuple[str, str, str], tuple[int, datetime]]:
    """Sum and last time by month, currency and person."""
    query = (
        select(
            Payment.month,
            Payment.currency,
            Payment.person_id,
            func.sum(Payment.amount_millis),
            func.max(Payment.at),
        )
        .where(Payment.project_id == project)
        .group_by(Payment.month, Payment.currency, Payment.person_id)
    )
    if person_id is not None:
        query = query.where(Payment.person_id == person_id)
    if month is not None:
        query = query.where(Payment.month == month)
    return {
        (month, currency, person): (int(millis), at)
        for month, currency, person, millis, at in session.execute(query)
    }
