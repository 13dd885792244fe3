"""Prefect's server as we start it, closed to everybody without its secret: `python -m boli.serve.prefect_server`.

Prefect's API runs what a deployment says, shell steps too, and out of the box answers anybody, any web page that is
open on this machine included. So: a secret on every call (Prefect's own PREFECT_SERVER_API_AUTH_STRING), no page of
another origin, no name of another machine that was made to point here (DNS rebinding).
"""

import sys
from collections.abc import Collection, Mapping

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

OWN_NAMES = ("127.0.0.1", "localhost")


def variables(port: int, auth_string: str) -> Mapping[str, str]:
    """Prefect's variables for a server on this machine. auth_string: user:password, which every caller must send"""
    return {
        "PREFECT_SERVER_API_HOST": OWN_NAMES[0],
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_API_AUTH_STRING": auth_string,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": ",".join(origins(port)),
    }


def origins(port: int) -> tuple[str, ...]:
    """Where the server's own pages come from.

    >>> origins(4200)
    ('http://127.0.0.1:4200', 'http://localhost:4200')
    """
    return tuple(f"http://{name}:{port}" for name in OWN_NAMES)


class OwnOriginOnly:
    """Refuses what a page of another origin sends, before anything reads it: 401 without a CORS header."""

    def __init__(self, app: ASGIApp, *, allowed: Collection[str]) -> None:
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            given = Headers(scope=scope).getlist("origin")
            if not self._allowed.issuperset(given):
                refusal = JSONResponse({"exception_message": "Not from another origin."}, status_code=401)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def guarded(app: ASGIApp, port: int) -> ASGIApp:
    """The server's application behind the checks of host and origin."""
    return TrustedHostMiddleware(
        OwnOriginOnly(app, allowed=origins(port)), allowed_hosts=list(OWN_NAMES), www_redirect=False
    )


def main() -> None:
    """Serve until a signal comes. Prefect's settings come from the environment, the secret too: `ps` shows none."""
    import uvicorn
    from prefect.server.api.server import create_app
    from prefect.settings import get_current_settings

    settings = get_current_settings().server
    if settings.api.auth_string is None or not settings.api.auth_string.get_secret_value():
        sys.exit(
            "Prefect's server is not started without a secret. Set PREFECT_SERVER_API_AUTH_STRING to user:password."
        )
    uvicorn.run(
        guarded(create_app(final=True), settings.api.port),
        host=settings.api.host,
        port=settings.api.port,
        timeout_keep_alive=settings.api.keepalive_timeout,
        proxy_headers=False,  # nobody stands between
        log_level=settings.logging_level.lower(),
    )


if __name__ == "__main__":
    main()
