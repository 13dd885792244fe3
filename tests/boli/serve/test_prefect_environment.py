"""Prefect as a run in the foreground finds it."""

import contextvars
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from boli.serve import prefect_environment
from boli.serve.prefect_environment import set_variables
from boli.serve.prefect_server import CLOSED
from boli.serve.service import answers, free_port
from catalog.config.settings import Settings
from tests.waiting import PATIENCE_SECONDS, soon, until

RUN = """
import os, sys
from boli.serve import prefect_environment
from catalog.config.settings import load_settings
prefect_environment.prepare(load_settings())
from prefect import flow

@flow
def three():
    return [part() for _ in range(3)]

@flow
def part():
    return 1

try:
    prefect_environment.reach_server()
except prefect_environment.PrefectUnavailable as error:
    print(error)
    sys.exit(1)
print(os.environ["PREFECT_API_URL"], flush=True)
{then}
with prefect_environment.quiet_heartbeat():
    assert three() == [1, 1, 1]
"""


def run(home: Path, *, then: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.run(
        [sys.executable, "-c", RUN.format(then=then)],
        env=environment | {"BOLI_HOME": str(home)} | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@pytest.mark.slow
def test_a_run_has_a_server_of_its_own_that_ends_with_it_and_says_nothing(tmp_path):
    done = run(tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    address = done.stdout.strip()
    assert not answers(f"{address}/health", statuses=(CLOSED,))
    assert (tmp_path / "prefect" / "prefect.db").exists()


@pytest.mark.slow
def test_the_server_of_a_run_answers_nobody_without_its_secret(tmp_path):
    asks = (
        "import httpx\n"
        "print(httpx.post(os.environ['PREFECT_API_URL'] + '/flows/count', trust_env=False).status_code, flush=True)"
    )
    done = run(tmp_path, then=asks)

    assert (done.returncode, done.stdout.splitlines()[1]) == (0, "401")


@pytest.mark.slow
def test_the_server_of_a_run_that_is_killed_ends_too(tmp_path):
    done = run(tmp_path, then="os.kill(os.getpid(), 9)")

    assert done.returncode == -9
    address = done.stdout.strip()
    assert soon(lambda: not answers(f"{address}/health", statuses=(CLOSED,)))


def test_a_server_of_the_users_own_that_is_gone_is_told_at_once_with_the_mend(tmp_path):
    address = f"http://127.0.0.1:{free_port()}/api"

    done = run(tmp_path, PREFECT_API_URL=address)

    assert done.returncode == 1
    assert f"Prefect's server at {address} (PREFECT_API_URL) does not answer: " in done.stdout
    assert "Start it, or unset PREFECT_API_URL" in done.stdout
    assert done.stderr == ""


def test_a_server_that_is_busy_is_waited_for_and_that_is_said(capfd, monkeypatch):
    """It takes the call, as the listening end of a socket does, and answers once somebody was told of the wait."""
    monkeypatch.setattr(prefect_environment, "REACH_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as threads:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/api"
        with temporary_settings({PREFECT_API_URL: address}):
            reached = threads.submit(contextvars.copy_context().run, prefect_environment.reach_server)
            link, _ = server.accept()
            said = ""

            def told() -> bool:
                nonlocal said
                said += capfd.readouterr().err
                return "is busy; waiting for its answer" in said

            until(told)
            with link:
                link.sendall(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n")
                reached.result()


def test_a_server_that_takes_the_call_and_never_answers_is_told(monkeypatch):
    monkeypatch.setattr(prefect_environment, "REACH_SECONDS", 0.1)
    monkeypatch.setattr(prefect_environment, "BUSY_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/api"
        with (
            temporary_settings({PREFECT_API_URL: address}),
            pytest.raises(prefect_environment.PrefectUnavailable, match="does not answer: timed out"),
        ):
            prefect_environment.reach_server()


def test_an_address_that_is_none_is_told(tmp_path):
    done = run(tmp_path, PREFECT_API_URL="prefect.example.org")

    assert "is not like http://127.0.0.1:4200/api" in done.stdout


def test_prefect_lives_in_the_home_folder_and_finds_our_settings(tmp_path):
    environment: dict[str, str] = {"BOLI_STORE_URL": "file:///elsewhere"}

    set_variables(Settings(home=tmp_path / "home", workers=3), environment)

    assert environment["PREFECT_HOME"] == str(tmp_path / "home" / "prefect")
    assert Path(environment["PREFECT_HOME"]).is_dir()
    assert environment["BOLI_WORKERS"] == "3"
    assert "BOLI_STORE_URL" not in environment  # the settings that were handed over name none
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


@pytest.mark.parametrize("name", ["PREFECT_HOME", "PREFECT_API_URL"])
def test_what_the_user_chose_stays(tmp_path, name):
    environment = {name: "theirs", "PREFECT_LOGGING_LEVEL": "DEBUG"}

    set_variables(Settings(home=tmp_path / "home"), environment)

    assert environment[name] == "theirs"
    assert environment["PREFECT_LOGGING_LEVEL"] == "DEBUG"
    assert not (tmp_path / "home").exists()


def test_prefect_lets_old_runs_go_and_not_their_heartbeats_alone(tmp_path: Path) -> None:
    from prefect.settings.models.server.services import ServerServicesDBVacuumSettings

    environment: dict[str, str] = {}
    set_variables(Settings(home=tmp_path / "home"), environment)

    value = environment["PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED"]

    assert ServerServicesDBVacuumSettings.model_validate({"enabled": value}).enabled_vacuum_types >= {
        "events",
        "flow_runs",
    }
