"""Failure responses: what a person, or a program, reads when a request can't be answered."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from catalog.config.sentence import Sentence, sentence_of, translated
from catalog.database import CatalogUnavailable
from catalog.store import StoreError
from portal.access.api_tokens import NoToken
from portal.access.guard import Forged, NotSignedIn, NotYours
from portal.http import pages
from portal.http.pages import _
from transcription.context import NotAllowed
from transcription.slots.lease import LeaseLost

SIGN_IN = "/sign-in"
NOT_VALID = _(
    "Something of this page is missing, too long or not as it should be. Go back and look at it again."
)


def install(app: FastAPI) -> None:
    """Every exception that may leave a route, with its answer: a page for people, JSON for programs."""
    for error, handler in _HANDLERS.items():
        app.add_exception_handler(error, handler)


async def _not_signed_in(request: Request, error: Exception) -> Response:
    if _wants_page(request) and request.method == "GET":
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{SIGN_IN}?back={quote(back)}", status_code=303)
    return _failure(
        request, 401, "not_signed_in", _("You are not signed in any more. Sign in, then try again.")
    )


async def _no_token(request: Request, error: Exception) -> Response:
    message = _(
        "This address is for programs with a token that still holds. Make one on your page of tokens."
    )
    return _failure(request, 401, "no_token", message, {"WWW-Authenticate": 'Bearer realm="boli"'})


async def _not_yours(request: Request, error: Exception) -> Response:
    return _failure(request, 403, "not_yours", _("This page is for people with another task here."))


async def _forged(request: Request, error: Exception) -> Response:
    return _failure(
        request, 403, "forged", _("This page is too old to send anything. Load it again, then repeat.")
    )


async def _lease_lost(request: Request, error: Exception) -> Response:
    return _failure(request, 409, "lease_lost", sentence_of(error))


async def _not_allowed(request: Request, error: Exception) -> Response:
    return _failure(request, 403, "not_allowed", sentence_of(error))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return _failure(request, 405, "refused", str(error.detail), {"Allow": _allowed(request)})
    message = _("There is nothing at this address.") if error.status_code == 404 else error.detail
    return _failure(request, error.status_code, "refused", message, dict(error.headers or {}))


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = "; ".join(
        f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()
    )
    return _failure(request, 422, "not_valid", NOT_VALID if _wants_page(request) else faults)


async def _unavailable(request: Request, error: Exception) -> Response:
    message = _("Something that this page needs can't be reached. Nothing is lost; try again in a minute.")
    return _failure(request, 503, "unavailable", message, {"Retry-After": "30"})


_HANDLERS: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    NotSignedIn: _not_signed_in,
    NoToken: _no_token,
    NotYours: _not_yours,
    Forged: _forged,
    LeaseLost: _lease_lost,
    NotAllowed: _not_allowed,
    HTTPException: _http_error,
    RequestValidationError: _not_valid,
    CatalogUnavailable: _unavailable,
    StoreError: _unavailable,
}


def _failure(
    request: Request, status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> Response:
    """message: English, or a Sentence; translated here where it is one of ours"""
    say = pages.interface_language_of(request).gettext
    message = translated(message, say) if isinstance(message, Sentence) else say(message)
    if not _wants_page(request):
        return JSONResponse(
            {"error": {"code": code, "message": message}}, status_code=status, headers=headers
        )
    page = pages.render(request, "failure.html.j2", status=status, message=message, code=status)
    page.headers.update(headers or {})
    return page


def _allowed(request: Request) -> str:
    """Every method that the address takes (RFC 9110, 10.2.1); a route knows only its own."""
    routes: Sequence[BaseRoute] = request.app.routes
    fit = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return ", ".join(sorted({method for route in fit for method in getattr(route, "methods", None) or ()}))


def _wants_page(request: Request) -> bool:
    of_programs = request.url.path.startswith("/api/")  # their errors have one form, whoever looks at them
    return not of_programs and "text/html" in request.headers.get("Accept", "")
