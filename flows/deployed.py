"""Batches as runs of a deployment: whichever of Prefect's workers is free takes the next one."""

import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
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
from prefect.states import Cancelled, Crashed
from pydantic import TypeAdapter

from catalog.errors import UserError
from flows.batch import REPORT, BatchStep
from flows.identity import WorkspaceIdentity
from flows.lost_batches import LOST_SECONDS, LifeSigns
from flows.progress import StepProgress
from flows.running import RETRIES, Gathered, gathered, say
from flows.steps.batches import Batch
from flows.waiting import LOOK_SECONDS, NO_WORKER_SECONDS, answers, no_worker

Report = TypeVar("Report")
Answer = TypeVar("Answer")

AT_ONCE = 100
"""Runs that wait or work at once: more than there are workers, and no more than one question to the server names."""
START = "prefect worker start --pool boli-batches"
SERVER_AWAY_SECONDS = 300.0
"""How long a server that is being started anew is waited for."""


class NoDeployment(UserError):
    """Prefect's server knows no deployment whose runs are batches."""


class BatchFailed(Exception):
    """A batch failed on a worker; the message is the worker's."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    batch: Batch
    number: int


@dataclass
class _Progress(Generic[Report]):
    """Where the batches of one step stand: they wait for a run, have one, or ended, by label."""

    waiting: deque[_Attempt]
    running: dict[UUID, _Attempt] = field(default_factory=dict)
    ended: dict[str, Report | BatchFailed] = field(default_factory=dict)


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
    Raises NoDeployment; NoWorker once nothing has moved for NO_WORKER_SECONDS. A batch that is silent for LOST_SECONDS
    has crashed.
    """
    here: _Progress[Report] = _Progress(deque(_Attempt(batch, 1) for batch in batches))
    tell, moved = StepProgress(step.name), time.monotonic()
    with get_client(sync_client=True) as client:
        signs = LifeSigns(client)
        while here.waiting or here.running:
            while here.waiting and len(here.running) < AT_ONCE:
                attempt = here.waiting.popleft()
                here.running[_submit(step, project, attempt, identity, deployment)] = attempt
            runs = _runs(client, list(here.running))
            if any(run.state_type is not StateType.SCHEDULED for run in runs):
                moved = time.monotonic()
            elif time.monotonic() - moved > NO_WORKER_SECONDS:
                _cancel(client, list(here.running))
                raise no_worker(len(here.waiting) + len(here.running), "Prefect's workers", START)
            _end_lost(client, signs, runs)
            for run in runs:
                if run.state is not None and run.state.is_final():
                    label = _end(client, step, here, run)
                    tell(len(here.ended), len(batches), label)
            _leave_rest_where_nothing_answers(client, project, here, runs)
            if here.running:
                time.sleep(LOOK_SECONDS)
    ended = [here.ended[batch.label] for batch in batches if batch.label in here.ended]
    return gathered(ended, unbegun=len(batches) - len(ended))


def _end(client: SyncPrefectClient, step: BatchStep[Report], here: _Progress[Report], run: FlowRun) -> str:
    """A batch whose run is over: it ended, or waits for another run. Returns its label."""
    attempt = here.running.pop(run.id)
    if run.state_type is StateType.CRASHED and attempt.number <= RETRIES:
        say(f"{step.name} {attempt.batch.label} crashed with its worker and is given out anew")
        here.waiting.append(_Attempt(attempt.batch, attempt.number + 1))
    else:
        outcome: Report | BatchFailed = _outcome(client, step, run)
        here.ended[attempt.batch.label] = outcome
    return attempt.batch.label


def _leave_rest_where_nothing_answers(
    client: SyncPrefectClient, project: str, here: _Progress[Report], runs: Sequence[FlowRun]
) -> None:
    """Once a batch failed: where catalogue or store is away, what no worker has taken is left to the next run."""
    if not any(run.state_type is StateType.FAILED for run in runs) or answers(project):
        return
    now = _runs(client, list(here.running)) if here.running else []
    untaken = [run.id for run in now if run.state_type is StateType.SCHEDULED]
    _cancel(client, untaken, "Catalogue or store can't be reached: the next run takes it up.")
    here.waiting.clear()
    for each in untaken:
        del here.running[each]


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


def _end_lost(client: SyncPrefectClient, signs: LifeSigns, runs: Sequence[FlowRun]) -> None:
    """Crash the batches whose machine is gone, where Prefect's server has no rule for it; the next look sees it."""
    for run in _patiently(lambda: signs.fallen_silent(runs, now=time.monotonic())):
        message = f"It said nothing for {LOST_SECONDS / 60:.0f} minutes: its process or machine is gone."
        client.set_flow_run_state(run.id, Crashed(message=message), force=True)


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


def _cancel(client: SyncPrefectClient, ids: list[UUID], why: str = "No worker took it.") -> None:
    for each in ids:
        client.set_flow_run_state(each, Cancelled(message=why), force=True)


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
