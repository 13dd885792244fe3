"""Batches of one run spread over this machine, a Dask cluster or Prefect's workers, as BOLI_TASK_RUNNER says."""

from collections.abc import Sequence
from typing import Any, TypeVar

from prefect.task_runners import ThreadPoolTaskRunner

from catalog.config.settings import load_settings
from flows.batch import BatchStep, work_batch
from flows.dask_batches import run_on_dask
from flows.deployed import run_deployed
from flows.identity import WorkspaceIdentity, identity_of
from flows.running import Gathered, gathered, retried
from flows.steps.batches import Batch
from flows.waiting import EVERYBODYS
from flows.workspace import open_workspace

Report = TypeVar("Report")


def spread(step: BatchStep[Report], project: str, batches: Sequence[Batch]) -> Gathered[Report]:
    """Have every batch done, and come back with what each reported. One that fails stops no other.

    On one machine they go one after the other, each with its pool of children; elsewhere as many at once as there are
    workers, each of which first proves that it works with this catalogue and this store. Once a batch has failed
    because the store or the catalogue is away, no other is begun: each would wait as long for the same.
    """
    settings = load_settings()
    if not batches:
        return Gathered((), ())
    if settings.task_runner == "threads":
        return _one_by_one(step, project, batches)
    identity = look_at(project)
    if settings.task_runner == "dask":
        return run_on_dask(step, project, batches, identity, address=str(settings.dask_address))
    return run_deployed(step, project, batches, identity, deployment=settings.batch_deployment)


@retried("identity of {project}")
def look_at(project: str) -> WorkspaceIdentity:
    """What the workers must see as well; a store that hangs for a while is asked again, as in a batch."""
    with open_workspace(project) as workspace:
        return identity_of(workspace)


def _one_by_one(step: BatchStep[Report], project: str, batches: Sequence[Batch]) -> Gathered[Report]:
    outcomes: list[Report | BaseException] = []
    one: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=1)
    with one as runner:
        for batch in batches:
            given = {"step": step.name, "project": project, "batch": batch, "identity": None}
            outcome: Report | BaseException = runner.submit(work_batch, given).result(raise_on_failure=False)
            outcomes.append(outcome)
            if isinstance(outcome, EVERYBODYS):
                break
    return gathered(outcomes, unbegun=len(batches) - len(outcomes))
