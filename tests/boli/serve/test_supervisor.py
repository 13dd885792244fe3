"""A program under guard: nothing of it outlives whoever asked for it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from boli.serve.service import GRACE_SECONDS, ServiceFailed, free_port, is_free, start_service, wait_until
from tests.processes import alive, parent_of
from tests.waiting import soon

# Starts a grandchild in a session of its own, as Prefect does for flow runs, writes its id, and stays.
FAMILY = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
{then}
"""
STAYS = "time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FAMILY.format(then=STAYS)


def pid_in(file: Path) -> int:
    assert soon(lambda: file.exists() and file.read_text().isdigit())
    return int(file.read_text())


def start(tmp_path: Path, program: str):
    note = tmp_path / "pid"
    service = start_service(
        "the family",
        [sys.executable, "-c", program, str(note)],
        environment=os.environ,
        log=tmp_path / "logs" / "family.log",
    )
    return service, note


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
class TestFamily:
    def test_stopping_a_service_ends_its_grandchildren_too(self, tmp_path):
        service, note = start(tmp_path, FAMILY.format(then=STAYS))
        grandchild = pid_in(note)

        service.stop()

        assert service.ended
        assert not alive(grandchild)

    def test_a_program_that_ends_by_itself_leaves_no_children(self, tmp_path):
        service, note = start(tmp_path, FAMILY.format(then="sys.exit(7)"))
        grandchild = pid_in(note)

        assert service.process.wait(20) == 7

        assert not alive(grandchild)

    def test_a_program_that_will_not_listen_is_ended_by_force(self, tmp_path):
        asker = (
            "import os, sys\nfrom boli.serve import supervisor\n"
            f"os.execv(sys.executable, [sys.executable, '-m', 'boli.serve.supervisor', str(os.getppid()), '0.3',"
            f" sys.executable, '-c', {DEAF!r}, {str(tmp_path / 'pid')!r}])"
        )
        process = subprocess.Popen([sys.executable, "-c", asker], start_new_session=True)
        grandchild = pid_in(tmp_path / "pid")

        process.terminate()

        assert process.wait(20) == 128 + signal.SIGKILL
        assert not alive(grandchild)

    def test_kill_minus_nine_on_whoever_asked_ends_everything(self, tmp_path):
        asker = (
            "import os, pathlib, sys, time\nfrom boli.serve.service import start_service\n"
            f"start_service('it', [sys.executable, '-c', {FAMILY.format(then=STAYS)!r}, sys.argv[1]],"
            " environment=os.environ, log=pathlib.Path(sys.argv[2]))\ntime.sleep(600)"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", asker, str(tmp_path / "pid"), str(tmp_path / "log")]
        )
        grandchild = pid_in(tmp_path / "pid")
        family = parents_of(grandchild)

        process.kill()
        process.wait()

        assert soon(lambda: not any(alive(pid) for pid in (grandchild, *family)), GRACE_SECONDS)


def parents_of(pid: int) -> list[int]:
    """The program that started `pid`, and its guard."""
    program = parent_of(pid)
    guard = parent_of(program)
    assert b"boli.serve.supervisor" in Path(f"/proc/{guard}/cmdline").read_bytes()
    return [program, guard]


def test_a_service_that_ends_says_so_with_its_last_lines(tmp_path):
    service, _ = start(tmp_path, "print('the disk is on fire'); raise SystemExit(3)")

    with pytest.raises(
        ServiceFailed, match=r"the family ended by itself with status 3(.|\n)*the disk is on fire"
    ):
        wait_until(lambda: False, service, seconds=60)


def test_a_service_that_is_not_ready_in_time_says_so(tmp_path):
    service, _ = start(tmp_path, "import time; time.sleep(600)")

    with pytest.raises(ServiceFailed, match="was not ready after 0 s"):
        wait_until(lambda: False, service, seconds=0.05)
    service.stop()


def test_a_program_that_is_not_there_is_told(tmp_path):
    service = start_service(
        "nothing", [str(tmp_path / "nothing")], environment=os.environ, log=tmp_path / "log"
    )

    assert service.process.wait(20) == 127
    assert "can't be started: No such file" in service.last_lines()


def test_the_log_of_the_time_before_is_kept(tmp_path):
    for word in ("first", "second"):
        start_service(
            "it", [sys.executable, "-c", f"print('{word}')"], environment=os.environ, log=tmp_path / "it.log"
        ).process.wait(20)

    assert (tmp_path / "it.log").read_text() == "second\n"
    assert (tmp_path / "it.log.1").read_text() == "first\n"


def test_a_free_port_is_free():
    assert is_free("127.0.0.1", free_port())
