"""Hostile work in limited children: what it can't do, and that nobody else suffers."""

import errno
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from audio.errors import JobFailed, SandboxClosed, UnusableRecording
from audio.limits import Limits
from audio.reasons import AudioReason
from audio.sandbox import Sandbox
from tests.processes import alive
from tests.waiting import soon

REPOSITORY = Path(__file__).resolve().parents[2]


def double(number):
    return 2 * number


def kill_self(number):
    if number == 13:
        os.kill(os.getpid(), signal.SIGSEGV)
    return number


def crash_in_a_used_child(_):
    """Dies of what an earlier job left behind: the marker lies in the child's own folder."""
    used = Path("used")
    if used.exists():
        os.kill(os.getpid(), signal.SIGBUS)
    used.write_text("")
    return os.getpid()


def burn(_):
    while True:
        sum(range(1000))


def sleep_long(_):
    time.sleep(600)


def hoard(_):
    return len(np.ones(2**30))


def fill_disk_quota(_):
    with Path("huge").open("wb") as file:
        for _ in range(64):
            file.write(bytes(2**20))


def report_disk_full(_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "clips")


def mistake(_):
    return dict[str, int]()["missing"]


def find_unusable(_):
    raise UnusableRecording(AudioReason.TOO_LONG, "it is 9:00:00 long")


def environment(_):
    return sorted(os.environ.items())


def print_loudly(_):
    print("a library that prints", flush=True)  # noqa: T201
    os.write(1, b"straight to the descriptor\n")
    return "heard"


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/never",)


def answer_with_a_bomb(_):
    return Bomb()


def own_pid(_):
    return os.getpid()


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(workers=2, limits=Limits(cpu_seconds=1, wall_seconds=60, file_bytes=2**22)) as opened:
        yield opened


def test_a_job_gives_its_value(sandbox):
    assert sandbox.run(double, 21) == 42


def test_every_job_has_one_outcome(sandbox):
    outcomes = list(sandbox.map(double, range(50)))

    assert sorted((outcome.job, outcome.result()) for outcome in outcomes) == [(n, 2 * n) for n in range(50)]


def test_a_child_that_dies_costs_only_its_own_job(sandbox):
    outcomes = {outcome.job: outcome for outcome in sandbox.map(kill_self, range(20))}

    error = outcomes.pop(13).error
    assert isinstance(error, UnusableRecording)
    assert error.code is AudioReason.DECODER_CRASHED
    assert "SIGSEGV" in error.message
    assert all(outcome.value == job for job, outcome in outcomes.items())


def test_a_job_is_not_blamed_for_what_an_earlier_one_left_behind():
    with Sandbox(workers=1) as sandbox:
        first, second = sandbox.run(crash_in_a_used_child, 1), sandbox.run(crash_in_a_used_child, 2)

    assert first != second


def test_endless_work_is_ended_by_processor_time(sandbox):
    with pytest.raises(UnusableRecording, match="processor time") as caught:
        sandbox.run(burn, None)

    assert caught.value.code is AudioReason.OVER_LIMIT


def test_endless_waiting_is_ended_by_the_clock():
    with Sandbox(workers=1, limits=Limits(wall_seconds=4)) as sandbox:
        with pytest.raises(UnusableRecording, match=r"longer than 4 s") as caught:
            sandbox.run(sleep_long, None)

        assert caught.value.code is AudioReason.OVER_LIMIT
        assert sandbox.run(double, 1) == 2


def test_memory_is_bounded(sandbox):
    with pytest.raises(UnusableRecording, match="memory") as caught:
        sandbox.run(hoard, None)

    assert caught.value.code is AudioReason.OVER_LIMIT


def test_written_files_are_bounded(tmp_path):
    with Sandbox(1, Limits(file_bytes=2**22), temp=tmp_path) as sandbox:
        with pytest.raises(UnusableRecording) as caught:
            sandbox.run(fill_disk_quota, None)

        assert caught.value.code is AudioReason.OVER_LIMIT
        (huge,) = tmp_path.glob("*/huge")
        assert huge.stat().st_size <= 2**22


def write_for_ever(_):
    number = 0
    while True:
        with Path(f"part-{number}").open("wb") as file:
            file.write(b"x" * 2**20)
        number += 1
        time.sleep(0.001)


def hide_and_write(_):
    """Into files that are taken out of their folder, and held open."""
    held = []
    while True:
        held.append(Path("hidden").open("wb"))  # noqa: SIM115
        Path("hidden").unlink()
        held[-1].write(b"x" * 2**22)
        held[-1].flush()
        time.sleep(0.01)


@pytest.mark.parametrize("job", [write_for_ever, hide_and_write])
def test_the_sum_of_what_is_written_is_bounded(job):
    with (
        Sandbox(1, Limits(written_bytes=2**24, open_files=1000)) as sandbox,
        pytest.raises(UnusableRecording, match="more than 16777216 bytes") as caught,
    ):
        sandbox.run(job, None)

    assert caught.value.code is AudioReason.OVER_LIMIT


