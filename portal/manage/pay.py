"""Pay: what is owed and was paid, by month and person, as a page and as a spreadsheet; a month is marked as paid."""

from collections.abc import Iterable
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from catalog.figures import forget_figure
from portal.access.guard import Manager
from portal.context import context_of
from portal.figures import FigureQuery, figure
from portal.http.pages import render
from transcription.pay import as_csv, entries
from transcription.payments import PersonMonth, ledger_months, mark_paid, person_months, with_payments

router = APIRouter(include_in_schema=False)

MONTH = r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$"
MonthField = Annotated[str, Form(pattern=MONTH)]


@router.get("/manage/ledger")
def owed(
    request: Request,
    signed: Manager,
    behind: BackgroundTasks,
    month: Annotated[str, Query(pattern=rf"{MONTH}|^$")] = "",
) -> Response:
    """What people are owed of a month, the newest where none is named, and what of it was paid."""
    context = context_of(request)
    with context.catalog.reading() as session:
        months = ledger_months(session, signed.project)
    shown = month or next(iter(months), "")
    if not shown:
        return render(request, "manage/ledger.html.j2", months=[], listed=[], shown="", counted=None)
    query = FigureQuery(
        figure_of(shown),
        list[PersonMonth],
        lambda session, project, _now: person_months(session, project.name, month=shown),
    )
    counted = figure(context, signed.project, query, behind)
    with context.catalog.reading() as session:
        people = with_payments(session, signed.project, shown, counted.value)
    return render(
        request,
        "manage/ledger.html.j2",
        months=by_month(people),
        listed=months,
        shown=shown,
        counted=counted,
    )


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
        forget_figure(session, signed.project, figure_of(month))
    return RedirectResponse(f"/manage/ledger?month={month}", status_code=303)


@router.get("/manage/ledger.csv")
def owed_as_csv(
    request: Request, signed: Manager, month: Annotated[str, Query(pattern=rf"{MONTH}|^$")] = ""
) -> Response:
    """The ledger for a spreadsheet, whole or of one month (of India's calendar), with what was paid."""
    context = context_of(request)
    with context.catalog.reading() as session:
        lines = entries(session, signed.project, month=month or None)
    name = f"ledger-{signed.project}-{month or 'all'}.csv"
    return Response(
        "\ufeff" + as_csv(lines),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def figure_of(month: str) -> str:
    """The name of what is kept of a month."""
    return f"pay {month}"


def by_month(months: Iterable[PersonMonth]) -> list[tuple[str, str, list[PersonMonth]]]:
    """Month, currency and people; a project that changed its currency has a month in each."""
    ordered = sorted(months, key=lambda each: (each.month, each.currency), reverse=True)
    return [
        (month, currency, sorted(people, key=lambda each: each.handle))
        for (month, currency), people in groupby(ordered, key=lambda each: (each.month, each.currency))
    ]
