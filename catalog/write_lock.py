"""The write lock: whose turn it is to write to SQLite: one at a time, in the order of asking.

SQLite lets writers try again after pauses that grow: under load whoever has waited longest asks the least often, and
the newcomer wins. So Boli's writers stand in line for a lock of the system's (flock) on a file beside the database. It
belongs to an open file, not to a process: threads wait for each other like processes, and it ends with its holder.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class TurnNeverCame(Exception):
    """Another writer kept the database for longer than was waited."""


@dataclass(frozen=True, slots=True)
class WriteTurn:
    """The line before one database. file: beside it; holds nothing, and may be deleted while nobody writes"""

    file: Path
    seconds: float

    @contextmanager
    def taken(self, seconds: float | None = None) -> Iterator[None]:
        """Wait for the turn, and keep it for the block. raises: TurnNeverCame, OSError

        seconds: to wait, where not as long as usual
        """
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        _wait(descriptor, self.seconds if seconds is None else seconds)
        try:
            yield
        finally:
            # Unlocked, not only closed: a child process that was forked meanwhile has the file open as well.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)


def _wait(descriptor: int, seconds: float) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    else:
        return
    # The system's waiting can't be given an end, so another thread waits, and whoever comes second closes the file.
    came, gone, guard = threading.Event(), threading.Event(), threading.Lock()

    def ask() -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with guard:
            came.set()
            if gone.is_set():
                os.close(descriptor)

    threading.Thread(target=ask, name="write turn", daemon=True).start()
    taken = False
    try:
        taken = came.wait(seconds)
    finally:
        if not taken:
            with guard:
                gone.set()
                if came.is_set():
                    os.close(descriptor)
    if not taken:
        raise TurnNeverCame(f"no turn to write within {seconds:g} s")
