"""Requests counted by how they ended, for the metrics of this process."""

import time
from collections import Counter
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(slots=True)
class RequestCounts:
    """Since the process began. ended: by class of status, such as 2xx; seconds: spent on all of them together"""

    ended: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


class CountRequests:
    """Counts each request; one that nothing answered counts as 5xx."""

    def __init__(self, app: ASGIApp, *, counts: RequestCounts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 500, time.monotonic()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            self._counts.ended[f"{status // 100}xx"] += 1
            self._counts.seconds += time.monotonic() - began
