"""Prefect's own settings for a process of ours, and the server that a run in the foreground talks to.

Prefect reads the environment when it is first imported, so `prepare` comes before that import; nothing here imports
Prefect while this module is loaded.
"""

import atexit
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from select import select
from urllib.parse import urlsplit

from boli.errors import UserError
from boli.private import write_privately
from boli.serve import prefect_server
from boli.serve.first_start import prefect_home, start_alone
from boli.serve.service import Service, answers, free_port, start_service, wait_until
from catalog.config.settings import Settings, environment_of, make_home

HEARTBEAT_SECONDS = 30
"""How often a run says that it lives: the least that Prefect takes."""
REACH_SECONDS = 5.0
"""Within which a server takes a call; one that is gone doesn't."""
BUSY_SECONDS = 60.0
"""For which a server that took the call is waited for: busy with what others run, it answers late."""
SECRET_BYTES = 32

# A server starts in 6 s on an idle machine; on a busy one Prefect's own limit of 20 s is too short.
STARTUP_SECONDS = 180.0
# After 2, 4 and 8 s: long enough for a server that is being started anew.
SERVER_TRIES = 3

OF_SERVER: Mapping[str, str] = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # recorded one by one, 30 task runs a second reach the database; by the hundred, 170
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    # runs that ended 90 days ago go, as heartbeats and other events do after 7; Prefect alone keeps runs for ever
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
}
"""What a server of Prefect's is started with, ours or yours: `deploy/` says the same, and a test holds it."""
OF_RUNS: Mapping[str, str] = {
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
    "PREFECT_LOGGING_LEVEL": "INFO",
}
"""What flows run with, wherever they do."""


class PrefectUnavailable(UserError):
    """Prefect's server can't be reached, or went away."""


