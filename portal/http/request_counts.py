"""Requests counted by how they ended, for the metrics: of this process, and of those that serve beside it."""

import mmap
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_BYTES = 8 * (len(CLASSES) + 1)
"""A count of each class and the seconds, as doubles."""


@dataclass(frozen=True, slots=True)
class RequestTotals:
    """Since the portal began. ended: by class of status; seconds: spent on all of them together"""

    ended: dict[str, int]
    seconds: float


class RequestCounts:
    """What this process counts, where the others may read it.

    folder: in which each process of a portal keeps its counts in a file; one that ended left its own there, so that
    the totals only grow. None: this process is the only one.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._numbers = memoryview(_own_memory(folder)).cast("d")

    def add(self, status: int, seconds: float) -> None:
        self._numbers[status // 100 - 1] += 1
        self._numbers[len(CLASSES)] += seconds

    def totals(self) -> RequestTotals:
        """Of every process."""
        *ended, seconds = (sum(column) for column in zip(*self._all(), strict=True))
        counts = {name: int(count) for name, count in zip(CLASSES, ended, strict=True) if count}
        return RequestTotals(counts, seconds)

    def _all(self) -> Iterator[Sequence[float]]:
        if self._folder is None:
            yield self._numbers
            return
        for file in sorted(self._folder.iterdir()):
            yield memoryview(file.read_bytes()).cast("d")


def _own_memory(folder: Path | None) -> mmap.mmap:
    if folder is None:
        return mmap.mmap(-1, _BYTES)
    with (folder / f"{os.getpid()}-{time.time_ns()}").open("x+b") as file:
        file.truncate(_BYTES)
        return mmap.mmap(file.fileno(), _BYTES)


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
            self._counts.add(status, time.monotonic() - began)
