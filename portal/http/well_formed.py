"""Requests that no browser sends, refused before anybody guesses what they mean."""

import re

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_HOST = r"(?:[a-z0-9._~-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
HOST = re.compile(_HOST, re.IGNORECASE)
ORIGIN = re.compile(rf"null|[a-z][a-z0-9+.-]*://{_HOST}", re.IGNORECASE)
"""RFC 6454, 7.1: one origin is named, as a scheme, a host and, where it is not the usual one, a port."""


class WellFormed:
    """Answers 400 to a body whose end two headers tell differently, and to an origin or a host that is none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = _fault_of(Headers(scope=scope)) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        refusal = JSONResponse(
            {"error": {"code": "malformed", "message": fault}},
            status_code=400,
            headers={"Connection": "close"},  # who knows what of the rest is a body
        )
        await refusal(scope, receive, send)


def _fault_of(headers: Headers) -> str | None:
    """
    >>> _fault_of(Headers({"Origin": "http://["}))
    'Origin is a scheme and a host, as https://boli.example.org, once.'
    >>> _fault_of(Headers({"Origin": "https://boli.example.org:8443"}))
    """
    if "content-length" in headers and "transfer-encoding" in headers:
        # RFC 9112, 6.1: a proxy and a server that believe different ones see different requests
        return "A request has Content-Length or Transfer-Encoding, never both."
    origins = headers.getlist("origin")
    if len(origins) > 1 or any(not ORIGIN.fullmatch(origin) for origin in origins):
        return "Origin is a scheme and a host, as https://boli.example.org, once."
    if any(not HOST.fullmatch(host) for host in headers.getlist("host")):
        return "Host is the name or address that the portal was asked under."
    return None
