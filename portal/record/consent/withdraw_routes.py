"""Open to all: whoever holds the paper takes the consent back."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from catalog.tables import Speaker
from portal.context import context_of
from portal.http.pages import render
from portal.record.consent import withdrawal

router = APIRouter(include_in_schema=False)
RECEIPT = "receipt"
"""Who took it back, where the code itself spoke."""


@router.get("/withdraw")
def page(request: Request) -> Response:
    """Where the code is typed; nothing personal, whoever asks."""
    return _page(request)


@router.post("/withdraw")
def withdraw(
    request: Request,
    code: Annotated[str, Form(max_length=60)] = "",
    sure: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """First with the code: asks once more. Then with `sure`: obeys, and tells how far it reached."""
    context = context_of(request)
    now = context.clock()
    with context.catalog.writing() as session:
        found = withdrawal.speaker_of_code(session, code, place=place_of(request), now=now)
        if not isinstance(found, str):
            return code_page(request, wait=found or 0)
        if not withdrawal.stands(session, found):
            return _page(request, step="none", held=withdrawal.hold_on(session, found, now=now))
        if sure != "yes":
            pseudonym = session.get_one(Speaker, found).pseudonym
            return _page(request, step="ask", code=code, pseudonym=pseudonym)
    reached = withdrawal.take_back(context.catalog, found, by=RECEIPT, now=now)
    with context.catalog.reading() as session:
        held = withdrawal.hold_on(session, found, now=now)
    return _page(request, step="done", reached=reached, held=held)


def place_of(request: Request) -> str:
    """Where wrong codes are counted: a keyed digest of the network address, so that none is kept."""
    return context_of(request).signature("withdraw from", request.client.host if request.client else "")[:24]


def code_page(request: Request, *, wait: int) -> Response:
    """The code is wrong; or there were so many that the next one waits. wait: seconds"""
    return _page(request, step="wait" if wait else "wrong", wait=wait, status=429 if wait else 404)


def _page(request: Request, *, step: str = "code", status: int = 200, **values: object) -> Response:
    given: dict[str, object] = {
        "code": "",
        "pseudonym": "",
        "reached": None,
        "held": None,
        "wait": 0,
        **values,
    }
    return render(request, "record/withdraw.html.j2", status=status, step=step, **given)
