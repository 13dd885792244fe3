"""Batches as tasks of a Dask cluster: whichever of its workers is free takes the next one."""

import time
from collections.abc import Sequence
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, TypeVar, cast

from prefect import unmapped

from catalog.errors import UserError
from flows.batch import BatchStep, work_batch
from flows.identity import WorkspaceIdentity
from flows.running import Gathered, gathered
from flows.steps.batches import Batch
from flows.waiting import LOOK_SECONDS, NO_WORKER_SECONDS, answers, no_worker

if TYPE_CHECKING:
    from distributed import Client
    from prefect_dask.task_runners import DaskTaskRunner, PrefectDaskFuture

Report = TypeVar("Report")
START = "dask worker {address} --nthreads 1"


class NoScheduler(UserError):
    """Dask's scheduler can't be reached, or went away."""


def run_on_dask(
    step: BatchStep[Report],
    project: str,
    batches: Sequence[Batch],
    identity: WorkspaceIdentity,
    *,
    address: str,
) -> Gathered[Report]:
    """Give every batch to the cluster, and wait for all. One whose worker dies goes to another.

    address: the scheduler's, tcp://host:port
    Raises NoScheduler; NoWorker once the cluster has had no worker for NO_WORKER_SECONDS.
    """
    given = {
        "step": unmapped(step.name),
        "project": unmapped(project),
        "batch": list(batches),
        "identity": unmapped(identity),
    }
    try:
        with _runner(address) as runner:
            futures = cast("Sequence[PrefectDaskFuture[Report]]", runner.map(work_batch, given))
            left = _wait(runner.client, futures, project, address)
            outcomes = list(map(_outcome, [each for each in futures if each not in left]))
    except (OSError, CancelledError) as error:
        said = str(error) or type(error).__name__
        raise NoScheduler(
            f"Dask's scheduler at {address} (BOLI_DASK_ADDRESS) does not answer: {said}.\n"
            "Nothing is lost. Start it and its workers, then run the same command again."
        ) from error
    return gathered(outcomes, unbegun=len(left))


def _runner(address: str) -> "DaskTaskRunner":
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError as error:
        raise RuntimeError(
            "BOLI_TASK_RUNNER=dask needs prefect-dask. Install it with: pip install 'boli[dask]'"
        ) from error
    return DaskTaskRunner(address=address)


def _wait(
    client: "Client", futures: "Sequence[PrefectDaskFuture[Report]]", project: str, address: str
) -> "list[PrefectDaskFuture[Report]]":
    """Until each has ended. Returns those that were cancelled, once one failed because nothing can be used."""
    pending = list(futures)
    seen = time.monotonic()
    while pending:
        over = [future for future in pending if future.wrapped_future.done()]  # type: ignore[no-untyped-call]
        pending = [future for future in pending if future not in over]
        if any(_failed(future) for future in over) and not answers(project):
            _cancel(client, pending)
            return pending
        if client.scheduler_info()["workers"]:
            seen = time.monotonic()
        elif time.monotonic() - seen > NO_WORKER_SECONDS:
            _cancel(client, pending)
            raise no_worker(len(pending), "Dask's workers", START.format(address=address))
        if pending:
            time.sleep(LOOK_SECONDS)
    return []


def _cancel(client: "Client", futures: "Sequence[PrefectDaskFuture[Report]]") -> None:
    client.cancel([future.wrapped_future for future in futures])  # type: ignore[no-untyped-call]


def _failed(future: "PrefectDaskFuture[Report]") -> bool:
    outcome: Report | Exception = _outcome(future)
    return isinstance(outcome, Exception)


def _outcome(future: "PrefectDaskFuture[Report]") -> Report | Exception:
    """What a batch reported, or how it failed: over it workers may have died.

    Raises CancelledError, OSError where the link to the cluster broke.
    """
    try:
        return future.result(raise_on_failure=False)
    except (OSError, CancelledError):
        raise
    except Exception as error:  # noqa: BLE001 (that batch's result)
        return error
