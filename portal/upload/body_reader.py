"""The body reader: the body of one request, read a little ahead of the disk, with an end to every wait."""

import asyncio
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Self

from starlette.types import Receive

_READY_SECONDS = 0.05
"""Bytes that lie ready come within this."""
_LAST_SECONDS = 0.5
"""However fast they come, a request that is asked to go stops after this."""


class End(StrEnum):
    """Why no more bytes come."""

    WHOLE = "whole"
    CUT = "cut"
    """The connection broke."""
    IDLE = "idle"
    """Nothing came for too long."""
    ASKED = "asked"
    """Another request of the same sender wants its turn."""
    OVERLONG = "overlong"
    """More came than there is room for."""


class BodyReader:
    """Reads in a task of its own, so that bytes are taken from the network while others go to the disk.

    In memory: a portion being read and one being written.
    """

    def __init__(
        self, receive: Receive, *, most: int, portion_bytes: int, portion_seconds: float, idle_seconds: float
    ) -> None:
        """most: bytes that there is room for"""
        self._receive = receive
        self._most = most
        self._portion_bytes = portion_bytes
        self._portion_seconds = portion_seconds
        self._idle_seconds = idle_seconds
        self._buffer = bytearray()
        self._came = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._task: asyncio.Task[None] | None = None
        self._end: End | None = None
        self._asked_at: float | None = None
        self._waiting: asyncio.Timeout | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    @property
    def end(self) -> End | None:
        return self._end

    def stop(self) -> None:
        """Read what has come already, and no more; it is still handed out."""
        loop = asyncio.get_running_loop()
        if self._asked_at is None:
            self._asked_at = loop.time()
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(loop.time() + _READY_SECONDS)

    async def portions(self) -> AsyncIterator[bytes]:
        """What came, in portions worth a flush of the disk, until the end."""
        while True:
            await self._gather()
            ended = self._is_over()
            if self._end is End.OVERLONG:
                return
            portion = self.rest()
            if portion:
                yield portion
            if ended:
                return

    def rest(self) -> bytes:
        """What came and was not handed out."""
        portion, self._buffer = bytes(self._buffer), bytearray()
        self._room.set()
        return portion

    async def _gather(self) -> None:
        """Wait for a portion: large enough, old enough, or the last."""
        while not self._is_over():
            try:
                async with asyncio.timeout(self._portion_seconds):
                    while not self._is_over() and (
                        len(self._buffer) < self._portion_bytes or self._is_full()
                    ):
                        self._news.clear()
                        await self._news.wait()
            except TimeoutError:
                pass
            if self._buffer and not self._is_full():
                return

    def _is_over(self) -> bool:
        return self._end is not None

    def _is_full(self) -> bool:
        """Whether one byte more would be too many: the last portion waits until it is sure that none comes."""
        return self._came == self._most

    async def _read(self) -> None:
        try:
            self._end = await self._read_to_end()
        finally:
            self._end = self._end or End.CUT
            self._news.set()

    async def _read_to_end(self) -> End:
        while True:
            await self._room.wait()
            try:
                async with asyncio.timeout(self._patience()) as self._waiting:
                    message = await self._receive()
            except TimeoutError:
                return End.ASKED if self._asked_at is not None else End.IDLE
            finally:
                self._waiting = None
            if message["type"] == "http.disconnect":
                return End.CUT
            piece = message.get("body", b"")
            self._came += len(piece)
            if self._came > self._most:
                return End.OVERLONG
            self._buffer += piece
            if len(self._buffer) >= self._portion_bytes and not self._is_full():
                self._room.clear()
            self._news.set()
            if not message.get("more_body", False):
                return End.WHOLE

    def _patience(self) -> float:
        """Seconds to wait for the next bytes. Who is asked to go takes what lies ready, and no more."""
        if self._asked_at is None:
            return self._idle_seconds
        left = self._asked_at + _LAST_SECONDS - asyncio.get_running_loop().time()
        return max(0.0, min(_READY_SECONDS, left))
