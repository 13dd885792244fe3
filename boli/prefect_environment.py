"""Prefect's own settings for a process of ours: where its files lie, how patient it is, how much it says.

Prefect reads the environment when it is first imported, so `prepare` comes before that import; nothing here imports
Prefect while this module is loaded.
"""

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from boli.errors import UserError
from boli.settings import Settings, environment_of

REACH_SECONDS = 5.0

# Recorded one by one, 30 task runs a second reach the database; by the hundred, 170.
RECORDER_BATCH_SIZE = 100
# A temporary server starts in 8 s on an idle machine; on a busy one Prefect's own limit of 20 s is too short.
STARTUP_SECONDS = 180


class PrefectUnavailable(UserError):
    """Prefect's server can't be reached, or went away."""


def prepare(settings: Settings, environment: MutableMapping[str, str] = os.environ) -> None:
    """Have this process, and those it starts, use Prefect as `settings` say and find the same settings.

    Prefect's files go below the home folder, unless the user chose a server (PREFECT_API_URL) or a folder
    (PREFECT_HOME). What the user has set stays as it is.
    """
    ours = environment_of(settings)
    for name in Settings.model_fields:
        environment.pop(f"BOLI_{name.upper()}", None)
    environment.update(ours)
    if not (environment.get("PREFECT_API_URL") or environment.get("PREFECT_HOME")):
        home = prefect_home(settings)
        home.mkdir(parents=True, exist_ok=True)  # Prefect fails where the folder is missing
        environment["PREFECT_HOME"] = str(home)
    for name, value in {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(STARTUP_SECONDS),
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": str(RECORDER_BATCH_SIZE),
        "PREFECT_LOGGING_LEVEL": "WARNING",
    }.items():
        environment.setdefault(name, value)


def prefect_home(settings: Settings) -> Path:
    """Folder of Prefect's own database and logs."""
    return settings.home.resolve() / "prefect"


@contextmanager
def quiet_heartbeat() -> Iterator[None]:
    """Run flows without the thread that says they live, which costs each of them over a second at its end.

    For runs in the foreground, whose death nobody needs to be told of. No environment variable turns it off.
    """
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def reach_server() -> None:
    """Ask the server that the user chose, if any, whether it is there. Raises PrefectUnavailable within seconds.

    Prefect itself would try for minutes and end in a page of traceback.
    """
    from prefect.settings import PREFECT_API_URL

    address = PREFECT_API_URL.value()
    if address is None:  # nobody chose one: Prefect starts its own
        return
    fault = _fault_of(address)
    if fault:
        raise PrefectUnavailable(
            f"Prefect's server at {address} (PREFECT_API_URL) does not answer: {fault}.\n"
            "Start it, or unset PREFECT_API_URL to run without one. The same command then goes on where it stopped."
        )


def _fault_of(address: str) -> str | None:
    """Why the server of an API address can't be used; None where it answers."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "the address is not like http://127.0.0.1:4200/api"
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    link = kind(parts.hostname, parts.port, timeout=REACH_SECONDS)
    try:
        link.request("GET", f"{parts.path.rstrip('/')}/health")
        status = link.getresponse().status
    except (OSError, HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        link.close()
    # 401 and 403: a server that wants a key, which Prefect sends and this question does not
    return None if status in (200, 401, 403) else f"it says {status}"


__all__ = ["PrefectUnavailable", "prefect_home", "prepare", "quiet_heartbeat", "reach_server"]
