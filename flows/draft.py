"""Clips that wait for people are heard by the project's recognisers first, where it asks for that."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from prefect import flow, unmapped
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.parameters import ProjectName
from flows.progress import StepProgress
from flows.running import gather, publish_table, retried, say
from flows.steps.draft import DraftReport, WaitingClips, draft_batch, measure, waiting_clips
from flows.steps.in_sandbox import FailedItem
from flows.traced import traced_flow
from flows.workspace import open_workspace
from transcription.drafts.measuring import DraftFigures

_ONE_BATCH_AT_A_TIME: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=1)


@dataclass(frozen=True, slots=True)
class DraftedReport:
    """What one run drafted. unheard: clips of which a model can make nothing; off: languages without drafts by now"""

    drafted: int = 0
    unheard: int = 0
    off: tuple[str, ...] = ()
    failed: tuple[FailedItem, ...] = ()


@retried("draft {waiting.language} {waiting.batch.label}")
def draft_clips(project: str, waiting: WaitingClips) -> DraftReport:
    """Hear one batch of clips."""
    with open_workspace(project) as workspace:
        return draft_batch(workspace, waiting, StepProgress("draft"))


@traced_flow
@flow(name="draft", flow_run_name="draft {project}", task_runner=_ONE_BATCH_AT_A_TIME)
def draft(project: ProjectName) -> DraftedReport:
    """Measure the drafts there are, and make those that are wanted. A project that asks for none costs a look."""
    with open_workspace(project) as workspace:
        if not workspace.project.prefill.drafts:
            return DraftedReport()
        figures = measure(workspace)
        waiting, missing = waiting_clips(workspace)
    gathered = gather(draft_clips.map(unmapped(project), list(waiting)))
    summary = DraftedReport(
        drafted=sum(report.drafted for report in gathered.reports),
        unheard=sum(report.unheard for report in gathered.reports),
        off=tuple(sorted({each.language for each in figures if each.off})),
        failed=(*missing, *(each for report in gathered.reports for each in report.failed)),
    )
    made = Counter({report.language: 0 for report in gathered.reports})
    for report in gathered.reports:
        made[report.language] += report.drafted
    publish_table(f"drafts-{project}", f"Machine drafts of {project}", [_row(each) for each in figures])
    for language, number in sorted(made.items()):
        say(f"{language}: {number} clips drafted")
    for item in summary.failed:
        say(f"{item.name}: {item.code}: {item.detail}")
    gathered.or_raise(summary)
    return summary


def _row(each: DraftFigures) -> dict[str, object]:
    """The figures that a model's drafts are shown or turned off by."""
    return {
        "language": each.language,
        "model": each.model,
        "shown": "no" if each.off else "yes",
        "why": each.off or "",
        "accepted texts": each.all.texts,
        "word error rate": _share(each.all.rate),
        "of blind clips": _share(each.blind.rate),
        "time saved": _share(each.saved),
    }


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
