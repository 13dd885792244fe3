"""What a person, or a program, is told when a request can't be answered."""

from collections.abc import Sequence
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from catalog.database import CatalogUnavailable
from catalog.store import StoreError
from portal.access.api_tokens import NoToken
from portal.access.guard import Forged, NotSignedIn, NotYours
from portal.http import pages
from portal.http.pages import _
from transcription.context import NotAllowed
from transcription.slots.lease import LeaseLost

SIGN_IN = "/sign-in"


def install(app: FastAPI) -> None:
    """Every exception that may leave a route, with its answer: a page for people, JSON for programs."""

    @app.exception_handler(NotSignedIn)
    async def not_signed_in(request: Request, error: Exception) -> Response:
        if _wants_page(request) and request.method == "GET":
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"{SIGN_IN}?back={quote(back)}", status_code=303)
        return _told(
            request, 401, "not_signed_in", _("You are not signed in any more. Sign in, then try again.")
        )

    @app.exception_handler(NoToken)
    async def no_token(request: Request, error: Exception) -> Response:
        told = _(
            "This address is for programs with a token that still holds. Make one on your page of tokens."
        )
        return _told(request, 401, "no_token", told, {"WWW-Authenticate": 'Bearer realm="boli"'})

    @app.exception_handler(NotYours)
    async def not_yours(request: Request, error: Exception) -> Response:
        return _told(request, 403, "not_yours", _("This page is for people with another task here."))

    @app.exception_handler(Forged)
    async def forged(request: Request, error: Exception) -> Response:
        return _told(
            request, 403, "forged", _("This page is too old to send anything. Load it again, then repeat.")
        )

    @app.exception_handler(LeaseLost)
    async def lease_lost(request: Request, error: Exception) -> Response:
        return _told(request, 409, "lease_lost", str(error))

    @app.exception_handler(NotAllowed)
    async def not_allowed(request: Request, error: Exception) -> Response:
        return _told(request, 403, "not_allowed", str(error))

    @app.exception_handler(HTTPException)
    async def as_told(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            return _told(request, 405, "refused", str(error.detail), {"Allow": _allowed(request)})
        told = _("There is nothing at this address.") if error.status_code == 404 else str(error.detail)
        return _told(request, error.status_code, "refused", told, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()
        )
        return _told(request, 422, "not_valid", faults)

    @app.exception_handler(CatalogUnavailable)
    @app.exception_handler(StoreError)
    async def away(request: Request, error: Exception) -> Response:
        told = _("Something that this page needs can't be reached. Nothing is lost; try again in a minute.")
        return _told(request, 503, "unavailable", told, {"Retry-After": "30"})


def _told(
    request: Request, status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> Response:
    """message: English; translated here where it is one of ours"""
    message = pages.interface_language_of(request).gettext(message)
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
