"""Files that somebody sent become recordings, or are rejected with the reason."""

from collections import Counter
from dataclasses import dataclass

from prefect import flow

from catalog.config.settings import load_settings
from catalog.erasure.late import LATE_REASON
from flows.batch import INGEST
from flows.parameters import CorrectsPublished, ProjectName, Source
from flows.progress import StepProgress
from flows.running import publish_table, retried, say
from flows.sources import open_source
from flows.spreading import spread
from flows.steps.in_sandbox import FailedItem
from flows.steps.ingest import waiting_uploads
from flows.steps.receive import NO_LISTS, ListsReport, ReceiveReport, receive_all
from flows.traced import traced_flow
from flows.workspace import open_workspace, s3_options


@dataclass(frozen=True, slots=True)
class IngestedReport:
    """What came in during one run, and what was rejected why."""

    received: int
    accepted: int
    accepted_hours: float
    rejected: dict[str, int]
    lists: ListsReport = NO_LISTS
    failed: tuple[FailedItem, ...] = ()


@retried("receive {source}")
def receive_source(project: str, source: str, correct_published: bool = False) -> ReceiveReport:
    """Give every file of the source its receipt."""
    settings = load_settings()
    with open_workspace(project, settings) as workspace:
        found = open_source(source, scratch=workspace.scratch, s3=s3_options(settings))
        return receive_all(workspace, found, StepProgress("receive"), correct_published=correct_published)


@traced_flow
@flow(name="ingest", flow_run_name="ingest {project}")
def ingest(
    project: ProjectName, source: Source = None, correct_published: CorrectsPublished = False
) -> IngestedReport:
    """Take in what `source` holds (a folder or s3:// prefix; nothing: only what was received before) and look at it.

    correct_published: let a mended list correct what versions hold already, for the next one
    Running it again does nothing.
    """
    received = receive_source(project, source, correct_published) if source else ReceiveReport(0, 0, 0, 0)
    with open_workspace(project) as workspace:
        waiting = waiting_uploads(workspace)
    gathered = spread(INGEST, project, waiting)
    rejected = Counter(reason for report in gathered.reports for reason in report.rejected)
    summary = IngestedReport(
        received=received.received,
        accepted=sum(report.accepted for report in gathered.reports),
        accepted_hours=sum(report.accepted_seconds for report in gathered.reports) / 3600,
        rejected=dict(sorted(rejected.items())),
        lists=received.lists,
        failed=tuple(each for report in gathered.reports for each in report.failed),
    )
    publish_table(
        f"ingested-{project}",
        f"What came in for {project}",
        [
            {"what": "accepted", "files": summary.accepted, "hours": round(summary.accepted_hours, 3)},
            *({"what": reason, "files": count, "hours": ""} for reason, count in summary.rejected.items()),
            *([{"what": LATE_REASON, "files": received.erased, "hours": ""}] if received.erased else []),
            *_list_rows(summary.lists),
            *({"what": f"failed: {each.name}", "files": 1, "hours": ""} for each in summary.failed),
        ],
    )
    say(f"{summary.received} received, {summary.accepted} accepted, {sum(rejected.values())} rejected")
    gathered.or_raise(summary)
    return summary


def _list_rows(lists: ListsReport) -> list[dict[str, object]]:
    """What did not fit together, each with the first names."""
    named = {
        "faults of lists": lists.faults,
        "rows that name no file": lists.without_file,
        "files without a row": lists.without_row,
        "files that wait for their list": lists.waiting,
        "corrected by a list": lists.corrected,
        "not corrected": lists.uncorrected,
    }
    return [
        {"what": f"{what}: {'; '.join(each.first[:10])}", "files": each.count, "hours": ""}
        for what, each in named.items()
        if each.count
    ]
