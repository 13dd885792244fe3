"""A program that works beside this one until it is asked to stop: Prefect's server, the served flows, the portal."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from boli.errors import UserError
from boli.private import UMASK
from boli.serve import supervisor

GRACE_SECONDS = 10.0
LAST_LINES = 12
_LOOK_SECONDS = 0.1


class ServiceFailed(UserError):
    """A program that should work beside this one doesn't."""


@dataclass(frozen=True, slots=True)
class Service:
    """A running program; its output is in `log`.

    process: its guard (boli.serve.supervisor), in a session of its own, so that Ctrl-C on the terminal reaches only us
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def last_lines(self, count: int = LAST_LINES) -> str:
        lines = self.log.read_text("utf-8", "replace")[-20_000:].splitlines()
        return "\n".join(lines[-count:])

    def failure(self) -> ServiceFailed:
        """What to say of it once it has ended by itself."""
        code = self.process.poll()
        return ServiceFailed(
            f"{self.name} ended by itself with status {code}. The end of {self.log}:\n{self.last_lines()}"
        )

    def stop(self) -> None:
        """End it and all it started: politely, and after GRACE_SECONDS by force."""
        self.ask_to_stop()
        try:
            self.process.wait(GRACE_SECONDS + 10)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def ask_to_stop(self) -> None:
        if not self.ended:
            self.process.send_signal(signal.SIGTERM)


def start_service(name: str, program: Sequence[str], *, environment: Mapping[str, str], log: Path) -> Service:
    """Start `program`. Its output goes to `log`, that of the time before to `log` with .1 at the end.

    What it writes, and its log, is for its own user alone.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
    with open(log, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        process = subprocess.Popen(
            supervisor.command(program, grace=GRACE_SECONDS),
            env={**environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=UMASK,
        )
    return Service(name, process, log)


def wait_until(
    ready: Callable[[], bool],
    service: Service,
    *,
    seconds: float,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Wait for a service to be ready, or for `stopped`. Raises ServiceFailed where it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not stopped() and not ready():
        if service.ended:
            raise service.failure()
        if time.monotonic() > deadline:
            raise ServiceFailed(
                f"{service.name} was not ready after {seconds:.0f} s. The end of {service.log}:\n"
                f"{service.last_lines()}"
            )
        time.sleep(_LOOK_SECONDS)


def answers(url: str, *, statuses: Sequence[int] = (200,)) -> bool:
    """Whether an HTTP server on this machine answers at `url` with one of `statuses`."""
    parts = urlsplit(url)
    link = HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=5)
    try:
        link.request("GET", parts.path or "/")
        return link.getresponse().status in statuses
    except (OSError, HTTPException):
        return False
    finally:
        link.close()


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
