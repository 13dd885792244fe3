"""One batch of a run, wherever it runs: on this machine, on a Dask worker, or as a run of a deployment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from prefect import flow
from prefect.artifacts import create_table_artifact
from pydantic import TypeAdapter

from flows.identity import WorkspaceIdentity, refuse_other
from flows.parameters import Described
from flows.progress import StepProgress
from flows.running import retried
from flows.steps.align import AlignReport, align_batch
from flows.steps.batches import Batch
from flows.steps.ingest import IngestReport, ingest_batch
from flows.steps.segment import SegmentReport, segment_batch
from flows.traced import traced_flow
from flows.workspace import Workspace, open_workspace

Report = TypeVar("Report")
Tell = Callable[[int, int, str], None]
StepName = Literal["ingest", "segment", "align"]
REPORT = "batch-report"
"""Key of the table on a batch's page that says what became of it, and from which the run reads it."""


@dataclass(frozen=True, slots=True)
class BatchStep(Generic[Report]):
    """A step that is done batch by batch. report: what it says of each, which travels as JSON"""

    name: StepName
    work: Callable[[Workspace, Batch, Tell | None], Report]
    report: type[Report]


INGEST = BatchStep("ingest", ingest_batch, IngestReport)
SEGMENT = BatchStep("segment", segment_batch, SegmentReport)
ALIGN = BatchStep("align", align_batch, AlignReport)
_STEPS: dict[StepName, BatchStep[Any]] = {step.name: step for step in (INGEST, SEGMENT, ALIGN)}


@retried("{step} {batch.label}")
def work_batch(
    step: StepName, project: str, batch: Batch, identity: WorkspaceIdentity | None = None
) -> object:
    """Do one batch; returns the step's report.

    identity: of the run's workspace, where the batch may have come to another machine
    """
    with open_workspace(project) as workspace:
        if identity is not None:
            refuse_other(workspace, identity)
        return _STEPS[step].work(workspace, batch, StepProgress(step))


@traced_flow
@flow(name="batch", flow_run_name="{project}: {step} {batch.label}")
def batch(
    step: Annotated[StepName, Described("What is done with the batch.")],
    project: Annotated[str, Described("Project of the run.")],
    batch: Annotated[Batch, Described("The rows to work on.")],
    identity: Annotated[
        WorkspaceIdentity,
        Described("Catalogue, store and program of the run; the worker's must be the same."),
    ],
) -> None:
    """A part of a run that was spread over machines. Runs are made by the run that they belong to, not by hand."""
    report = work_batch(step, project, batch, identity)
    create_table_artifact(
        key=REPORT,
        description=f"What became of {step} {batch.label} of {project}",
        table=[TypeAdapter(_STEPS[step].report).dump_python(report, mode="json")],
    )
