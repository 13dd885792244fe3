"""One run's batches on several workers, with PostgreSQL and S3: the same end as on one machine that nothing disturbed.

Whichever way they are spread, and whatever is killed or falls silent meanwhile.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import numpy as np
import pytest
import soundfile
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from boli.demo.run import spoken_texts
from boli.demo.scripted_people import work
from boli.serve import silent_runs
from flows.steps.align import align_batch, unaligned_clips
from flows.steps.project_context import open_project_context
from flows.workspace import open_workspace
from tests.dask_workers import dask_workers, start_scheduler
from tests.end_to_end.cluster import Cluster
from tests.end_to_end.conftest import Installation
from tests.end_to_end.end_state import objects, rows
from tests.prefect_workers import BatchPool, end_group, make_pool, workers
from tests.processes import descendants
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.slow

SESSIONS = ("kn/kn-01_session_1.wav", "sw/sw-01_session_1.mp3")
"""Each longer than a minute, and so a batch of its own."""
PUBLISH = ("release", "publish", "--project", "demo")
SILENT = timedelta(seconds=45)
"""After which a batch is taken for dead; the least that lets one of Prefect's heartbeats (30 s) come late."""


@pytest.fixture(scope="module")
def source(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three long recordings of three speakers, with their lists."""
    recordings, folder = examples / "recordings", tmp_path_factory.mktemp("spread") / "source"
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


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Outside pytest's folder: PostgreSQL runs as a user who can't look into that."""
    folder = Path(tempfile.mkdtemp(prefix="boli-cluster-"))
    started = Cluster.start(folder)
    yield started
    started.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def calm(cluster: Cluster, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """What one machine, undisturbed, makes of the source."""
    made = cluster.install(tmp_path_factory.mktemp("calm") / "home")
    made.boli("run", str(source), "--project", "demo")
    return made


@pytest.fixture(scope="module")
def accepted(cluster: Cluster, calm: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A copy of it, whose clips are written, accepted and aligned."""
    made = cluster.copy(calm, tmp_path_factory.mktemp("accepted") / "home")
    with open_workspace("demo", made.settings) as workspace:
        work(open_project_context(workspace), spoken_texts(workspace), clock=workspace.now)
        for batch in unaligned_clips(workspace):
            align_batch(workspace, batch)
    return made


def is_as(calm: Installation, disturbed: Installation) -> bool:
    """Whether both hold the same rows and the same objects, no more and no less."""
    assert rows(disturbed) == rows(calm)
    assert objects(disturbed) == objects(calm)
    return True


def test_one_machine_goes_on_when_s3_thaws_and_when_it_is_started_again(
    tmp_path: Path, source: Path, calm: Installation, cluster: Cluster
) -> None:
    disturbed = cluster.install(tmp_path / "home")
    run = disturbed.start("run", str(source), "--project", "demo")
    before = cluster.tried_again()

    until(lambda: cluster.holds(disturbed, "landing/"))
    with cluster.frozen_s3():
        until(lambda: cluster.tried_again() > before)
    until(lambda: cluster.holds(disturbed, "clips/"))
    cluster.kill_s3()
    output, _ = run.communicate(timeout=PATIENCE_SECONDS)

    assert run.returncode == 0, output
    assert is_as(calm, disturbed)


def test_a_prefect_worker_lost_in_one_piece_and_a_frozen_s3_cost_only_time(
    tmp_path: Path, source: Path, calm: Installation, cluster: Cluster
) -> None:
    plain = cluster.install(tmp_path / "home")
    pool = make_pool(cluster.prefect)
    disturbed = with_prefect(plain, pool)
    register_silent_runs(cluster)

    with workers(pool, disturbed.environment, ("one", "two"), tmp_path / "logs") as started:
        run = disturbed.start("run", str(source), "--project", "demo")
        until(lambda: batches_of(pool, started["one"]))
        before = cluster.tried_again()
        with cluster.frozen_s3():
            until(lambda: cluster.tried_again() > before)
            until(lambda: any(is_heard(pool, each) for each in batches_of(pool, started["one"])))
            lost = batches_of(pool, started["one"])
            end_machine(started["one"])
        output, _ = run.communicate(timeout=PATIENCE_SECONDS)
        ends = {each["id"]: each["state"] for each in pool.runs()}

    assert run.returncode == 0, output
    assert lost
    assert {ends[each]["type"] for each in lost} == {"CRASHED"}
    assert all(ends[each]["message"].startswith("It said nothing for 45 s") for each in lost)
    assert pool.takers() == {"one", "two"}
    assert is_as(calm, disturbed)


def test_a_dask_worker_lost_in_one_piece_and_a_frozen_s3_cost_only_time(
    tmp_path: Path, source: Path, calm: Installation, cluster: Cluster, dask_scheduler: str
) -> None:
    plain = cluster.install(tmp_path / "home")
    disturbed = replace(
        plain,
        environment={**plain.environment, "BOLI_TASK_RUNNER": "dask", "BOLI_DASK_ADDRESS": dask_scheduler},
    )

    with dask_workers(dask_scheduler, disturbed.environment, 2, tmp_path / "logs") as started:
        run = disturbed.start("run", str(source), "--project", "demo")
        until(lambda: cluster.holds(disturbed, "clips/"))
        end_machine(started[0])
        before = cluster.tried_again()
        with cluster.frozen_s3():
            until(lambda: cluster.tried_again() > before)
        output, _ = run.communicate(timeout=PATIENCE_SECONDS)

    assert run.returncode == 0, output
    assert is_as(calm, disturbed)


def test_a_publish_that_s3_kept_waiting_ends_in_the_same_version_and_again_changes_nothing(
    tmp_path: Path, accepted: Installation, cluster: Cluster
) -> None:
    peaceful, disturbed = (cluster.copy(accepted, tmp_path / name) for name in ("peaceful", "disturbed"))
    peaceful.boli(*PUBLISH)
    run = disturbed.start(*PUBLISH)
    before = cluster.tried_again()

    until(lambda: cluster.holds(disturbed, "datasets/"))
    with cluster.frozen_s3():
        until(lambda: cluster.tried_again() > before or run.poll() is not None)
        assert run.poll() is None, run.communicate()[0]
    output, _ = run.communicate(timeout=PATIENCE_SECONDS)

    assert run.returncode == 0, output
    assert "boli-demo 1.0.0: unchanged" in disturbed.boli(*PUBLISH)
    disturbed.boli("release", "verify", "boli-demo@1.0.0")
    assert published(disturbed) == published(peaceful)


def test_a_worker_with_another_catalogue_refuses_with_a_sentence_and_touches_nothing(
    tmp_path: Path, source: Path, cluster: Cluster
) -> None:
    plain = cluster.install(tmp_path / "ours")
    pool = make_pool(cluster.prefect)
    ours = with_prefect(plain, pool)
    stranger = with_prefect(cluster.install(tmp_path / "stranger"), pool)

    with workers(pool, stranger.environment, ("stranger",), tmp_path / "logs"):
        output = ours.boli("run", str(source), "--project", "demo", status=1)

    assert "this worker has another catalogue than the run that gave it the batch" in output
    assert "Give it the run's BOLI_DATABASE_URL" in output
    assert rows(stranger)["recording"] == {}


def test_kill_9_of_a_batch_of_prefects_server_and_of_postgresql_leads_to_the_same_end(
    tmp_path: Path, source: Path, calm: Installation, cluster: Cluster
) -> None:
    plain = cluster.install(tmp_path / "home")
    pool = make_pool(cluster.prefect)
    hunted = with_prefect(plain, pool)

    with workers(pool, hunted.environment, ("one", "two"), tmp_path / "logs"):
        run = hunted.start("run", str(source), "--project", "demo")
        until(lambda: any(each["state_type"] == "CRASHED" for each in kill_batches(pool)))
        cluster.kill_prefect()
        cluster.kill_postgres()
        run.communicate(timeout=PATIENCE_SECONDS)
        hunted.boli("run", str(source), "--project", "demo")

    assert is_as(calm, hunted)


def published(installation: Installation) -> dict[str, tuple[int, str | None] | bool]:
    """What the store holds but for the commit, in which the moment stands, and what a probe could not take back."""
    found = objects(installation)
    assert found.pop("datasets/boli-demo/versions/1.0.0.json")
    return {key: each for key, each in found.items() if not key.startswith("probe/")}


def with_prefect(installation: Installation, pool: BatchPool) -> Installation:
    """The same, with batches that go to a deployment's workers."""
    return replace(
        installation,
        environment={
            **installation.environment,
            "BOLI_TASK_RUNNER": "prefect",
            "BOLI_BATCH_DEPLOYMENT": pool.deployment,
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        },
    )


@pytest.fixture
def dask_scheduler(calm: Installation, tmp_path: Path) -> Iterator[str]:
    """The address of one with no worker."""
    pytest.importorskip("prefect_dask", reason="prefect-dask is missing: make .venv/ready-dev installs it")
    address, process = start_scheduler(calm.environment, tmp_path / "logs")
    yield address
    end_group(process)


def register_silent_runs(cluster: Cluster) -> None:
    """Have the cluster's server end batches that fell silent, sooner than an operator would."""
    with temporary_settings(
        {PREFECT_API_URL: cluster.prefect.api, PREFECT_API_AUTH_STRING: cluster.prefect.auth_string}
    ):
        silent_runs.register(flows=["batch"], silent=SILENT)


def batches_of(pool: BatchPool, worker: "Popen[bytes]") -> list[str]:
    """Ids of the batches that a worker is at."""
    own = descendants(worker.pid)
    return [each["id"] for each in pool.runs() if process_of(each) in own]


def is_heard(pool: BatchPool, run: str) -> bool:
    wanted = {
        "event": {"name": ["prefect.flow-run.heartbeat"]},
        "resource": {"id": [f"prefect.flow-run.{run}"]},
    }
    return bool(pool.server.ask("events/filter", {"filter": wanted})["events"])


def process_of(run: dict[str, Any]) -> int | None:
    """Where it is being worked on: Prefect says host:number."""
    if run["state_type"] != "RUNNING" or not run["infrastructure_pid"]:
        return None
    return int(run["infrastructure_pid"].rsplit(":", 1)[-1])


def end_machine(worker: "Popen[bytes]") -> None:
    """Kill -9 on a worker, its batch and what that has started: nobody is left to say that they are gone."""
    lost = descendants(worker.pid)
    worker.kill()
    for each in lost:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    worker.wait()


def kill_batches(pool: BatchPool) -> list[dict[str, Any]]:
    """Kill -9 on each batch that is being worked on. Returns all of them as they were before."""
    runs = pool.runs()
    for run in runs:
        if number := process_of(run):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
    return runs
