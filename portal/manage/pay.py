"""Pay: what is owed by month and person, as a page and as a spreadsheet."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from portal.access.guard import Manager
from portal.context import context_of
from portal.http.pages import render
from portal.i18n.formats import ZONE
from transcription.pay import Owed, as_csv, entries

router = APIRouter(include_in_schema=False)


@dataclass(slots=True)
class PersonMonth:
    """What one person is owed of a month. minutes: of accepted sound, where that is what is paid; words likewise"""

    handle: str
    pieces: int = 0
    minutes: float = 0.0
    words: float = 0.0
    millis: int = 0


@dataclass(slots=True)
class Month:
    """name: year and month of India's calendar, 2026-11; currency: as ISO 4217 has it"""

    name: str
    currency: str
    people: dict[str, PersonMonth] = field(default_factory=dict)

    @property
    def millis(self) -> int:
        return sum(each.millis for each in self.people.values())


@router.get("/manage/ledger")
def owed(request: Request, signed: Manager) -> Response:
    """What people are owed, by month."""
    context = context_of(request)
    with context.catalog.reading() as session:
        months = months_of(entries(session, signed.project))
    return render(request, "manage/ledger.html.j2", months=months)


@router.get("/manage/ledger.csv")
def owed_as_csv(
    request: Request, signed: Manager, month: Annotated[str, Query(pattern=r"^[0-9]{4}-[0-9]{2}$|^$")] = ""
) -> Response:
    """The ledger for a spreadsheet, whole or of one month (of India's calendar)."""
    context = context_of(request)
    with context.catalog.reading() as session:
        lines = entries(session, signed.project)
    chosen = [line for line in lines if not month or line.at.astimezone(ZONE).strftime("%Y-%m") == month]
    name = f"ledger-{signed.project}-{month or 'all'}.csv"
    return Response(
        "\ufeff" + as_csv(chosen),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def months_of(owed: Iterable[Owed]) -> list[Month]:
    """Newest month first; a project that changed its currency has a month in each."""
    months: dict[tuple[str, str], Month] = {}
    for line in owed:
        name = line.at.astimezone(ZONE).strftime("%Y-%m")
        month = months.setdefault((name, line.currency), Month(name, line.currency))
        person = month.people.setdefault(line.handle, PersonMonth(line.handle))
        person.pieces += 1
        person.millis += line.amount_millis
        if line.unit == "word":
            person.words += line.quantity
        else:
            person.minutes += line.quantity
    for month in months.values():
        month.people = dict(sorted(month.people.items()))
    return [months[key] for key in sorted(months, reverse=True)]
