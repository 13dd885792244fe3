"""A batch that says nothing any more is not waited for, whether or not Prefect's server was told to end it."""

import threading
from collections.abc import Iterator

import pytest
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.events import emit_event
from prefect.states import Pending, Running, Scheduled

from flows import lost_batches
from flows.batch import INGEST, batch
from flows.deployed import run_deployed
from flows.identity import WorkspaceIdentity
from flows.lost_batches import EVERY_SECONDS, LOST_SECONDS, LifeSigns
from flows.running import RETRIES
from flows.steps.batches import Batch
from tests.prefect_workers import BatchPool, make_pool
from tests.servers import PrefectServer
from tests.waiting import until

pytestmark = pytest.mark.slow

GIVEN = {"step": "ingest", "project": "demo", "batch": {}, "identity": {}}


@pytest.fixture
def client(prefect_api: PrefectServer) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


def run_in(client: SyncPrefectClient, state: State[None]) -> FlowRun:
    return client.create_flow_run(batch, parameters=GIVEN, state=state)


def beat(client: SyncPrefectClient, run: FlowRun, signs: LifeSigns) -> None:
    """A heartbeat, as Prefect's engine sends them; it is there when this returns."""
    before = signs._sign(run)
    emit_event("prefect.flow-run.heartbeat", resource={"prefect.resource.id": f"prefect.flow-run.{run.id}"})
    until(lambda: signs._sign(run) != before)


def test_a_batch_is_silent_once_a_worker_took_it_and_nothing_of_it_was_new_for_ten_minutes(
    client: SyncPrefectClient,
) -> None:
    states: tuple[State[None], ...] = (Scheduled(), Pending(), Running(), Running())
    waiting, taken, dead, alive = (run_in(client, state) for state in states)
    everything, signs = (waiting, taken, dead, alive), LifeSigns(client)
    beat(client, dead, signs)
    beat(client, alive, signs)

    assert signs.fallen_silent(everything, now=0.0) == ()
    beat(client, alive, signs)
    assert signs.fallen_silent(everything, now=LOST_SECONDS - 1) == ()
    assert signs.fallen_silent(everything, now=LOST_SECONDS + EVERY_SECONDS) == (taken, dead)


def test_a_batch_whose_machines_are_lost_one_after_the_other_ends_with_a_sentence(
    prefect_api: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost_batches, "LOST_SECONDS", 0.5)
    monkeypatch.setattr(lost_batches, "EVERY_SECONDS", 0.1)
    pool, over = make_pool(prefect_api), threading.Event()
    taker = threading.Thread(target=take_and_be_lost, args=(pool, over))
    taker.start()

    try:
        gathered = run_deployed(
            INGEST,
            "demo",
            [Batch("1 of 1", ("a",), 60.0)],
            WorkspaceIdentity("catalogue", "store", "version"),
            deployment=pool.deployment,
        )
    finally:
        over.set()
        taker.join()

    assert gathered.reports == ()
    assert "its process or machine is gone" in str(gathered.failures[0])
    assert [run["state_type"] for run in pool.runs()] == ["CRASHED"] * (RETRIES + 1)


def take_and_be_lost(pool: BatchPool, over: threading.Event) -> None:
    """Whatever waits is taken by a worker of which nothing more is heard."""
    while not over.wait(0.1):
        for run in pool.runs():
            if run["state_type"] == "SCHEDULED":
                pool.set_state(run["id"], "RUNNING")
