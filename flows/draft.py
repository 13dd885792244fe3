"""Clips that wait for people are heard by the project's recognisers first, where it asks for that."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from prefect import flow, unmapped
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.parameters import CorrectionWish, Corrects, ProjectName
from flows.progress import StepProgress
from flows.running import gather, publish_table, retried, say
from flows.steps.correct_model import CorrectionReport, CorrectionRequest, correct_model, plan_correction
from flows.steps.draft import DraftReport, WaitingClips, draft_batch, measure, waiting_clips
from flows.steps.in_sandbox import FailedItem
from flows.steps.recognisers import RecogniserMissing
from flows.traced import traced_flow
from flows.workspace import open_workspace
from transcription.drafts.keeping import ACTOR
from transcription.drafts.measuring import DraftFigures

_ONE_BATCH_AT_A_TIME: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=1)


@dataclass(frozen=True, slots=True)
class DraftedReport:
    """What one run drafted. unheard: clips of which a model can make nothing; off: languages without drafts by now"""

    drafted: int = 0
    unheard: int = 0
    off: tuple[str, ...] = ()
    failed: tuple[FailedItem, ...] = ()
    corrected: CorrectionReport | None = None


@retried("draft {waiting.language} {waiting.batch.label}")
def draft_clips(project: str, waiting: WaitingClips) -> DraftReport:
    """Hear one batch of clips."""
    with open_workspace(project) as workspace:
        return draft_batch(workspace, waiting, StepProgress("draft"))


@retried("correct {wish.language}")
def correct_recogniser(project: str, wish: CorrectionWish) -> CorrectionReport:
    """Choose clips by which people correct a language's recogniser. Begun again, it goes on from where it was."""
    with open_workspace(project) as workspace:
        recogniser = workspace.project.recognisers.get(wish.language)
        if recogniser is None:
            raise RecogniserMissing(f"{project} names no recogniser for {wish.language}.")
        request = CorrectionRequest(
            language=wish.language,
            recogniser=recogniser,
            chosen_by=wish.chosen_by,
            count=wish.count,
            actor=ACTOR,
        )
        return correct_model(workspace, plan_correction(workspace, request), StepProgress("correct"))


@traced_flow
@flow(name="draft", flow_run_name="draft {project}", task_runner=_ONE_BATCH_AT_A_TIME)
def draft(project: ProjectName, correct: Corrects = None) -> DraftedReport:
    """Measure the drafts there are, and make those that are wanted. A project that asks for none costs a look.

    correct: clips to choose besides, by which people are to correct a recogniser
    """
    corrected = correct_recogniser(project, correct) if correct is not None else None
    if corrected is not None:
        say(
            f"{corrected.language}: {sum(corrected.asked.values())} clips chosen to correct {corrected.model}"
        )
    with open_workspace(project) as workspace:
        if not workspace.project.prefill.drafts:
            return DraftedReport(corrected=corrected)
        figures = measure(workspace)
        waiting, missing = waiting_clips(workspace)
    gathered = gather(draft_clips.map(unmapped(project), list(waiting)))
    summary = DraftedReport(
        drafted=sum(report.drafted for report in gathered.reports),
        unheard=sum(report.unheard for report in gathered.reports),
        off=tuple(sorted({each.language for each in figures if each.off})),
        failed=(*missing, *(each for report in gathered.reports for each in report.failed)),
        corrected=corrected,
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
