"""Processes that tests start: a server with an owner, its end by its own id, free ports."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

START_SECONDS = 300.0
POLL_SECONDS = 0.03


def start_process(
    command: list[str],
    folder: Path,
    *,
    owner: int,
    end_signal: str,
    user: str | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, its output in `folder`/log; it ends when its owner does, with its folder.

    end_signal: what ends it then
    """
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=user,
            start_new_session=True,  # Ctrl-C on pytest must not reach it before the tests have ended
        )
    watch = (
        'while kill -0 "$1" 2>/dev/null; do kill -0 "$2" 2>/dev/null || exit 0; sleep 1; done; '
        'kill -"$3" "$2" && sleep 1; rm -rf "$4"'
    )
    subprocess.Popen(
        ["sh", "-c", watch, "watch", str(owner), str(process.pid), end_signal, str(folder)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return process


def wait_until_ready(ready: Callable[[], bool], process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until it answers; RuntimeError with its log where it ended, or said nothing in START_SECONDS."""
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            log = (folder / "log").read_text(errors="replace")[-3000:]
            raise RuntimeError(f"the test server in {folder} did not start within {START_SECONDS} s:\n{log}")
        time.sleep(POLL_SECONDS)


def http_status(host: str, port: int, path: str) -> int | None:
    """The status of a GET; None where nobody answers."""
    link = HTTPConnection(host, port, timeout=5)
    try:
        link.request("GET", path)
        return link.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        link.close()


def stop_process(pid: int, signal_number: int = signal.SIGKILL) -> None:
    """End one process by its id and wait until it is gone; one that is gone already is fine."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal_number)
    deadline = time.monotonic() + 60
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def descendants(pid: int) -> set[int]:
    """What a process has started, and what that has, whatever sessions they made for themselves."""
    parents: dict[int, int] = {}
    for pid_now in (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()):
        with suppress(FileNotFoundError, ProcessLookupError):
            parents[pid_now] = parent_of(pid_now)
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in {pid, *found}} - found:
        found |= more
    return found


def parent_of(pid: int) -> int:
    """FileNotFoundError or ProcessLookupError: it is gone (before its file is opened, or before it is read)."""
    return int(_status(pid)[1])


def alive(pid: int) -> bool:
    """Whether a process still runs, whoever started it; one that only waits to be reaped doesn't."""
    try:
        return _status(pid)[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _status(pid: int) -> list[str]:
    """A process's state, its parent and what follows them (proc(5), from the third field on)."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
