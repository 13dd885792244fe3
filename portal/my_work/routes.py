"""The addresses of my work: the month, its payslip, and a question at a clip."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.calendar import local_month, month_of
from catalog.reasons import REASONS
from catalog.states import Role
from catalog.tables import LedgerEntry, Payment
from portal.access.guard import holding
from portal.access.session import Signed
from portal.context import context_of
from portal.http.pages import render
from portal.items.words import MARKS, STATE_WORDS
from portal.my_work.queries import my_decisions, my_texts, questions
from portal.write.reasons import REPORTS, SKIPS
from transcription.notes import add_note
from transcription.payments import ledger_months, person_months

router = APIRouter(include_in_schema=False)

Worker = Annotated[Signed, Depends(holding(Role.TRANSCRIBER, Role.REVIEWER))]
MonthAsked = Annotated[str, Query(pattern=r"^((19|20)[0-9]{2}-(0[1-9]|1[0-2]))?$")]


@router.get("/my-work")
def my_work(
    request: Request,
    signed: Worker,
    month: MonthAsked = "",
    texts_before: datetime | None = None,
    decisions_before: datetime | None = None,
) -> Response:
    """What I did in a month, what became of it, and what it earned."""
    context, now = context_of(request), context_of(request).clock()
    month = month or month_of(now)
    if any(at is not None and at.tzinfo is None for at in (texts_before, decisions_before)):
        raise HTTPException(404)
    with context.catalog.reading() as session:
        months = ledger_months(session, signed.project, person_id=signed.person_id)
        sums = person_months(session, signed.project, person_id=signed.person_id, month=month)
        texts, more_texts = my_texts(session, signed.person_id, signed.project, month, before=texts_before)
        decided, more_decided = my_decisions(
            session, signed.person_id, signed.project, month, before=decisions_before
        )
        asked = questions(session, signed.person_id, signed.project, now=now)
    return render(
        request,
        "my_work/month.html.j2",
        month=month,
        months=sorted({month, *months}, reverse=True),
        sums=sums,
        texts=texts,
        more_texts=more_texts,
        decisions=decided,
        more_decisions=more_decided,
        questions=asked,
        languages=context.languages,
        state_words=STATE_WORDS,
        state_marks=MARKS,
        reasons=SKIPS | REPORTS | {code: each.sentence for code, each in REASONS.items()},
        currency=_currency(request, signed),
    )


@router.get("/my-work/payslip")
def payslip(request: Request, signed: Worker, month: MonthAsked = "") -> Response:
    """A month on one sheet of paper: what was done, at which rate, what it came to, what was paid."""
    context = context_of(request)
    month = month or month_of(context.clock())
    with context.catalog.reading() as session:
        sums = person_months(session, signed.project, person_id=signed.person_id, month=month)
        lines = _lines(session, signed, month)
        paid = session.execute(
            select(Payment.at, Payment.amount_millis, Payment.currency, Payment.note)
            .where(
                Payment.project_id == signed.project,
                Payment.person_id == signed.person_id,
                Payment.month == month,
            )
            .order_by(Payment.at)
        ).all()
    return render(
        request,
        "my_work/payslip.html.j2",
        month=month,
        sums=sums,
        lines=lines,
        payments=paid,
        state_words=STATE_WORDS,
    )


@router.post("/my-work/tasks/{task_id}/note")
def ask(
    request: Request,
    signed: Worker,
    task_id: Annotated[str, Path(max_length=80)],
    text: Annotated[str, Form(max_length=4000)] = "",
    request_id: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """A question at a clip, or its answer: a note that its writer and its reviewers read. Sent twice, it is one."""
    context = context_of(request)
    add_note(
        context.project_context(signed.project),
        task_id,
        signed.person_id,
        text,
        request_id=request_id or text[:60],
        now=context.clock(),
    )
    return RedirectResponse("/my-work", status_code=303)


def _lines(session: Session, signed: Signed, month: str) -> list[tuple[str, str, int, str, int, float, int]]:
    """work, unit, rate, currency, pieces, quantity and amount: one line for each rate that was paid by."""
    rows = session.execute(
        select(
            LedgerEntry.work,
            LedgerEntry.unit,
            LedgerEntry.rate_millis,
            LedgerEntry.currency,
            func.count(),
            func.sum(LedgerEntry.quantity),
            func.sum(LedgerEntry.amount_millis),
        )
        .where(
            LedgerEntry.person_id == signed.person_id,
            LedgerEntry.project_id == signed.project,
            local_month(session, LedgerEntry.at) == month,
        )
        .group_by(LedgerEntry.work, LedgerEntry.unit, LedgerEntry.rate_millis, LedgerEntry.currency)
        .order_by(LedgerEntry.work)
    )
    return [(work, unit, rate, cur, n, float(qty), int(sum_)) for work, unit, rate, cur, n, qty, sum_ in rows]


def _currency(request: Request, signed: Signed) -> str | None:
    pay = context_of(request).project(signed.project).pay
    return pay.currency if pay else None
