"""The balance: whether every received file is accounted for, by the end that it came to."""

from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.responses import Response

from catalog import reasons
from catalog.reconciliation.balance import Balance, BalanceLine, balance_of
from portal.access.guard import Manager
from portal.context import context_of
from portal.figures import FigureQuery, figure
from portal.http.pages import _, render

router = APIRouter(include_in_schema=False)

ENDS = {
    "cut": _("taken in"),
    "accepted": _("Accepted"),
    "published": _("published"),
    "pending": _("Waiting"),
    "rejected": _("refused"),
    "failed": _("failed"),
    "withdrawn": _("Taken back by the speaker"),
}
"""By the end that the balance names."""
LISTS = {
    ("uploads", "cut"): "files?state=ingested",
    ("uploads", "pending"): "files?state=received",
    ("uploads", "rejected"): "files?state=rejected",
    ("uploads", "failed"): "files?state=failed",
    ("uploads", "withdrawn"): "files?state=withdrawn",
    ("clips", "accepted"): "clips?state=accepted",
    ("clips", "published"): "clips?state=accepted",
    ("clips", "pending"): "clips?state=waiting",
    ("clips", "rejected"): "clips?state=rejected",
    ("clips", "withdrawn"): "clips?state=withdrawn",
}
"""The list that holds what came to an end."""


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
        ends=ENDS,
        list_of=_list_of,
    )


def _list_of(noun: str, line: BalanceLine) -> str | None:
    path = LISTS.get((noun, line.end))
    if path is None:
        return None
    return f"/manage/lists/{path}" + (f"&reason={line.reason}" if line.reason else "")
