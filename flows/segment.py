"""Recordings become clips: measured, cut at pauses, cleaned beside the untouched cut."""

from collections import Counter
from dataclasses import dataclass

from prefect import flow

from flows.batch import SEGMENT
from flows.parameters import ProjectName
from flows.running import publish_table, say
from flows.spreading import spread
from flows.steps.in_sandbox import FailedItem
from flows.steps.segment import uncut_recordings
from flows.traced import traced_flow
from flows.workspace import open_workspace


@dataclass(frozen=True, slots=True)
class SegmentedReport:
    """What cutting made in one run, and what it turned away why."""

    recordings: int
    hours: float
    clips: int
    clip_hours: float
    rejected: dict[str, int]
    rejected_clips: dict[str, int]
    failed: tuple[FailedItem, ...] = ()


@traced_flow
@flow(name="segment", flow_run_name="segment {project}")
def segment(project: ProjectName) -> SegmentedReport:
    """Cut and clean every accepted recording that no recipe has cut. Running it again does nothing."""
    with open_workspace(project) as workspace:
        uncut = uncut_recordings(workspace)
    gathered = spread(SEGMENT, project, uncut)
    rejected = Counter(reason for report in gathered.reports for reason in report.rejected)
    rejected_clips = Counter(reason for report in gathered.reports for reason in report.rejected_clips)
    summary = SegmentedReport(
        recordings=sum(report.recordings for report in gathered.reports),
        hours=sum(report.seconds for report in gathered.reports) / 3600,
        clips=sum(report.clips for report in gathered.reports),
        clip_hours=sum(report.clip_seconds for report in gathered.reports) / 3600,
        rejected=dict(sorted(rejected.items())),
        rejected_clips=dict(sorted(rejected_clips.items())),
        failed=tuple(each for report in gathered.reports for each in report.failed),
    )
    publish_table(
        f"segmented-{project}",
        f"What was cut for {project}",
        [
            {"what": "recordings", "count": summary.recordings, "hours": round(summary.hours, 3)},
            {"what": "clips", "count": summary.clips, "hours": round(summary.clip_hours, 3)},
            *({"what": f"rejected: {why}", "count": n, "hours": ""} for why, n in summary.rejected.items()),
            *({"what": f"clip: {why}", "count": n, "hours": ""} for why, n in summary.rejected_clips.items()),
            *({"what": f"failed: {each.name}", "count": 1, "hours": ""} for each in summary.failed),
        ],
    )
    say(f"{summary.recordings} recordings cut into {summary.clips} clips")
    gathered.or_raise(summary)
    return summary
