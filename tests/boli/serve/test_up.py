"""`boli up` as somebody starts it: what is there, and that nothing is left."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from boli.demo.sample_people import SAMPLES, hire_samples
from boli.serve.deployments import SCHEDULED
from boli.serve.portal_context import open_portal_context
from boli.serve.prefect_server import CLOSED
from boli.serve.service import answers, free_port
from boli.serve.up import PortTaken, environment_for, run_up
from catalog.config.settings import Settings
from tests.portal.conftest import home_with_tasks
from tests.waiting import PATIENCE_SECONDS, soon, until

__all__ = ["home_with_tasks"]

PROGRAM = (
    "import sys, typer\nfrom boli.commands import up\nfrom boli.errors import UserError\n"
    "app = typer.Typer()\nup.register(app)\n"
    "try:\n    app()\nexcept UserError as error:\n    print(error)\n    sys.exit(1)\n"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", prefect_port=free_port(), portal_port=free_port())


@contextmanager
def running(settings: Settings, *options: str) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= {
        "BOLI_HOME": str(settings.home),
        "BOLI_PREFECT_PORT": str(settings.prefect_port),
        "BOLI_PORTAL_PORT": str(settings.portal_port),
        "PREFECT_API_URL": "http://127.0.0.1:1/api",  # of some other server: not asked
    }
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", PROGRAM, *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def of_ours(settings: Settings) -> list[str]:
    """Command lines of the processes that have this test's home folder in their environment."""
    mark = str(settings.home).encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if mark in (folder / "environ").read_bytes():
                    found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:  # it ended meanwhile
                continue
    return found


def prefect_answers(settings: Settings, path: str, question: object = None) -> Any:
    body = None if question is None else json.dumps(question).encode()
    address = f"http://127.0.0.1:{settings.prefect_port}/api/{path}"
    secret = b64encode(secret_file(settings).read_bytes().strip()).decode()
    headers = {"content-type": "application/json", "authorization": f"Basic {secret}"}
    answered: list[Any] = []

    def is_answered() -> bool:
        try:
            with urlopen(Request(address, body, headers), timeout=PATIENCE_SECONDS) as answer:
                answered.append(json.loads(answer.read()))
        except HTTPError as error:
            if (
                error.code != HTTPStatus.SERVICE_UNAVAILABLE
            ):  # its database is busy: Prefect's client asks again too
                raise
        return bool(answered)

    until(is_answered)
    return answered[0]


def secret_file(settings: Settings) -> Path:
    return settings.home / "prefect.secret"


@pytest.mark.slow
def test_up_brings_portal_schedules_and_pages_and_when_one_part_dies_it_says_which_and_stops_all(settings):
    with running(settings) as process:
        assert soon(lambda: answers(f"http://127.0.0.1:{settings.portal_port}/health"))
        assert answers(f"http://127.0.0.1:{settings.prefect_port}/api/health", statuses=(CLOSED,))

        wanted = {(scheduled.flow, project) for scheduled in SCHEDULED for project in ("demo", "field")}
        assert soon(lambda: prefect_answers(settings, "deployments/count", {}) == len(wanted))
        found = prefect_answers(settings, "deployments/filter", {})
        assert {schedule["active"] for row in found for schedule in row["schedules"]} == {True}
        assert secret_file(settings).stat().st_mode & 0o777 == 0o600
        # the scheduler at work: runs stand ready for their time
        assert soon(lambda: prefect_answers(settings, "flow_runs/count", {}) >= len(wanted))

        # and one, asked for, is done by a process that knows the secret as well
        collect = next(
            row for row in found if row["name"] == "demo" and row["entrypoint"].endswith("collect")
        )
        run = prefect_answers(
            settings, f"deployments/{collect['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}}
        )
        assert soon(lambda: prefect_answers(settings, f"flow_runs/{run['id']}")["state_type"] == "COMPLETED")

        (portal,) = [
            pid for pid in pids(settings) if "boli.serve.portal" in command(pid) and not guarded(pid)
        ]
        os.kill(portal, signal.SIGKILL)

        assert process.wait(60) == 1
        said = process.stdout.read()
    assert f"http://127.0.0.1:{settings.portal_port}/" in said
    assert f"http://127.0.0.1:{settings.prefect_port}/" in said
    assert str(secret_file(settings)) in said
    assert not secret_file(settings).exists()
    assert "portal ended by itself with status 137. The end of" in said
    assert "Application startup complete" in said
    assert of_ours(settings) == []


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_stops_all_and_ends_well(settings, how):
    with running(settings) as process:
        assert soon(lambda: any("boli.serve.prefect_server" in line for line in of_ours(settings)))

        process.send_signal(how)

        assert process.wait(60) == 0
    assert of_ours(settings) == []


@pytest.mark.slow
def test_up_demo_opens_what_the_demo_left_and_tells_how_each_role_comes_in(settings, home_with_tasks):
    shutil.copytree(home_with_tasks, settings.home)
    (settings.home / "report.html").write_text("the demo was here")
    with open_portal_context(settings) as portal:
        hire_samples(portal.project_context("demo"), now=portal.clock())

    said = ""
    with running(settings, "--demo") as process:
        while "makes new PINs and links" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        links = dict(re.findall(r"^(\w+) +(http\S+/invite/\S+)$", said, re.M))
        for link in links.values():
            with urlopen(link, timeout=PATIENCE_SECONDS) as page:
                assert page.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0

    assert set(links) == {sample.handle for sample in SAMPLES}
    assert set(re.findall(r"^(\w+) +\d{6} ", said, re.M)) == set(links)
    assert of_ours(settings) == []


@pytest.mark.slow
def test_killed_it_leaves_nothing_running(settings):
    with running(settings) as process:
        assert soon(lambda: any("boli.serve.prefect_server" in line for line in of_ours(settings)))

        process.kill()

        assert soon(lambda: of_ours(settings) == [], 30)


@pytest.mark.parametrize("name", ["prefect_port", "portal_port"])
def test_a_port_that_is_taken_is_told_before_anything_starts(settings, name):
    with socket.socket() as other:
        other.bind(("127.0.0.1", getattr(settings, name)))
        other.listen()

        with pytest.raises(PortTaken, match=f"set BOLI_{name.upper()} to another port"):
            run_up(settings)

    assert not settings.home.exists()


def test_the_programs_find_the_same_settings_and_this_machines_server(settings, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "https://prefect.example.org/api")

    environment = environment_for(settings, "boli:secret")

    assert environment["PREFECT_API_URL"] == f"http://127.0.0.1:{settings.prefect_port}/api"
    assert environment["PREFECT_API_AUTH_STRING"] == environment["PREFECT_SERVER_API_AUTH_STRING"]
    assert environment["PREFECT_HOME"] == str(settings.home / "prefect")
    assert environment["BOLI_PORTAL_PORT"] == str(settings.portal_port)


def pids(settings: Settings) -> list[int]:
    mark = str(settings.home).encode()
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and mark in environ(folder)
    ]


def environ(folder: Path) -> bytes:
    try:
        return (folder / "environ").read_bytes()
    except OSError:
        return b""


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:  # it ended between the list and this look
        return ""


def guarded(pid: int) -> bool:
    return "boli.serve.supervisor" in command(pid)
