"""No request brings more bytes than its kind may: refused before anybody reads them."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 2 * 2**20
MOST_FROM_STRANGERS = 16 * 2**10
OPEN_TO_STRANGERS = ("/sign-in", "/invite", "/language")
"""Forms that anybody may send, with a name and a PIN in them: 2 MB of fields would cost a second to read."""
UPLOADS = "/uploads"


class BodyTooLarge(Exception):
    """More bytes came than the header said, and more than are taken."""


class BoundedBody:
    """Bounds every body but those of `/uploads`, which has bounds of its own and reads its body bit by bit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or path == UPLOADS or path.startswith(UPLOADS + "/"):
            await self._app(scope, receive, send)
            return
        stranger = any(path == each or path.startswith(each + "/") for each in OPEN_TO_STRANGERS)
        most = MOST_FROM_STRANGERS if stranger else MOST_BYTES
        content_length = dict(scope["headers"]).get(b"content-length", b"0")
        if not content_length.isdigit() or int(content_length) > most:
            await self._refuse(scope, receive, send, most)
            return
        came = 0
        begun = False

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise BodyTooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except BodyTooLarge:
            if begun:
                raise
            await self._refuse(scope, receive, send, most)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        answer = PlainTextResponse(f"A request brings at most {most // 2**10} kB here.", status_code=413)
        await answer(scope, receive, send)
