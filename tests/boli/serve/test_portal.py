"""The portal's own processes: several on one port, one that dies started anew, none left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from boli.serve.service import answers, free_port, is_free
from tests.processes import alive, descendants, stop_process
from tests.waiting import soon

pytestmark = pytest.mark.slow


@contextmanager
def portal_of(processes: int, home: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The portal as a service manager starts it, and its port."""
    port = free_port()
    settings = {
        "BOLI_HOME": str(home),
        "BOLI_PORTAL_PORT": str(port),
        "BOLI_PORTAL_PROCESSES": str(processes),
    }
    with (home.parent / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "boli.serve.portal"],
            env={**os.environ, **settings},
            stdout=log,
            stderr=log,
        )
    family: set[int] = set()
    try:
        assert soon(lambda: process.poll() is not None or answers(f"http://127.0.0.1:{port}/health"))
        family = descendants(process.pid)
        yield process, port
    finally:
        family |= descendants(process.pid)
        for pid in (process.pid, *family):
            stop_process(pid)
        process.wait()


def servers(process: subprocess.Popen[bytes]) -> set[int]:
    """Those of its children that serve: multiprocessing has one of its own besides."""
    return {
        pid for pid in descendants(process.pid) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    }


def answered(port: int) -> int:
    """Requests answered with 2xx, as the metrics tell it."""
    link = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        link.request("GET", "/metrics")
        lines = link.getresponse().read().decode().splitlines()
    finally:
        link.close()
    return sum(
        int(line.split()[-1]) for line in lines if line.startswith('boli_requests_total{status="2xx"}')
    )


def test_one_of_several_that_was_killed_is_started_anew_and_what_it_counted_is_not_lost(
    tmp_path: Path,
) -> None:
    with portal_of(2, tmp_path / "home") as (process, port):
        assert soon(lambda: len(servers(process)) == 2)
        before = servers(process)
        for _ in range(20):
            assert answers(f"http://127.0.0.1:{port}/health")
        counted = answered(port)
        assert counted >= 20

        killed = min(before)
        os.kill(killed, signal.SIGKILL)

        assert soon(lambda: len(servers(process) - {killed}) == 2)
        assert soon(lambda: answers(f"http://127.0.0.1:{port}/health"))
        assert answered(port) > counted

        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert is_free("127.0.0.1", port)


def test_none_serves_on_once_what_started_it_was_killed(tmp_path: Path) -> None:
    with portal_of(2, tmp_path / "home") as (process, port):
        assert soon(lambda: len(servers(process)) == 2)
        family = servers(process)

        process.kill()
        process.wait()

        assert soon(lambda: not any(alive(pid) for pid in family))
        assert is_free("127.0.0.1", port)


def test_settings_that_open_nothing_are_said_once_and_end_it(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("no folder")

    with portal_of(2, tmp_path / "home") as (process, _):
        assert process.wait(60) != 0

    assert "started" not in (tmp_path / "log").read_text().lower()
