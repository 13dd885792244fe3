"""Batches of one run spread over this machine, a Dask cluster or Prefect's workers, as BOLI_TASK_RUNNER says."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from prefect import unmapped
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from catalog.config.settings import Settings, load_settings
from flows.batch import BatchStep, work_batch
from flows.deployed import run_deployed
from flows.identity import WorkspaceIdentity, identity_of
from flows.running import Gathered, gather
from flows.steps.batches import Batch
from flows.workspace import open_workspace

Report = TypeVar("Report")


def spread(step: BatchStep[Report], project: str, batches: Sequence[Batch]) -> Gathered[Report]:
    """Have every batch done, and come back with what each reported. One that fails stops no other.

    On one machine they go one after the other, each with its pool of children; elsewhere as many at once as there are
    workers, each of which first proves that it works with this catalogue and this store.
    """
    settings = load_settings()
    if not batches:
        return Gathered((), ())
    if settings.task_runner == "threads":
        return _run(ThreadPoolTaskRunner(max_workers=1), step, project, batches, None)
    with open_workspace(project, settings) as workspace:
        identity = identity_of(workspace)
    if settings.task_runner == "dask":
        return _run(_dask(settings), step, project, batches, identity)
    return run_deployed(step, project, batches, identity, deployment=settings.batch_deployment)


def _run(
    runner: TaskRunner[Any],
    step: BatchStep[Report],
    project: str,
    batches: Sequence[Batch],
    identity: WorkspaceIdentity | None,
) -> Gathered[Report]:
    given = {
        "step": unmapped(step.name),
        "project": unmapped(project),
        "batch": list(batches),
        "identity": unmapped(identity),
    }
    with runner as started:
        futures = started.map(work_batch, given)
        return gather(cast(Sequence[PrefectFuture[Report]], futures))


def _dask(settings: Settings) -> TaskRunner[Any]:
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError as error:
        raise RuntimeError(
            "BOLI_TASK_RUNNER=dask needs prefect-dask. Install it with: pip install 'boli[dask]'"
        ) from error
    cluster: TaskRunner[Any] = DaskTaskRunner(address=settings.dask_address)
    return cluster
