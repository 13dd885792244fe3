"""Accepted texts get the times of their words."""

from dataclasses import dataclass

from prefect import flow

from flows.batch import ALIGN
from flows.parameters import ProjectName
from flows.running import publish_table, say
from flows.spreading import spread
from flows.steps.align import unaligned_clips
from flows.steps.in_sandbox import FailedItem
from flows.steps.recognisers import aligning_recognisers
from flows.traced import traced_flow
from flows.workspace import open_workspace


@dataclass(frozen=True, slots=True)
class AlignedReport:
    """What one run aligned. unaligned: texts that can't be laid on their sound"""

    aligned: int
    low_score: int
    unaligned: int
    failed: tuple[FailedItem, ...] = ()


@traced_flow
@flow(name="align", flow_run_name="align {project}")
def align(project: ProjectName) -> AlignedReport:
    """Time the words of every accepted text that has none, also after an edit. Running it again does nothing."""
    with open_workspace(project) as workspace:
        unaligned = unaligned_clips(workspace)
        missing = aligning_recognisers(workspace).missing
    gathered = spread(ALIGN, project, unaligned)
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
