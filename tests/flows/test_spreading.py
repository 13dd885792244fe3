"""Where what all batches need is away, or nobody works on them, a run says so instead of waiting."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from prefect import flow

from catalog.database import CatalogUnavailable
from flows import dask_batches
from flows.batch import INGEST, work_batch
from flows.dask_batches import NoScheduler, run_on_dask
from flows.deployed import run_deployed
from flows.identity import WorkspaceIdentity
from flows.running import Gathered, StepFailed
from flows.spreading import spread
from flows.steps.batches import Batch
from flows.steps.ingest import IngestReport
from flows.waiting import NoWorker
from tests.dask_workers import dask_workers, start_scheduler
from tests.prefect_workers import BatchPool, end_group, make_pool
from tests.processes import free_ports
from tests.servers import PrefectServer
from tests.waiting import until

pytestmark = pytest.mark.slow

THREE = tuple(Batch(f"{number} of 3", (f"upload {number}",), 60.0) for number in (1, 2, 3))
IDENTITY = WorkspaceIdentity("catalogue", "store", "version")


@pytest.fixture
def no_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that name a PostgreSQL where nobody listens."""
    nobody = f"postgresql+psycopg://boli@127.0.0.1:{free_ports(1)[0]}/boli"
    monkeypatch.setenv("BOLI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BOLI_DATABASE_URL", nobody)


def in_a_flow(work: Callable[[], Gathered[IngestReport]]) -> Gathered[IngestReport]:
    return flow(name="spreads")(work)()


def test_on_one_machine_no_other_batch_is_begun_once_one_found_the_catalogue_away(
    prefect_api: PrefectServer, no_catalogue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_batch, "retry_delay_seconds", [0.0, 0.0, 0.0])

    gathered = in_a_flow(lambda: spread(INGEST, "demo", THREE))

    assert (len(gathered.reports), len(gathered.failures), gathered.unbegun) == (0, 1, 2)
    with pytest.raises(StepFailed, match=r"CatalogUnavailable: the catalogue at .* can't be used") as failed:
        gathered.or_raise(None)
    assert "2 more were not begun: the next run takes them up." in str(failed.value)


def test_batches_that_no_prefect_worker_has_taken_are_left_to_the_next_run_once_one_failed_for_all(
    prefect_api: PrefectServer, no_catalogue: None
) -> None:
    pool, over = make_pool(prefect_api), threading.Event()
    failer = threading.Thread(target=fail_one, args=(pool, over))
    failer.start()

    try:
        gathered = run_deployed(INGEST, "demo", THREE, IDENTITY, deployment=pool.deployment)
    finally:
        over.set()
        failer.join()

    assert (len(gathered.reports), len(gathered.failures), gathered.unbegun) == (0, 1, 2)
    assert sorted(run["state_type"] for run in pool.runs()) == ["CANCELLED", "CANCELLED", "FAILED"]


def fail_one(pool: BatchPool, over: threading.Event) -> None:
    """As a worker that can't reach the catalogue, once all are given out."""
    until(lambda: over.is_set() or len(pool.runs()) == len(THREE))
    for run in pool.runs()[:1]:
        pool.set_state(run["id"], "FAILED")


def test_batches_that_no_dask_worker_has_begun_are_left_to_the_next_run_once_one_failed_for_all(
    prefect_api: PrefectServer, no_catalogue: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="make .venv/ready-dev installs prefect-dask")
    monkeypatch.setattr(work_batch, "retry_delay_seconds", [0.0, 0.0, 0.0])
    many = tuple(Batch(f"{number} of 40", (f"upload {number}",), 60.0) for number in range(1, 41))
    address, scheduler = start_scheduler(os.environ, tmp_path / "logs")

    try:
        with dask_workers(address, os.environ, 1, tmp_path / "logs"):
            gathered = in_a_flow(lambda: run_on_dask(INGEST, "demo", many, IDENTITY, address=address))
    finally:
        end_group(scheduler)

    assert gathered.reports == ()
    assert gathered.failures and all(isinstance(each, CatalogUnavailable) for each in gathered.failures)
    assert gathered.unbegun > 0 and len(gathered.failures) + gathered.unbegun == len(many)


def test_batches_that_no_dask_worker_takes_or_whose_scheduler_is_gone_end_with_a_sentence(
    prefect_api: PrefectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed", reason="make .venv/ready-dev installs prefect-dask")
    address, scheduler = start_scheduler(os.environ, tmp_path / "logs")

    def wait_for_workers() -> Gathered[IngestReport]:
        return in_a_flow(lambda: run_on_dask(INGEST, "demo", THREE, IDENTITY, address=address))

    def kill_once_asked() -> None:
        with distributed.Client(address, set_as_default=False) as client:
            until(lambda: client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))
        end_group(scheduler)

    try:
        with monkeypatch.context() as impatient:
            impatient.setattr(dask_batches, "NO_WORKER_SECONDS", 0.5)
            with pytest.raises(
                NoWorker, match=f"none of Dask's workers took one.\nStart one: `dask worker {address}"
            ):
                wait_for_workers()
        killer = threading.Thread(target=kill_once_asked)
        killer.start()
        with pytest.raises(NoScheduler, match=f"{address} .* does not answer"):
            wait_for_workers()
        killer.join()
    finally:
        end_group(scheduler)
