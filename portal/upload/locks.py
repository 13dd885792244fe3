"""Locks of uploads: one request at a time on each, and the last to come is the one to stay.

A phone knows that a link is dead before the server does. Its next request makes the one before let go, keep what
came and give up its lock; who waits in vain is asked to try again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class UploadBusy(Exception):
    """The request before did not let go in time."""


class UploadLock:
    """The lock that one request holds on one upload. token: set by one that writes, to see whether it still may"""

    def __init__(self) -> None:
        self.token: int | None = None
        self.over = asyncio.Event()
        self._asked = False
        self._let_go: Callable[[], None] | None = None

    @property
    def asked(self) -> bool:
        """Whether somebody else waits."""
        return self._asked

    def ask(self) -> None:
        self._asked = True
        if self._let_go is not None:
            self._let_go()

    def when_asked(self, let_go: Callable[[], None]) -> None:
        """Called once somebody else waits, at once if so already."""
        self._let_go = let_go
        if self._asked:
            let_go()


class UploadLocks:
    """All locks of this process."""

    def __init__(self, *, patience_seconds: float) -> None:
        self._patience = patience_seconds
        self._current: dict[str, UploadLock] = {}

    @asynccontextmanager
    async def lock(self, transfer_id: str) -> AsyncIterator[UploadLock]:
        """Take the lock of an upload. Raises UploadBusy."""
        try:
            async with asyncio.timeout(self._patience):
                while (before := self._current.get(transfer_id)) is not None:
                    before.ask()
                    await before.over.wait()
        except TimeoutError:
            raise UploadBusy(transfer_id) from None
        lock = self._current[transfer_id] = UploadLock()
        try:
            yield lock
        finally:
            del self._current[transfer_id]
            lock.over.set()

    def current(self) -> dict[str, UploadLock]:
        """The locks taken now, by upload."""
        return dict(self._current)
