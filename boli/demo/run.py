"""The whole way on the recordings in examples/, with the real services; only the people are scripts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from boli.demo.known_texts import known_words, text_between
from boli.demo.left_open import choose_left_open, kept_from
from boli.demo.report_data import gather_report
from boli.demo.sample_people import give_history, hire_samples, is_done, note_done
from boli.demo.scripted_people import Texts, WorkDone, hire, work
from boli.errors import UserError
from boli.output import StepBars
from boli.serve.foreground import run_pipeline
from catalog.config.settings import ROOT, Settings
from catalog.tables import Clip, Recording, Upload
from portal.report.page import write_report

if TYPE_CHECKING:
    from flows.pipeline import PipelineReport
    from flows.workspace import Workspace
    from releases.verify import VerifyReport
    from transcription.context import ProjectContext

PROJECT = "demo"
EXAMPLES = ROOT / "examples"


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What the demo did, and where its report lies.

    before: the pipeline up to the tasks; after: from the finished texts to the dataset
    """

    before: "PipelineReport"
    people: WorkDone
    after: "PipelineReport"
    verified: "VerifyReport"
    report: Path


def run_demo(settings: Settings, bars: StepBars) -> DemoOutcome:
    """Recordings to a verified dataset. Running it again finds everything done. `prepare` Prefect first."""
    from flows.steps.project_context import open_project_context
    from flows.workspace import open_workspace
    from releases.verify import verify

    before = run_pipeline(PROJECT, str(EXAMPLES / "recordings"), release=False, bars=bars)
    with open_workspace(PROJECT, settings) as workspace:
        people = _people_work(
            open_project_context(workspace),
            spoken_texts(workspace),
            clock=workspace.now,
            progress=_texts_progress(workspace, bars),
        )
    after = run_pipeline(PROJECT, None, release=True, bars=bars)
    for failure in (*before.failures, *after.failures):
        raise UserError(f"{failure.step}: {failure.message}")
    assert after.published is not None and after.published.version is not None
    with open_workspace(PROJECT, settings) as workspace:
        verified = verify(
            workspace.store,
            after.published.dataset,
            after.published.version,
            progress=lambda label, done, total: bars.tell("verify", done, total, label),
        )
        report = settings.home.resolve() / "report.html"
        with bars.waiting("report"):
            page = gather_report(workspace, after.published, verified, people, EXAMPLES, at=datetime.now(UTC))
            write_report(page, report)
    return DemoOutcome(before, people, after, verified, report)


def _people_work(
    context: "ProjectContext",
    texts: Texts,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[int, str], None],
) -> WorkDone:
    """The scripts write and review all but what is left for people. Done once for all: later it is theirs."""
    if is_done(context):
        return WorkDone({}, 0, {})
    hire(context, now=clock())
    staff = hire_samples(context, now=clock())
    left = choose_left_open(context, texts)
    with kept_from(context, left.of_scripts(staff), now=clock()):
        done = work(context, texts, clock=clock, progress=progress)
    give_history(context, staff, left, texts, clock=clock)
    note_done(context, now=clock())
    return done


def spoken_texts(workspace: "Workspace") -> dict[str, str]:
    """What is said in each clip, by its id; empty where the recording's truth is not known."""
    texts: dict[str, str] = {}
    with workspace.catalog.reading() as session:
        rows = session.execute(
            select(Clip.id, Clip.start, Clip.end, Recording.sample_rate, Upload.name)
            .join(Recording, Recording.id == Clip.recording_id)
            .join(Upload, Upload.id == Recording.upload_id)
            .where(Clip.project_id == workspace.project.name)
        ).all()
    for row in rows:
        truth = EXAMPLES / "truth" / f"{row.name}.json"
        words = known_words(truth) if truth.is_file() else ()
        texts[row.id] = text_between(words, row.start / row.sample_rate, row.end / row.sample_rate)
    return texts


def _texts_progress(workspace: "Workspace", bars: StepBars) -> Callable[[int, str], None]:
    """Texts handed in, of about as many as there are slots."""
    from sqlalchemy import func

    from catalog.states import SlotState
    from catalog.tables import Slot

    with workspace.catalog.reading() as session:
        slots = session.scalar(select(func.count()).where(Slot.state == SlotState.OPEN)) or 0
    return lambda done, who: bars.tell("write", done, max(done, slots), who)