@dataclass(slots=True)
class _OwnServer:
    """The server of this process, for as long as it lives. Prefect's own temporary one outlives a kill -9."""

    port: int
    auth_string: str
    log: Path
    service: Service | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def start(self) -> None:
        if self.service is None or self.service.ended:
            start_alone(prefect_home(os.environ), self._start, seconds=STARTUP_SECONDS)

    def _start(self) -> bool:
        # As Prefect starts its own: without pages, and with the services that one run needs.
        only_api = {
            "PREFECT_UI_ENABLED": "0",
            "PREFECT__SERVER_EPHEMERAL": "1",
            "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        }
        self.service = start_service(
            "Prefect's server",
            [sys.executable, "-m", "boli.serve.prefect_server"],
            environment={**os.environ, **prefect_server.variables(self.port, self.auth_string), **only_api},
            log=self.log,
        )
        wait_until(
            lambda: answers(f"{self.address}/health", statuses=(prefect_server.CLOSED,)),
            self.service,
            seconds=STARTUP_SECONDS,
        )
        return True

    def stop(self) -> None:
        if self.service is not None:
            self.service.stop()


_own_servers: list[_OwnServer] = []  # at most one a process


def prepare(settings: Settings) -> None:
    """Have this process use Prefect as `settings` say; flows then find the same settings.

    Without a server of the user's own (PREFECT_API_URL), one is started when `reach_server` asks for it, and ends
    with this process. What this process writes from here on is its user's alone.
    """
    write_privately()
    make_home(settings)
    if not os.environ.get("PREFECT_LOGGING_LEVEL"):
        # What a run says is on its page; the terminal is for the progress and for one sentence where it fails.
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_DEBUG_LEVEL", "CRITICAL")
    set_variables(settings, os.environ)
    if not os.environ.get("PREFECT_API_URL"):
        if not _own_servers:
            log = settings.home.resolve() / "logs" / "run-prefect.log"
            _own_servers.append(_OwnServer(free_port(), new_auth_string(), log))
            # Registered before Prefect is imported, so called after Prefect has sent off its last events.
            atexit.register(_own_servers[0].stop)
        os.environ["PREFECT_API_URL"] = _own_servers[0].address
        os.environ["PREFECT_API_AUTH_STRING"] = _own_servers[0].auth_string


def new_auth_string() -> str:
    """The secret of a server that starts now, as Prefect writes it: user:password."""
    return f"boli:{secrets.token_urlsafe(SECRET_BYTES)}"


def set_variables(settings: Settings, environment: MutableMapping[str, str]) -> None:
    """Prefect's variables and ours (BOLI_*), for this process or for one that it starts.

    Prefect's files go below the home folder, unless the user chose a server (PREFECT_API_URL) or a folder
    (PREFECT_HOME). What the user has set stays as it is.
    """
    for name in Settings.model_fields:
        environment.pop(f"BOLI_{name.upper()}", None)
    environment.update(environment_of(settings))
    if not (environment.get("PREFECT_API_URL") or environment.get("PREFECT_HOME")):
        home = make_home(settings) / "prefect"
        home.mkdir(exist_ok=True)  # Prefect fails where the folder is missing
        environment["PREFECT_HOME"] = str(home)
    for name, value in {
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": f"{STARTUP_SECONDS:.0f}",
        **OF_SERVER,
        **OF_RUNS,
    }.items():
        environment.setdefault(name, value)


def reach_server() -> None:
    """Have a server answer before the first flow: the user's own, else one that starts now.

    Raises PrefectUnavailable within seconds where the user's is gone (Prefect itself would try for minutes and end
    in a page of traceback), after BUSY_SECONDS where it takes a call and answers none; ServiceFailed where ours
    doesn't start.
    """
    from prefect.settings import PREFECT_API_URL

    address = PREFECT_API_URL.value()
    if address is None:  # prefect was imported before `prepare`: it starts a server by itself
        return
    for own in _own_servers:
        if address == own.address:
            own.start()
            return
    fault = _fault_of(address)
    if fault:
        raise PrefectUnavailable(
            f"Prefect's server at {address} (PREFECT_API_URL) does not answer: {fault}.\n"
            "Start it, or unset PREFECT_API_URL to run without one. The same command then goes on where it stopped."
        )


@contextmanager
def quiet_heartbeat() -> Iterator[None]:
    """Run flows without the thread that says they live, which costs each of them over a second at its end.

    For runs in the foreground, whose death nobody needs to hear of; no environment variable turns it off. Such a
    run waits SERVER_TRIES for a server that went away, for itself and for each flow around it, then raises
    PrefectUnavailable.
    """
    import httpx
    from prefect.settings import (
        PREFECT_API_URL,
        PREFECT_CLIENT_MAX_RETRIES,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        temporary_settings,
    )

    quiet = {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None, PREFECT_CLIENT_MAX_RETRIES: SERVER_TRIES}
    with temporary_settings(quiet):
        try:
            yield
        except (
            httpx.TransportError,
            RuntimeError,
        ) as error:  # Prefect's word for a server gone before the first flow
            if isinstance(error, RuntimeError) and not str(error).startswith("Failed to reach API"):
                raise
            raise PrefectUnavailable(
                f"Prefect's server at {PREFECT_API_URL.value()} went away while the run was on: "
                f"{error}.\n"
                "Nothing is lost: the same command goes on where it stopped."
            ) from error


def _fault_of(address: str) -> str | None:
    """Why the server of an API address can't be used; None where it answers."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "the address is not like http://127.0.0.1:4200/api"
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    link = kind(parts.hostname, parts.port, timeout=REACH_SECONDS)
    try:
        link.request("GET", f"{parts.path.rstrip('/')}/health")
        if not select([link.sock], [], [], REACH_SECONDS)[0]:
            print(
                f"Prefect's server at {address} is busy; waiting for its answer …",
                file=sys.stderr,
                flush=True,
            )
            link.sock.settimeout(BUSY_SECONDS)
        status = link.getresponse().status
    except (OSError, HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        link.close()
    # 401 and 403: a server that wants a key, which Prefect sends and this question does not
    return None if status in (200, 401, 403) else f"it says {status}"


__all__ = [
    "PrefectUnavailable",
    "new_auth_string",
    "prepare",
    "quiet_heartbeat",
    "reach_server",
    "set_variables",
]
