"""What stands before every page: who is asking, may they, and did they mean to."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

from anyio import to_thread
from fastapi import Depends, Request

from catalog.database import CatalogUnavailable
from catalog.states import Role
from portal.access import session as sessions
from portal.access.audit_log import note_refusal
from portal.access.session import Signed
from portal.context import PortalContext, context_of

SEEN_PATIENCE = 1.0
"""Seconds."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_HEADER = "X-Boli-Token"  # noqa: S105  (a name, not a secret)
TOKEN_FIELD = "token"  # noqa: S105


log = logging.getLogger("boli.access")


class NotSignedIn(Exception):
    """Nobody is signed in here, or no longer."""


class NotYours(Exception):
    """A page for somebody with another role."""


class Forged(Exception):
    """A request that changes something and did not come from a page of ours."""


def session_cookie(context: PortalContext) -> str:
    # The prefix makes browsers refuse the cookie from anybody but this very host, over TLS.
    return "__Host-boli" if context.secure else "boli"


async def signed_in(request: Request) -> Signed:
    """Who is signed in. Raises NotSignedIn, and Forged for a change that no page of ours asked for."""
    return await _signed_in(request, _token_of_header_or_form)


async def signed_in_by_headers(request: Request) -> Signed:
    """As signed_in, without a look at the body: for uploads, which are no forms."""
    return await _signed_in(request, _token_of_header)


async def _signed_in(request: Request, token_of: Callable[[Request], Awaitable[str | None]]) -> Signed:
    context = context_of(request)
    signed = await to_thread.run_sync(_find, context, request.cookies.get(session_cookie(context), ""))
    if signed is None:
        raise NotSignedIn
    signed = replace(signed, token=context.signature("form", signed.session_id))
    if request.method not in SAFE_METHODS:
        try:
            refuse_from_elsewhere(request)
            given = await token_of(request)
            if given is None or not context.is_signed(given, "form", signed.session_id):
                raise Forged
        except Forged:
            await to_thread.run_sync(_note, request, signed, "form.refused")
            raise
    request.state.signed = signed
    return signed


async def signed_in_or_nobody(request: Request) -> Signed | None:
    """Who is signed in, for a page that is open to all."""
    try:
        return await signed_in(request)
    except NotSignedIn:
        return None


def holding(*roles: Role) -> Callable[..., Awaitable[Signed]]:
    """A guard for those who hold one of these roles in the project that they look at. Raises NotYours for others."""
    return _guard(lambda signed: signed.has(*roles))


def holding_somewhere(*roles: Role) -> Callable[..., Awaitable[Signed]]:
    """A guard for those who hold one of these roles in any project: the route looks whose the thing is.

    For what a device sends of a clip after its person turned to another project, and for what shows several projects.
    """
    return _guard(lambda signed: bool(signed.projects_with(*roles)))


def _guard(may: Callable[[Signed], bool]) -> Callable[..., Awaitable[Signed]]:
    async def guard(request: Request, signed: Annotated[Signed, Depends(signed_in)]) -> Signed:
        if not may(signed):
            await to_thread.run_sync(_note, request, signed, "access.refused")
            raise NotYours
        return signed

    return guard


Owner = Annotated[Signed, Depends(_guard(lambda signed: signed.owner))]
"""What a route of the installation's owners declares as its signed-in person."""
ManagerOrOwner = Annotated[Signed, Depends(_guard(lambda signed: signed.owner or signed.has(Role.MANAGER)))]
Manager = Annotated[Signed, Depends(holding(Role.MANAGER))]
"""What a route of the manager's declares as its signed-in person."""


def refuse_from_elsewhere(request: Request) -> None:
    """Raises Forged where the browser says that another site's page sent this."""
    context, origin = context_of(request), request.headers.get("Origin")
    # Our pages say to nobody where a reader comes from (Referrer-Policy), so a browser writes "null" on their forms.
    if origin not in (None, "null") and urlsplit(origin).netloc not in (
        urlsplit(context.address).netloc,
        request.headers.get("Host", ""),
    ):
        raise Forged
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forged


async def _token_of_header(request: Request) -> str | None:
    return request.headers.get(TOKEN_HEADER)


async def _token_of_header_or_form(request: Request) -> str | None:
    given = request.headers.get(TOKEN_HEADER)
    if given is None and _is_form(request):
        # The size of every body but an upload's is bounded before it comes here.
        field = (await request.form()).get(TOKEN_FIELD)
        given = field if isinstance(field, str) else None
    return given


def _is_form(request: Request) -> bool:
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind in ("application/x-www-form-urlencoded", "multipart/form-data")


def _note(request: Request, signed: Signed, action: str) -> None:
    context = context_of(request)
    # The route's own pattern: what stands in a path came from outside.
    route = f"{request.method} {getattr(request.scope.get('route'), 'path', '?')}"
    with context.catalog.writing() as session:
        note_refusal(session, actor=signed.person_id, action=action, route=route, now=context.clock())


def _find(context: PortalContext, secret: str) -> Signed | None:
    if not secret:
        return None
    now = context.clock()
    with context.catalog.reading() as session:
        signed = sessions.look_up(session, secret, now=now)
    if signed is not None and sessions.is_due_to_be_noted(signed, now=now):
        _note_seen(context, signed.session_id)
    return signed.among(context.projects) if signed is not None else None


def _note_seen(context: PortalContext, session_id: str) -> None:
    """No page waits for this, or fails for it: the next request notes it as well."""
    try:
        with context.catalog.writing(patience=SEEN_PATIENCE) as session:
            sessions.note_seen(session, session_id, now=context.clock())
    except (CatalogUnavailable, OSError) as error:
        log.warning("it could not be noted that a session is in use: %s", error)
