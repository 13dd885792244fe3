"""The balance: whether every received file is accounted for, by the end that it came to."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from catalog import reasons
from catalog.reconciliation.balance import balance_of
from portal.access.guard import Manager
from portal.context import context_of
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


@router.get("/manage/books")
def balance(request: Request, signed: Manager) -> Response:
    """Received on one side, the ends on the other. Every object is looked at, so it takes its time."""
    context = context_of(request)
    found = balance_of(context.catalog, context.store, signed.project)
    return render(request, "manage/balance.html.j2", balance=found, reason=reasons.REASONS.get, ends=ENDS)
