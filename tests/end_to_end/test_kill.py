"""A crash anywhere costs only time: killed at twenty random moments, then run once more, nothing is different."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Installation, install
from tests.end_to_end.end_state import objects, rows
from tests.servers import PrefectServer

pytestmark = pytest.mark.slow

KILLS = 20
FILES = (
    "te/te-01_002.mp3",
    "te/te-01_003.mp3",
    "te/te-01_001.mp3",
    "te/te-01_001 (1).mp3",
    "te/te-01 playlist.wav",
    "te/te-01 too close.wav",
    "kn/kn-01_101.3gp",
    "sw/sw-01_101.webm",
    "sw/sw-01_102.m4a",
    "kn/kn-01_102.ogg",
)


@pytest.fixture
def source(examples: Path, tmp_path: Path) -> Path:
    """A folder with a bit of everything, its lists beside it."""
    folder = tmp_path / "source"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(examples / "recordings" / name, folder / name)
    for name in ("recordings.tsv", "consents.tsv"):
        shutil.copy(examples / "recordings" / name, folder / name)
    return folder


def test_a_run_killed_at_twenty_random_moments_ends_as_an_undisturbed_one(
    tmp_path: Path, source: Path, prefect_server: PrefectServer
) -> None:
    calm = install(tmp_path / "calm", prefect_server)
    started = time.monotonic()
    calm.boli("run", str(source), "--project", "demo")
    length = time.monotonic() - started
    hunted = install(tmp_path / "hunted", prefect_server)
    moments = random.Random(20261122)

    ended_by_itself = 0
    for _ in range(KILLS):
        process = hunted.start("run", str(source), "--project", "demo")
        try:
            process.wait(timeout=moments.uniform(0.3, 1.0) * length)
            ended_by_itself += 1
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
    hunted.boli("run", str(source), "--project", "demo")

    assert ended_by_itself < KILLS
    assert _same(hunted, calm)
    assert "✓ The books balance." in hunted.boli("status")


def _same(one: Installation, other: Installation) -> bool:
    left, right = rows(one), rows(other)
    for table, expected in right.items():
        assert left[table] == expected, table
    assert objects(one) == objects(other)
    return True
