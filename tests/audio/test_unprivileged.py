"""The sandbox in the hands of a user without powers, as Boli should be run: it holds as it does for root."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.unprivileged import Unprivileged, unprivileged

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the kernel's layers are Linux's"),
]
ATTACKS = Path(__file__).with_name("test_confine.py")


@pytest.fixture(scope="module")
def user() -> Iterator[Unprivileged]:
    with unprivileged() as found:
        yield found


def test_each_attack_is_refused(user: Unprivileged) -> None:
    done = user.run(
        [
            *(sys.executable, "-m", "pytest", str(ATTACKS), "-q", "-rA", "-n0"),
            *("-p", "no:cacheprovider", f"--rootdir={REPOSITORY}", f"--basetemp={user.home / 'tests'}"),
        ]
    )

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    lines = done.stdout.splitlines()
    assert sum(line.startswith("PASSED") for line in lines) > 100
    assert [line for line in lines if line.startswith(("SKIPPED", "FAILED", "ERROR"))] == []


def test_a_recording_is_measured(user: Unprivileged) -> None:
    recording = Path(shutil.copy(next((REPOSITORY / "examples").rglob("*.flac")), user.home / "voice.flac"))
    recording.chmod(0o644)

    done = user.run([sys.executable, "-m", "boli.cli", "measure", str(recording), "--json"])

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["speech_share"] > 0


def test_doctor_finds_every_layer(user: Unprivileged) -> None:
    done = user.run(
        [sys.executable, "-m", "boli.cli", "doctor"], variables={"BOLI_HOME": str(user.home / "var")}
    )

    (line,) = [each for each in done.stdout.splitlines() if "sandbox" in each]
    assert "calls, files (Landlock" in line
