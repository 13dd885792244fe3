"""Run one program, and end all it started when it ends, when asked to, or when whoever asked for it is gone.

    python -m boli.serve.supervisor PARENT GRACE PROGRAM [ARGUMENT...]

PARENT: id of the process that asks; after its end, by kill -9 too, everything here ends
GRACE:  seconds between the polite signal and the last one

A program ended by its parent's death alone would leave its own children behind: Prefect's runner starts a process for
every flow run. On Linux this process adopts such orphans; elsewhere it reaches those of the program's process group.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
_LOOK_SECONDS = 0.2


def command(program: Sequence[str], *, grace: float) -> list[str]:
    """The command line that runs `program` under guard for this process."""
    return [sys.executable, "-m", "boli.serve.supervisor", str(os.getpid()), str(grace), *program]


def run(program: Sequence[str], *, parent: int, grace: float) -> int:
    """Run it to its end. Returns its exit status, or 128 + the signal that ended it."""
    asked: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, note)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    child = _start(program)
    deadline: float | None = None
    while (status := _reap(child)) is None:
        if deadline is None and (asked or os.getppid() != parent):
            _send(child, signal.SIGTERM)
            deadline = time.monotonic() + grace
        if deadline is not None and time.monotonic() > deadline:
            break
        time.sleep(_LOOK_SECONDS if deadline is None else 0.02)
    _end_the_rest(child, deadline or time.monotonic() + grace)
    return 128 + signal.SIGKILL if status is None else status


def _start(program: Sequence[str]) -> int:
    guard = os.getpid()
    child = os.fork()  # this process has one thread
    if child:
        return child
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.setpgid(0, 0)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == guard:
            os.execvp(program[0], list(program))  # noqa: S606 (without a shell is how we start programs)
    except OSError as error:
        print(f"{program[0]} can't be started: {error.strerror}", file=sys.stderr)
    os._exit(127)


def _reap(child: int) -> int | None:
    """Take leave of every child that has ended, adopted ones too. Returns the exit status of `child` once it has."""
    status: int | None = None
    with suppress(ChildProcessError):
        while True:
            pid, wait_status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid == child:
                code = os.waitstatus_to_exitcode(wait_status)
                status = code if code >= 0 else 128 - code
    return status


def _end_the_rest(child: int, deadline: float) -> None:
    """What the program left behind: a polite signal (a flow run then tells its server that it ended), then the last."""
    for pid in descendants(os.getpid()):
        _send(pid, signal.SIGTERM)
    while descendants(os.getpid()):
        if time.monotonic() > deadline:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)
            for pid in descendants(os.getpid()):  # again and again: it may be starting others meanwhile
                _send(pid, signal.SIGKILL)
        time.sleep(0.02)
        _reap(child)


def descendants(pid: int) -> frozenset[int]:
    """Ids of the processes that `pid` and its children started and that still run. Linux only; else none."""
    found: set[int] = set()
    unvisited = [pid]
    while unvisited:
        current = unvisited.pop()
        children = _children(current) - found
        found |= children
        unvisited += children
    return frozenset(found)


def _children(pid: int) -> set[int]:
    """Of every thread of `pid`; a process and a thread may end between any two looks at them."""
    children: set[int] = set()
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                children |= {int(word) for word in (thread / "children").read_text().split()}
    return children


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(run(sys.argv[3:], parent=int(sys.argv[1]), grace=float(sys.argv[2])))
