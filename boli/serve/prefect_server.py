"""Prefect's server as we start it, closed to everybody without its secret: `python -m boli.serve.prefect_server`.

Prefect's API runs what a deployment says, shell steps too, and out of the box answers anybody, any web page that is
open on this machine included. So: a secret on every call, for pages, descriptions and probes as well (HTTP Basic, RFC
7617, which a browser asks its user for), no page of another origin, no name of another machine that was made to point
here (DNS rebinding). Streams (WebSocket) ask for the secret in their first message: PREFECT_SERVER_API_AUTH_STRING.
"""

import hmac
import sys
from base64 import b64encode
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

OWN_NAMES = ("127.0.0.1", "localhost")
CLOSED = 401
"""What a server that is up says to whoever asks without its secret, anywhere."""
_REFUSED = {"exception_message": "Unauthorized"}  # Prefect's own words, which its clients read
_CHALLENGE = {
    "www-authenticate": 'Basic realm="Prefect", charset="UTF-8"',
    # A password that Prefect's pages kept of a server before this one would go before the browser's own.
    "clear-site-data": '"storage"',
}


def variables(port: int, auth_string: str) -> Mapping[str, str]:
    """Prefect's variables for a server on this machine. auth_string: user:password, which every caller must send"""
    return {
        "PREFECT_SERVER_API_HOST": OWN_NAMES[0],
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_API_AUTH_STRING": auth_string,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": ",".join(origins(port)),
        "PREFECT_UI_API_URL": "/api",  # of the page's own origin, whichever name it was opened by
    }


def origins(port: int) -> tuple[str, ...]:
    """Where the server's own pages come from.

    >>> origins(4200)
    ('http://127.0.0.1:4200', 'http://localhost:4200')
    """
    return tuple(f"http://{name}:{port}" for name in OWN_NAMES)


def authorization(auth_string: str) -> str:
    """The header by which a caller shows the secret.

    >>> authorization("boli:sesame")
    'Basic Ym9saTpzZXNhbWU='
    """
    return f"Basic {b64encode(auth_string.encode()).decode()}"


class OwnOriginOnly:
    """Refuses what a page of another origin sends, before anything reads it: 401 without a CORS header.

    A link to a page of ours may be followed from elsewhere: who set it sees nothing of the answer. Browsers say what
    asks, and for what, in Sec-Fetch-* (W3C Fetch Metadata).
    """

    def __init__(self, app: ASGIApp, *, allowed: Collection[str]) -> None:
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            foreign = headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
            followed = headers.get("sec-fetch-dest") == "document" and scope.get("method") == "GET"
            if not self._allowed.issuperset(headers.getlist("origin")) or (foreign and not followed):
                await JSONResponse(_REFUSED, CLOSED)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class SecretOnly:
    """Answers nothing over HTTP without the secret: 401, and a browser asks its user."""

    def __init__(self, app: ASGIApp, *, auth_string: str) -> None:
        self._app = app
        self._expected = authorization(auth_string).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = Headers(scope=scope).get("authorization", "")
            if not hmac.compare_digest(given.encode(), self._expected):
                await JSONResponse(_REFUSED, CLOSED, _CHALLENGE)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class BrowserSignsIn:
    """Tells Prefect's pages that they need not ask for a password: the browser has, and sends it by itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/ui-settings":
            await self._app(scope, receive, send)
            return
        from prefect.settings import PREFECT_SERVER_API_AUTH_STRING, temporary_settings

        with temporary_settings(restore_defaults={PREFECT_SERVER_API_AUTH_STRING}):
            await self._app(scope, receive, send)


def guarded(app: ASGIApp, allowed: Collection[str], auth_string: str) -> ASGIApp:
    """The server's application behind the checks of host, origin and secret. allowed: origins of its own pages"""
    names = {urlsplit(origin).hostname or "" for origin in allowed}
    closed = SecretOnly(BrowserSignsIn(app), auth_string=auth_string)
    return TrustedHostMiddleware(
        OwnOriginOnly(closed, allowed=allowed), allowed_hosts=sorted({*OWN_NAMES, *names}), www_redirect=False
    )


def main() -> None:
    """Serve until a signal comes. Prefect's settings come from the environment, the secret too: `ps` shows none."""
    import uvicorn
    from prefect.server.api.server import create_app
    from prefect.settings import get_current_settings

    settings = get_current_settings().server
    auth_string = settings.api.auth_string.get_secret_value() if settings.api.auth_string else ""
    if not auth_string:
        sys.exit(
            "Prefect's server is not started without a secret. Set PREFECT_SERVER_API_AUTH_STRING to user:password."
        )
    named = [each.strip() for each in settings.api.cors_allowed_origins.split(",")]
    allowed = origins(settings.api.port) if named == ["*"] else named  # Prefect's own default is everybody
    uvicorn.run(
        guarded(create_app(final=True), allowed, auth_string),
        host=settings.api.host,
        port=settings.api.port,
        timeout_keep_alive=settings.api.keepalive_timeout,
        proxy_headers=False,  # nobody stands between
        log_level=settings.logging_level.lower(),
    )


if __name__ == "__main__":
    main()
