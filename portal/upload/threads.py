"""Work on disk and database off the event loop, in few threads of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Value = TypeVar("Value")

AT_ONCE = 8  # below the number of connections that a catalogue keeps


class Threads:
    """So many uploads at work never take the threads or connections that pages need."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="upload")

    async def run(self, work: Callable[[], Value]) -> Value:
        """Do `work` to its end, also where the request is cancelled meanwhile: a file is never left to two writers."""
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            if not future.cancelled():
                await asyncio.wait([future])
            raise

    def close(self) -> None:
        self._pool.shutdown(wait=True)
