"""The language of the interface: picked once, kept in a cookie."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse

from portal.context import context_of
from portal.i18n.translation import COOKIE, LANGUAGES

YEAR_SECONDS = 365 * 86400

router = APIRouter(include_in_schema=False)


@router.post("/language")
async def choose_language(
    request: Request, language: Annotated[str, Form()], back: Annotated[str, Form()] = "/"
) -> RedirectResponse:
    """Remember it on this device, and go back to the page. Before sign-in too, so it asks for no session."""
    if language not in LANGUAGES:
        raise HTTPException(404)
    answer = RedirectResponse(local_path(back), status_code=303)
    answer.set_cookie(
        COOKIE,
        language,
        max_age=YEAR_SECONDS,
        samesite="lax",
        secure=context_of(request).secure,
        httponly=True,
    )
    return answer


def local_path(address: str) -> str:
    """The address, if it is a page of this portal; else the start page. Raises HTTPException: 400 for no address.

    >>> local_path("/write?x=1"), local_path("//elsewhere.example"), local_path("https://elsewhere.example/")
    ('/write?x=1', '/', '/')
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        raise HTTPException(400, "`back` is a page of this portal, such as /write.") from None
    safe = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if safe and address.isprintable() else "/"
