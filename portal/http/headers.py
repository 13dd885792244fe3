"""Headers that every page carries: nothing from elsewhere, no framing, no guessing of types."""

import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A coordinator records a voice, and photographs a signed form.
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(self), payment=(), usb=()",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
TLS_ONLY = "max-age=31536000"
PARTS = ("text/javascript", "text/css")
"""Of a page under /static: what rules a page is nothing to them, and would be a fifth of a first page's bytes."""
FOR_PARTS = ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")


class SafeHeaders:
    """Adds them to every response, errors too; to scripts and styles those that matter to them.

    Scripts run from our own files alone. Styles too, but for the one that the waveform carries with it: it has
    the nonce of its page.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["style_nonce"] = nonce

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_part = scope["path"].startswith("/static/") and headers.get("Content-Type", "").startswith(
                    PARTS
                )
                for name, value in HEADERS.items():
                    if not is_part or name in FOR_PARTS:
                        headers.setdefault(name, value)
                if not is_part:
                    headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce))
                if self._secure:
                    headers.setdefault("Strict-Transport-Security", TLS_ONLY)
            await send(message)

        await self._app(scope, receive, with_headers)
