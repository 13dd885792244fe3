"""Prefect's server, the flows with their schedules and the portal, side by side on this machine until asked to stop."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from boli.errors import UserError
from boli.output import console, print_table, say
from boli.private import write_privately
from boli.serve import prefect_environment, prefect_server
from boli.serve.asked_to_stop import asked_to_stop
from boli.serve.deployments import SCHEDULED, projects
from boli.serve.first_start import prefect_home, start_alone
from boli.serve.service import Service, answers, is_free, start_service, wait_until
from catalog.config.settings import Settings, make_home

if TYPE_CHECKING:
    from boli.demo.keys import Key

PREFECT_HOST = prefect_server.OWN_NAMES[0]  # who has its secret may run anything: not for the network
SECRET_FILE = "prefect.secret"  # noqa: S105  (a name)
START_SECONDS = 180.0
PORTAL_SECONDS = 60.0
_LOOK_SECONDS = 0.25


class PortTaken(UserError):
    """Something else listens where a server of ours should."""


class DemoFailed(UserError):
    """`boli demo` did not come to its end, so there is nothing to open."""


def run_up(settings: Settings, *, demo: bool = False) -> int:
    """Run until Ctrl-C or SIGTERM. Returns the exit status: 0.

    demo: make the demo in the home folder first, where there is none yet, and tell how to sign in

    Nothing that was started outlives this call, nor this process where it is killed.
    Raises PortTaken, ServiceFailed (a server that did not start, or ended by itself) after stopping the rest.
    """
    for host, port, name in (
        (PREFECT_HOST, settings.prefect_port, "BOLI_PREFECT_PORT"),
        (settings.portal_host, settings.portal_port, "BOLI_PORTAL_PORT"),
    ):
        if not is_free(host, port):
            raise PortTaken(
                f"something listens on port {port} of {host} already, or the address is not this machine's.\n"
                f"Stop it (is another `boli up` running?), or set {name} to another port."
            )
    write_privately()
    make_home(settings)
    keys = _demo_keys(settings) if demo else []
    # only a terminal: elsewhere what is printed ends in a journal that others read
    first_link = _first_link(settings) if console.is_terminal and not demo else None
    auth_string = prefect_environment.new_auth_string()
    environment = environment_for(settings, auth_string)
    logs = settings.home.resolve() / "logs"
    services: list[Service] = []
    with asked_to_stop() as stop, _secret_file(settings, auth_string) as secret:
        try:
            _start_all(settings, environment, logs, services, stop)
            if not stop.is_set():
                _print_addresses(settings, logs, secret)
                _print_keys(keys)
                if first_link:
                    say(
                        "Nobody has come in yet. This link makes whoever opens it the owner, who makes projects:"
                    )
                    say(first_link)
            while not stop.wait(_LOOK_SECONDS):
                for service in services:
                    if service.ended:
                        raise service.failure()
            say("Stopping …")
        finally:
            _stop_all(services)
    say("Stopped. Nothing is lost: `boli up` goes on where it was.")
    return 0


def _demo_keys(settings: Settings) -> "list[Key]":
    """Keys of the sample accounts, after the demo was made. Raises DemoFailed."""
    from boli.demo.keys import new_keys
    from boli.serve.portal_context import open_portal_context

    home = settings.home.resolve()
    if not (home / "report.html").is_file():  # the last that the demo writes
        # a program of its own: Prefect reads its environment once a process
        made = subprocess.run([sys.executable, "-m", "boli.cli", "demo", "--home", str(home)], check=False)
        if made.returncode != 0:
            raise DemoFailed("`boli demo` failed; what it said stands above. Run it again: it goes on there.")
    with open_portal_context(settings) as portal_context:
        return new_keys(portal_context)


def _first_link(settings: Settings) -> str | None:
    """A way in where nobody has one yet."""
    from boli.serve.first_owner import first_owner_link
    from boli.serve.portal_context import open_portal_context

    with open_portal_context(settings) as portal_context:
        return first_owner_link(portal_context)


def environment_for(settings: Settings, auth_string: str) -> dict[str, str]:
    """The environment of the programs: ours, with the settings, and Prefect pointed at the server of this machine.

    auth_string: the secret of that server, user:password
    """
    environment = dict(os.environ)
    environment.pop("PREFECT_API_URL", None)  # of the user's own server: not the one that starts here
    prefect_environment.set_variables(settings, environment)
    environment["PREFECT_API_URL"] = _api(settings)
    environment["PREFECT_API_AUTH_STRING"] = auth_string
    environment.update(prefect_server.variables(settings.prefect_port, auth_string))
    return environment


@contextmanager
def _secret_file(settings: Settings, auth_string: str) -> Iterator[Path]:
    """The secret of Prefect's server, for whoever may read the home folder, while the server lives.

    A file and not the terminal: what is printed may end in a journal that others read.
    """
    path = make_home(settings) / SECRET_FILE
    path.unlink(missing_ok=True)  # of a start that was killed
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{auth_string}\n")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _start_all(
    settings: Settings,
    environment: Mapping[str, str],
    logs: Path,
    services: list[Service],
    stop: threading.Event,
) -> None:
    def start(name: str, *arguments: str) -> Service:
        service = start_service(
            name, [sys.executable, "-m", *arguments], environment=environment, log=logs / f"{name}.log"
        )
        services.append(service)
        return service

    say("Starting Prefect's server …")

    def start_prefect() -> bool:
        prefect = start("prefect", "boli.serve.prefect_server")
        wait_until(
            lambda: answers(f"{_api(settings)}/health", statuses=(prefect_server.CLOSED,)),
            prefect,
            seconds=START_SECONDS,
            stopped=stop.is_set,
        )
        return not stop.is_set()

    start_alone(prefect_home(environment), start_prefect, seconds=START_SECONDS)
    if stop.is_set():
        return
    portal = start("portal", "boli.serve.portal")
    start("flows", "boli.serve.flows")
    wait_until(
        # 503: it runs, and says on its page what it misses
        lambda: answers(f"{_portal(settings)}health", statuses=(200, 503)),
        portal,
        seconds=PORTAL_SECONDS,
        stopped=stop.is_set,
    )


def _stop_all(services: list[Service]) -> None:
    """Who uses another goes first: a flow run still tells Prefect's server that it ended."""
    for service in reversed(services[1:]):
        service.ask_to_stop()
    for service in reversed(services):
        service.stop()


