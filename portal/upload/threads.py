"""Work on disk and database off the event loop, in few threads of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

Value = TypeVar("Value")

AT_ONCE = 8  # below the number of connections that a catalogue keeps


class Threads:
    """So many uploads at work never take the threads or connections that pages need."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="upload")

    async def run(self, work: Callable[[], Value]) -> Value:
        """Do `work` to its end, also where the request is cancelled meanwhile: a file is never left to two writers."""
        doing = self._pool.submit(work)
        try:
            return await asyncio.shield(asyncio.wrap_future(doing))
        except asyncio.CancelledError:
            # The server is being stopped, and cancels whoever waits once more. So this waits without the loop.
            wait([doing])
            raise
