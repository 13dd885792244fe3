"""Folders that live as long as a step."""

import errno
import subprocess
import sys

import pytest

from catalog.store import StoreFull
from flows.steps.scratch import scratch_folder


def test_a_folder_is_there_for_the_step_and_gone_after_it(tmp_path):
    with scratch_folder(tmp_path, "cut") as folder:
        (folder / "a.flac").write_bytes(b"x")

    assert not folder.exists()


def test_a_folder_goes_also_where_the_step_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), scratch_folder(tmp_path, "cut") as folder:
        _ = 1 / 0

    assert not folder.exists()


def test_two_runs_of_the_same_step_have_a_folder_each(tmp_path):
    with scratch_folder(tmp_path, "cut") as one:
        (one / "a.flac").write_bytes(b"x")
        with scratch_folder(tmp_path, "cut") as other:
            assert list(other.iterdir()) == []
        assert (one / "a.flac").exists()


def test_what_a_killed_run_left_is_cleared_by_the_next_step_of_any_kind(tmp_path):
    killed = (
        "import os, pathlib\n"
        "from flows.steps.scratch import scratch_folder\n"
        f"with scratch_folder(pathlib.Path({str(tmp_path)!r}), 'cut') as folder:\n"
        "    (folder / 'a.flac').write_bytes(b'x' * 1000)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -9
    assert [file.name for file in tmp_path.rglob("*.flac")] == ["a.flac"]

    with scratch_folder(tmp_path, "align"):
        assert list(tmp_path.rglob("*.flac")) == []


def test_a_full_disk_is_told_with_the_place_and_the_mend(tmp_path):
    with (
        pytest.raises(
            StoreFull, match=r"no room left on its disk\. Free some space and run the same command"
        ),
        scratch_folder(tmp_path, "cut"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
