"""Accepted texts get the times of their words."""

from dataclasses import dataclass

from prefect import flow, unmapped

from flows.progress import StepProgress
from flows.running import (
    ONE_BATCH_AT_A_TIME,
    gather,
    publish_table,
    retried,
    say,
)
from flows.steps.align import AlignReport, align_batch, unaligned_clips
from flows.steps.batches import Batch
from flows.steps.in_sandbox import FailedItem
from flows.steps.recognisers import aligning_recognisers
from flows.workspace import open_workspace


@dataclass(frozen=True, slots=True)
class AlignedReport:
    """What one run aligned. unaligned: texts that can't be laid on their sound"""

    aligned: int
    low_score: int
    unaligned: int
    failed: tuple[FailedItem, ...] = ()


@retried("align {batch.label}")
def align_clips(project: str, batch: Batch) -> AlignReport:
    """Find the words of one batch of clips."""
    with open_workspace(project) as workspace:
        return align_batch(workspace, batch, StepProgress("align"))


@flow(name="align", flow_run_name="align {project}", task_runner=ONE_BATCH_AT_A_TIME)
def align(project: str) -> AlignedReport:
    """Time the words of every accepted text that has none, also after an edit. Running it again does nothing."""
    with open_workspace(project) as workspace:
        unaligned = unaligned_clips(workspace)
        missing = aligning_recognisers(workspace).missing
    gathered = gather(align_clips.map(unmapped(project), list(unaligned)))
    summary = AlignedReport(
        aligned=sum(report.aligned for report in gathered.reports),
        low_score=sum(report.low_score for report in gathered.reports),
        unaligned=sum(report.unaligned for report in gathered.reports),
        failed=(*missing.values(), *(each for report in gathered.reports for each in report.failed)),
    )
    publish_table(
        f"aligned-{project}",
        f"Word times for {project}",
        [{"aligned": summary.aligned, "low score": summary.low_score, "can't be": summary.unaligned}],
    )
    say(
        f"{summary.aligned} clips aligned, {summary.low_score} with a low score, {summary.unaligned} can't be"
    )
    gathered.or_raise(summary)
    return summary