def _print_addresses(settings: Settings, logs: Path, secret: Path) -> None:
    names = list(projects(settings.configs))
    print_table(
        "Boli is up. Ctrl-C stops it.",
        ["what", "where"],
        [
            ["Portal", _portal(settings)],
            ["Prefect: runs, schedules, logs", f"http://{PREFECT_HOST}:{settings.prefect_port}/"],
            ["Scheduled", ", ".join(scheduled.flow for scheduled in SCHEDULED) + f" for {', '.join(names)}"],
            ["Logs", logs],
        ],
    )
    say(
        f"Prefect's pages ask for a name and a password: what stands before and after the colon in {secret}, "
        "which each start makes anew."
    )


def _print_keys(keys: "list[Key]") -> None:
    """Shown here and nowhere else."""
    if not keys:
        return
    print_table(
        "Sample accounts. Open a link and give the PIN.",
        ["who", "PIN", "what they do here"],
        [[key.sample.handle, key.pin, key.sample.does] for key in keys],
    )
    for key in keys:
        say(f"{key.sample.handle:<8} {key.link}")
    say("Each start of `boli up --demo` makes new PINs and links; those before hold no longer.")


def _api(settings: Settings) -> str:
    return f"http://{PREFECT_HOST}:{settings.prefect_port}/api"


def _portal(settings: Settings) -> str:
    host = f"[{settings.portal_host}]" if ":" in settings.portal_host else settings.portal_host
    return f"http://{host}:{settings.portal_port}/"
