"""Batches as runs of a deployment: whichever of Prefect's workers is free takes the next one."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import httpx
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterId,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.context import FlowRunContext
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled
from pydantic import TypeAdapter

from catalog.errors import UserError
from flows.batch import REPORT, BatchStep
from flows.identity import WorkspaceIdentity
from flows.progress import StepProgress
from flows.running import RETRIES, Gathered, say
from flows.steps.batches import Batch

Report = TypeVar("Report")
Answer = TypeVar("Answer")

AT_ONCE = 100
"""Runs that wait or work at once: more than there are workers, and no more than one question to the server names."""
LOOK_SECONDS = 1.0
NO_WORKER_SECONDS = 900.0
"""After which it is said that nobody takes batches."""
SERVER_AWAY_SECONDS = 300.0
"""How long a server that is being started anew is waited for."""


class NoDeployment(UserError):
    """Prefect's server knows no deployment whose runs are batches."""


class NoWorker(UserError):
    """Batches wait, and none of Prefect's workers takes them."""


class BatchFailed(Exception):
    """A batch failed on a worker; the message is the worker's."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    batch: Batch
    number: int


def run_deployed(
    step: BatchStep[Report],
    project: str,
    batches: Sequence[Batch],
    identity: WorkspaceIdentity,
    *,
    deployment: str,
) -> Gathered[Report]:
    """Make a run of the deployment for every batch, and wait for all. A run that crashed is made anew.

    deployment: its name, as flow/deployment
    Raises NoDeployment; NoWorker once nothing has moved for NO_WORKER_SECONDS.
    """
    waiting = deque(_Attempt(batch, 1) for batch in batches)
    running: dict[UUID, _Attempt] = {}
    ended: dict[str, Report | BatchFailed] = {}
    tell, moved = StepProgress(step.name), time.monotonic()
    with get_client(sync_client=True) as client:
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                attempt = waiting.popleft()
                running[_submit(step, project, attempt, identity, deployment)] = attempt
            runs = _runs(client, list(running))
            if any(run.state_type is not StateType.SCHEDULED for run in runs):
                moved = time.monotonic()
            elif time.monotonic() - moved > NO_WORKER_SECONDS:
                _cancel(client, list(running))
                raise NoWorker(_no_worker(deployment, len(waiting) + len(running)))
            for run in runs:
                if run.state is None or not run.state.is_final():
                    continue
                attempt = running.pop(run.id)
                if run.state_type is StateType.CRASHED and attempt.number <= RETRIES:
                    say(f"{step.name} {attempt.batch.label} crashed with its worker and is given out anew")
                    waiting.append(_Attempt(attempt.batch, attempt.number + 1))
                    continue
                outcome = _outcome(client, step, run)
                ended[attempt.batch.label] = outcome
                tell(len(ended), len(batches), attempt.batch.label)
            if running:
                time.sleep(LOOK_SECONDS)
    return _gathered(ended[batch.label] for batch in batches)


def _submit(
    step: BatchStep[Report], project: str, attempt: _Attempt, identity: WorkspaceIdentity, deployment: str
) -> UUID:
    """Asked again after a lost answer it is the same run."""
    batch, context = attempt.batch, FlowRunContext.get()
    parent = context.flow_run.id if context is not None and context.flow_run is not None else None
    parameters = {
        "step": step.name,
        "project": project,
        "batch": TypeAdapter(Batch).dump_python(batch, mode="json"),
        "identity": TypeAdapter(WorkspaceIdentity).dump_python(identity, mode="json"),
    }
    try:
        run = _patiently(
            lambda: run_deployment(
                deployment,
                parameters=parameters,
                flow_run_name=f"{project}: {step.name} {batch.label}",
                tags=["boli", project],
                idempotency_key=f"{parent} {step.name} {batch.label} {attempt.number}" if parent else None,
                timeout=0,
            )
        )
    except ObjectNotFound as error:
        raise NoDeployment(
            f"Prefect's server has no deployment {deployment!r}, whose runs are the batches of a run that is spread "
            "(BOLI_TASK_RUNNER=prefect).\nMake it with `prefect deploy --all`, or set BOLI_BATCH_DEPLOYMENT to yours."
        ) from error
    assert isinstance(run, FlowRun)  # a coroutine only where an event loop runs
    return run.id


def _runs(client: SyncPrefectClient, ids: list[UUID]) -> list[FlowRun]:
    chosen = FlowRunFilter(id=FlowRunFilterId(any_=ids))
    return _patiently(lambda: client.read_flow_runs(flow_run_filter=chosen, limit=len(ids)))


def _outcome(client: SyncPrefectClient, step: BatchStep[Report], run: FlowRun) -> Report | BatchFailed:
    """What the batch's own page says of it."""
    if run.state_type is not StateType.COMPLETED:
        message = run.state.message if run.state is not None else None
        return BatchFailed(f"{run.name}: {message or run.state_name}")
    chosen = ArtifactFilter(
        flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]), key=ArtifactFilterKey(any_=[REPORT])
    )
    found = _patiently(lambda: client.read_artifacts(artifact_filter=chosen, limit=1))
    if not found:
        return BatchFailed(f"{run.name}: ended without a report")
    (row,) = json.loads(str(found[0].data))
    return TypeAdapter(step.report).validate_python(row)


def _gathered(ends: Iterable[Report | BatchFailed]) -> Gathered[Report]:
    outcomes = tuple(ends)
    return Gathered(
        tuple(each for each in outcomes if not isinstance(each, BatchFailed)),
        tuple(each for each in outcomes if isinstance(each, BatchFailed)),
    )


def _cancel(client: SyncPrefectClient, ids: list[UUID]) -> None:
    for each in ids:
        client.set_flow_run_state(each, Cancelled(message="No worker took it."), force=True)


def _no_worker(deployment: str, count: int) -> str:
    return (
        f"{count} batches have waited {NO_WORKER_SECONDS / 60:.0f} minutes, and none of Prefect's workers took one.\n"
        f"Start one for the work pool of {deployment!r}: `prefect worker start --pool boli-batches`; then run again."
    )


def _patiently(ask: Callable[[], Answer]) -> Answer:
    """Ask Prefect's server; one that is away is asked until SERVER_AWAY_SECONDS are over."""
    deadline = time.monotonic() + SERVER_AWAY_SECONDS
    while True:
        try:
            return ask()
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_SECONDS)
