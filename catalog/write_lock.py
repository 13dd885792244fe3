"""The write lock: whose turn it is to write to SQLite: one at a time, in the order of asking.

SQLite lets writers try again after pauses that grow: under load whoever has waited longest asks the least often, and
the newcomer wins. So Boli's writers stand in line for a lock of the system's (flock) on a file beside the database. It
belongs to an open file, not to a process, and ends with its holder. The threads of one process stand in a line of their
own, and only the first of them asks the system.
"""

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


class TurnNeverCame(Exception):
    """Another writer kept the database for longer than was waited."""


class ThreadLine:
    """Threads that wait for one thing, which each of them has alone, in the order of asking."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def enter(self, seconds: float) -> bool:
        """Whether it came within that time; then `leave` passes it on."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=seconds):
            return True
        with self._guard:
            if turn not in self._waiting:
                return True  # it came at that very moment
            self._waiting.remove(turn)
            return False

    def leave(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


@dataclass(frozen=True, slots=True)
class WriteTurn:
    """The line before one database. file: beside it; holds nothing, and may be deleted while nobody writes"""

    file: Path
    seconds: float
    _threads: ThreadLine = field(default_factory=ThreadLine, repr=False, compare=False)

    @contextmanager
    def taken(self, seconds: float | None = None) -> Iterator[None]:
        """Wait for the turn, and keep it for the block. raises: TurnNeverCame, OSError

        seconds: to wait, where not as long as usual
        """
        allowed = self.seconds if seconds is None else seconds
        until = time.monotonic() + allowed
        if not self._threads.enter(allowed):
            raise _too_long(allowed)
        try:
            with _locked(self.file, max(0.0, until - time.monotonic())):
                yield
        finally:
            self._threads.leave()


@contextmanager
def _locked(file: Path, seconds: float) -> Iterator[None]:
    """The file's lock, which other processes wait for."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    _wait(descriptor, seconds)
    try:
        yield
    finally:
        # Unlocked, not only closed: a child process that was forked meanwhile has the file open as well.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _too_long(seconds: float) -> TurnNeverCame:
    return TurnNeverCame(f"no turn to write within {seconds:g} s")


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
        raise _too_long(seconds)