def make_results(out):
    from audio.render import write_whole

    write_whole(Path(out) / "good", b"good")
    Path("out/other").write_bytes(b"not asked for by any function of ours, and plain")
    Path("out/folder").mkdir()
    return "done"


def make_one(out):
    from audio.render import write_whole

    write_whole(out, b"new")
    Path("out/beside").write_bytes(b"not asked for")


def fail_half_way(out):
    make_results(out)
    raise UnusableRecording(AudioReason.CORRUPT, "no")


def test_results_come_to_the_folder_that_was_named_and_nowhere_else(sandbox, tmp_path):
    (outcome,) = sandbox.map(make_results, [str(tmp_path)], writes=Path)

    assert outcome.result() == "done"
    assert (tmp_path / "good").read_bytes() == b"good"
    assert all(path.is_file() for path in tmp_path.iterdir())


def test_a_job_that_makes_a_file_makes_only_that_one(sandbox, tmp_path):
    out = tmp_path / "clean.flac"
    out.write_bytes(b"old")

    list(sandbox.map(make_one, [out], writes=lambda path: path))

    assert out.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["clean.flac"]


def test_a_job_that_fails_leaves_no_results(sandbox, tmp_path):
    (outcome,) = sandbox.map(fail_half_way, [str(tmp_path)], writes=Path)

    assert isinstance(outcome.error, UnusableRecording)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_the_machines_fault_and_not_the_recordings(sandbox):
    with pytest.raises(OSError, match="No space left") as caught:
        sandbox.run(report_disk_full, None)

    assert caught.value.errno == errno.ENOSPC
    assert not isinstance(caught.value, UnusableRecording)


def test_a_mistake_of_ours_says_where_it_was_made(sandbox):
    with pytest.raises(JobFailed, match="KeyError") as caught:
        sandbox.run(mistake, None)

    assert "in mistake" in caught.value.traceback


def test_a_finding_keeps_its_code_and_sentence(sandbox):
    with pytest.raises(UnusableRecording) as caught:
        sandbox.run(find_unusable, None)

    assert (caught.value.code, caught.value.message) == (AudioReason.TOO_LONG, "it is 9:00:00 long")


def test_a_child_sees_no_secret(sandbox, monkeypatch):
    monkeypatch.setenv("BOLI_STORE_SECRET", "hunter2")

    with Sandbox(workers=1) as fresh:
        seen = dict(fresh.run(environment, None))

    assert "hunter2" not in str(seen)
    assert not any(name.startswith("BOLI") for name in seen)


def test_what_a_library_prints_does_not_disturb_the_answers(sandbox):
    assert sandbox.run(print_loudly, None) == "heard"


def test_an_answer_can_not_make_the_parent_run_anything(sandbox):
    with pytest.raises(Exception, match="plain data"):
        sandbox.run(answer_with_a_bomb, None)

    assert sandbox.run(double, 2) == 4


def test_it_outlives_the_threads_that_use_it(sandbox):
    answers = []
    for number in range(3):
        thread = threading.Thread(target=lambda n=number: answers.append(sandbox.run(double, n)))
        thread.start()
        thread.join()

    assert answers == [0, 2, 4]


def test_children_are_used_again():
    with Sandbox(workers=1) as sandbox:
        pids = {sandbox.run(own_pid, None) for _ in range(5)}

    assert len(pids) == 1


def test_closing_ends_the_job_at_hand_and_says_so():
    errors = []

    with Sandbox(workers=1) as sandbox:
        pid = sandbox.run(own_pid, None)

        def work():
            try:
                sandbox.run(sleep_long, None)
            except SandboxClosed as error:
                errors.append(error)

        thread = threading.Thread(target=work)
        thread.start()
    thread.join(10)

    assert len(errors) == 1
    assert not alive(pid)


def test_a_closed_sandbox_takes_no_jobs():
    with pytest.raises(SandboxClosed, match="with Sandbox"):
        Sandbox().run(double, 1)


def test_children_die_when_the_parent_is_killed(tmp_path):
    program = textwrap.dedent("""
        import os, sys, threading, time
        from audio.sandbox import Sandbox
        from tests.audio.test_sandbox import own_pid, sleep_long

        if __name__ == "__main__":
            with Sandbox(workers=2) as sandbox:
                print(sandbox.run(own_pid, None), flush=True)
                sandbox.run(sleep_long, None)
    """)
    script = tmp_path / "parent.py"
    script.write_text(program)
    parent = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, env={"PYTHONPATH": str(REPOSITORY)}, cwd=tmp_path
    )
    child = int(parent.stdout.readline())

    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert soon(lambda: not alive(child))  # the kernel's signal needs a moment
