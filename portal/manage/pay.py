"""Pay: what is owed and was paid, by month and person, as a page and as a spreadsheet; a month is marked as paid."""

from collections.abc import Iterable
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from catalog.calendar import month_of
from portal.access.guard import Manager
from portal.context import context_of
from portal.http.pages import render
from transcription.pay import as_csv, entries
from transcription.payments import PersonMonth, mark_paid, person_months

router = APIRouter(include_in_schema=False)

MonthField = Annotated[str, Form(pattern=r"^[0-9]{4}-[0-9]{2}$")]


@router.get("/manage/ledger")
def owed(request: Request, signed: Manager) -> Response:
    """What people are owed, by month, and what of it was paid."""
    context = context_of(request)
    with context.catalog.reading() as session:
        months = by_month(person_months(session, signed.project))
    return render(request, "manage/ledger.html.j2", months=months)


@router.post("/manage/ledger/paid")
def paid(
    request: Request,
    signed: Manager,
    month: MonthField,
    person: Annotated[str, Form(max_length=80)] = "",
    note: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """What is left of a month was paid: to one person, or to everybody."""
    context = context_of(request)
    with context.catalog.writing() as session:
        mark_paid(
            session,
            signed.project,
            month,
            person_ids=[person] if person else None,
            note=note.strip(),
            by=signed.person_id,
            now=context.clock(),
        )
    return RedirectResponse("/manage/ledger", status_code=303)


@router.get("/manage/ledger.csv")
def owed_as_csv(
    request: Request, signed: Manager, month: Annotated[str, Query(pattern=r"^[0-9]{4}-[0-9]{2}$|^$")] = ""
) -> Response:
    """The ledger for a spreadsheet, whole or of one month (of India's calendar), with what was paid."""
    context = context_of(request)
    with context.catalog.reading() as session:
        lines = entries(session, signed.project)
    chosen = [line for line in lines if not month or month_of(line.at) == month]
    name = f"ledger-{signed.project}-{month or 'all'}.csv"
    return Response(
        "\ufeff" + as_csv(chosen),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def by_month(months: Iterable[PersonMonth]) -> list[tuple[str, str, list[PersonMonth]]]:
    """Month, currency and people; a project that changed its currency has a month in each."""
    ordered = sorted(months, key=lambda each: (each.month, each.currency), reverse=True)
    return [
        (month, currency, sorted(people, key=lambda each: each.handle))
        for (month, currency), people in groupby(ordered, key=lambda each: (each.month, each.currency))
    ]
