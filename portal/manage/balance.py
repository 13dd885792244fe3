"""The balance: whether every received file is accounted for, by the end that it came to."""

from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.responses import Response

from catalog import reasons
from catalog.reconciliation.balance import Balance, BalanceLine, balance_of
from portal.access.guard import Manager
from portal.context import context_of
from portal.figures import FigureQuery, figure
from portal.http.pages import render
from portal.items.words import END_WORDS

router = APIRouter(include_in_schema=False)


@router.get("/manage/books")
def balance(request: Request, signed: Manager, behind: BackgroundTasks) -> Response:
    """Received on one side, the ends on the other. Every object is looked at, so it takes its time."""
    context = context_of(request)
    query = FigureQuery(
        "books", Balance, lambda *_: balance_of(context.catalog, context.store, signed.project)
    )
    counted = figure(context, signed.project, query, behind)
    return render(
        request,
        "manage/balance.html.j2",
        balance=counted.value,
        counted=counted,
        reason=reasons.REASONS.get,
        ends=END_WORDS,
        list_of=_list_of,
    )


def _list_of(noun: str, line: BalanceLine) -> str:
    """The list that holds what came to that end, and nothing else."""
    name = "files" if noun == "uploads" else noun
    return f"/manage/lists/{name}?end={line.end}" + (f"&reason={line.reason}" if line.reason else "")
