"""One run's batches on several workers: the same end as on one machine, whichever way, and whatever is killed."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.dask_workers import dask_workers, start_scheduler
from tests.end_to_end.conftest import Installation, install
from tests.end_to_end.end_state import objects, rows
from tests.prefect_workers import BatchPool, end_group, make_pool, workers
from tests.processes import stop_process
from tests.servers import PrefectServer, restart_postgres, start_postgres, start_prefect
from tests.waiting import until

pytestmark = pytest.mark.slow

SESSIONS = ("kn/kn-01_session_1.wav", "sw/sw-01_session_1.mp3")
"""Each longer than a minute, and so a batch of its own."""


@pytest.fixture
def source(examples: Path, tmp_path: Path) -> Path:
    """Three long recordings of three speakers, with their lists."""
    recordings, folder = examples / "recordings", tmp_path / "source"
    for name in SESSIONS:
        (folder / name).parent.mkdir(parents=True)
        shutil.copy(recordings / name, folder / name)
    long = folder / "te" / "te-01_long.wav"
    long.parent.mkdir()
    clips = [
        soundfile.read(file, dtype="float32") for file in sorted((recordings / "te").glob("te-01_0*.mp3"))
    ]
    rate = clips[0][1]
    soundfile.write(long, np.concatenate([sound for sound, each in clips if each == rate]), rate)
    lines = (recordings / "recordings.tsv").read_text("utf-8").splitlines()
    kept = [line for line in lines[1:] if line.split("\t")[0] in SESSIONS]
    pattern = next(line for line in lines if line.startswith("te/te-01_001.mp3\t")).split("\t")
    pattern[0], pattern[-1] = "te/te-01_long.wav", ""
    text = "\n".join([lines[0], *kept, "\t".join(pattern)])
    (folder / "recordings.tsv").write_text(f"{text}\n", "utf-8")
    shutil.copy(recordings / "consents.tsv", folder / "consents.tsv")
    return folder


@pytest.fixture
def servers_folder() -> Iterator[Path]:
    """For servers of this test's own: PostgreSQL runs as a user who can't look into the test's folder."""
    folder = Path(tempfile.mkdtemp(prefix="boli-servers-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def spread_installation(
    home: Path, server: PrefectServer, *, batch_minutes: str = "1", **more: str
) -> Installation:
    return install(home, server, BOLI_WORKERS="1", BOLI_BATCH_MINUTES=batch_minutes, **more)


def with_prefect(calm: Installation, home: Path, deployment: str) -> Installation:
    """The same settings but for the home, with batches that go to a deployment's workers."""
    return replace(
        calm,
        settings=calm.settings.model_copy(update={"home": home}),
        environment={
            **calm.environment,
            "BOLI_HOME": str(home),
            "BOLI_TASK_RUNNER": "prefect",
            "BOLI_BATCH_DEPLOYMENT": deployment,
        },
    )


@pytest.fixture
def calm(tmp_path: Path, source: Path, prefect_server: PrefectServer) -> Installation:
    """What one machine, undisturbed, makes of the source."""
    made = spread_installation(tmp_path / "calm", prefect_server)
    made.boli("run", str(source), "--project", "demo")
    return made


@pytest.fixture
def dask_scheduler(calm: Installation, tmp_path: Path) -> Iterator[str]:
    """The address of one with no worker."""
    pytest.importorskip("prefect_dask", reason="prefect-dask is missing: make .venv/ready-dev installs it")
    address, process = start_scheduler(calm.environment, tmp_path / "logs")
    yield address
    end_group(process)


def test_two_workers_of_a_prefect_pool_end_as_one_machine_does(
    tmp_path: Path, source: Path, calm: Installation, prefect_server: PrefectServer
) -> None:
    pool = make_pool(prefect_server, calm.environment)
    shared = with_prefect(calm, tmp_path / "shared", pool.deployment)

    with workers(pool, shared.environment, ("one", "two"), tmp_path / "logs"):
        shared.boli("run", str(source), "--project", "demo")
        until(lambda: pool.takers() == {"one", "two"})

    assert rows(shared) == rows(calm)
    assert objects(shared) == objects(calm)
    names = {run["name"] for run in pool.runs()}
    assert {f"demo: segment {number} of 3" for number in (1, 2, 3)} <= names


def test_a_worker_with_another_catalogue_refuses_with_a_sentence_and_touches_nothing(
    tmp_path: Path, source: Path, calm: Installation, prefect_server: PrefectServer
) -> None:
    pool = make_pool(prefect_server, calm.environment)
    ours = with_prefect(calm, tmp_path / "ours", pool.deployment)
    stranger = with_prefect(calm, tmp_path / "stranger", pool.deployment)

    with workers(pool, stranger.environment, ("stranger",), tmp_path / "logs"):
        output = ours.boli("run", str(source), "--project", "demo", status=1)

    assert "this worker has another catalogue than the run that gave it the batch" in output
    assert "Give it the run's BOLI_DATABASE_URL" in output
    assert rows(stranger)["recording"] == {}


def test_two_dask_workers_end_as_one_machine_does(
    tmp_path: Path, source: Path, calm: Installation, dask_scheduler: str
) -> None:
    shared = replace(
        calm,
        settings=calm.settings.model_copy(update={"home": tmp_path / "shared"}),
        environment={
            **calm.environment,
            "BOLI_HOME": str(tmp_path / "shared"),
            "BOLI_TASK_RUNNER": "dask",
            "BOLI_DASK_ADDRESS": dask_scheduler,
        },
    )

    with dask_workers(dask_scheduler, shared.environment, 2, tmp_path / "logs"):
        shared.boli("run", str(source), "--project", "demo")

    assert rows(shared) == rows(calm)
    assert objects(shared) == objects(calm)


def test_kill_9_of_a_batch_of_prefects_server_and_of_postgresql_leads_to_the_same_end(
    tmp_path: Path, source: Path, prefect_server: PrefectServer, servers_folder: Path
) -> None:
    postgres_folder, prefect_folder = servers_folder / "postgres", servers_folder / "prefect"
    postgres = start_postgres(postgres_folder, owner=os.getpid())
    server = start_prefect(prefect_folder, owner=os.getpid())
    peaceful = spread_installation(
        tmp_path / "calm", prefect_server, BOLI_DATABASE_URL=postgres.url(postgres.create_database())
    )
    peaceful.boli("run", str(source), "--project", "demo")
    plain = spread_installation(
        tmp_path / "hunted", server, BOLI_DATABASE_URL=postgres.url(postgres.create_database())
    )
    pool = make_pool(server, plain.environment)
    hunted = with_prefect(plain, tmp_path / "hunted", pool.deployment)

    with workers(pool, hunted.environment, ("one", "two"), tmp_path / "logs"):
        run = hunted.start("run", str(source), "--project", "demo")
        until(lambda: any(each["state_type"] == "CRASHED" for each in kill_batches(pool)))
        stop_process(server.pid)
        server = start_prefect(prefect_folder, owner=os.getpid(), again=server)
        stop_process(postgres.pid)
        postgres = restart_postgres(postgres_folder, owner=os.getpid())
        run.communicate(timeout=600)
        hunted.boli("run", str(source), "--project", "demo")

    assert rows(hunted) == rows(peaceful)
    assert objects(hunted) == objects(peaceful)
    stop_process(server.pid)
    stop_process(postgres.pid, signal.SIGQUIT)


def kill_batches(pool: BatchPool) -> list[dict[str, Any]]:
    """Kill -9 on each batch that is being worked on. Returns all of them as they were before."""
    runs = pool.runs()
    for run in runs:
        if run["state_type"] == "RUNNING" and run["infrastructure_pid"]:
            with suppress(ProcessLookupError):
                os.kill(int(run["infrastructure_pid"].rsplit(":", 1)[-1]), signal.SIGKILL)
    return runs
