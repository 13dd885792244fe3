"""Two first runs at once on a fresh home: both succeed."""

import multiprocessing
import os
import subprocess
import sys
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier as BarrierType
from pathlib import Path

import pytest

from boli.errors import UserError
from boli.serve.first_start import start_alone
from boli.serve.portal_context import open_portal_context
from catalog.config.settings import ROOT, Settings
from catalog.write_lock import WriteTurn
from flows.installation_key import KEY_BYTES
from tests.waiting import PATIENCE_SECONDS

SOUND = ROOT / "examples" / "recordings" / "te" / "te-01_102.amr"


@pytest.mark.slow
def test_two_runs_that_begin_at_once_on_a_fresh_home_both_come_to_their_end(tmp_path: Path) -> None:
    card = tmp_path / "card"
    card.mkdir()
    (card / "a.amr").write_bytes(SOUND.read_bytes())
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= {"BOLI_HOME": str(tmp_path / "home"), "BOLI_WORKERS": "1"}
    command = [
        sys.executable,
        "-m",
        "boli.cli",
        "run",
        str(card),
        "--project",
        "demo",
        "--no-release",
        "--json",
    ]

    runs = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [run.communicate(timeout=PATIENCE_SECONDS) for run in runs]

    assert [run.returncode for run in runs] == [0, 0], said


def test_two_portals_that_start_at_once_on_a_fresh_home_have_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(3)
    keys: Queue[bytes] = context.Queue()

    portals = [
        context.Process(target=_open_portal, args=(tmp_path / "home", together, keys)) for _ in range(3)
    ]
    for portal in portals:
        portal.start()
    found = {keys.get(timeout=PATIENCE_SECONDS) for _ in portals}
    for portal in portals:
        portal.join(timeout=PATIENCE_SECONDS)

    assert [portal.exitcode for portal in portals] == [0, 0, 0]
    assert len(found) == 1
    assert {len(key) for key in found} == {KEY_BYTES}
    assert (tmp_path / "home" / "portal.key").stat().st_mode & 0o077 == 0


def _open_portal(home: Path, together: BarrierType, keys: "Queue[bytes]") -> None:
    together.wait(60)
    with open_portal_context(Settings(home=home, workers=1)) as opened:
        keys.put(opened.key)


def test_a_start_that_takes_too_long_elsewhere_is_told_with_what_to_do(tmp_path: Path) -> None:
    with (
        WriteTurn(tmp_path / "first-start.lock", 1).taken(),
        pytest.raises(UserError, match="run the same command again"),
    ):
        start_alone(tmp_path, lambda: True, seconds=0.1)


def test_a_folder_in_which_prefect_has_started_is_not_waited_for(tmp_path: Path) -> None:
    start_alone(tmp_path, lambda: True, seconds=1)

    started: list[bool] = []

    def start() -> bool:
        started.append(True)
        return True

    with WriteTurn(tmp_path / "first-start.lock", 1).taken():
        start_alone(tmp_path, start, seconds=0.1)

    assert started == [True]


def test_a_first_start_that_was_stopped_is_a_first_start_again(tmp_path: Path) -> None:
    start_alone(tmp_path, lambda: False, seconds=1)

    with WriteTurn(tmp_path / "first-start.lock", 1).taken(), pytest.raises(UserError):
        start_alone(tmp_path, lambda: True, seconds=0.1)
