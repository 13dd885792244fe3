"""The whole way: what is new goes as far as it can without people."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from prefect import flow

from flows.align import AlignedReport, align
from flows.collect import collect
from flows.draft import DraftedReport, draft
from flows.ingest import IngestedReport, ingest
from flows.parameters import CorrectsPublished, Drafts, ProjectName, Releases, Source
from flows.publish import publish
from flows.route import route
from flows.running import StepFailed
from flows.segment import SegmentedReport, segment
from flows.sources import SourceMissing
from flows.steps.in_sandbox import FailedItem
from flows.steps.publish import PublishReport
from flows.traced import traced_flow
from flows.workspace import UnknownProject, open_workspace
from transcription.collect import CollectReport
from transcription.routing import RoutingReport

Report = TypeVar("Report")

_NOTHING_TO_DO = (UnknownProject, SourceMissing)  # what was asked for isn't there: no later step makes sense


@dataclass(frozen=True, slots=True)
class StepFailure:
    """A step that failed, wholly or in some of its batches, and why."""

    step: str
    message: str


@dataclass(frozen=True, slots=True)
class PipelineReport:
    """What each step reported; None for one that failed before it could, or that the project doesn't ask for."""

    ingested: IngestedReport | None
    segmented: SegmentedReport | None
    routed: RoutingReport | None
    drafted: DraftedReport | None
    collected: CollectReport | None
    aligned: AlignedReport | None
    published: PublishReport | None
    failures: tuple[StepFailure, ...] = ()

    @property
    def failed(self) -> tuple[FailedItem, ...]:
        """The files and clips that failed, of all steps."""
        steps = (self.ingested, self.segmented, self.aligned)
        return tuple(each for step in steps if step is not None for each in step.failed)


class PipelineFailed(Exception):
    """Some step failed; the later ones ran all the same. report: of all"""

    def __init__(self, report: PipelineReport) -> None:
        super().__init__("\n".join(f"{each.step}: {each.message}" for each in report.failures))
        self.report = report


@traced_flow
@flow(name="pipeline", flow_run_name="pipeline {project}")
def pipeline(
    project: ProjectName,
    source: Source = None,
    release: Releases = True,
    correct_published: CorrectsPublished = False,
    drafts: Drafts = True,
) -> PipelineReport:
    """Ingest, segment, route, draft, collect, align and publish. Running it again on nothing new does nothing.

    source:  folder or s3:// prefix to take in; None works on what was received before
    release: publish what is accepted as the next version
    correct_published: let a mended list correct what versions hold already, for the next one
    drafts:  have recognisers hear what waits for people, where the project asks; the schedule has a flow for that
    Raises PipelineFailed once every step had its turn; UnknownProject and SourceMissing at once.
    """
    failures: list[StepFailure] = []

    def attempt(step: str, run: Callable[[], Report]) -> Report | None:
        try:
            return run()
        except _NOTHING_TO_DO:
            raise
        except StepFailed as failure:
            failures.append(StepFailure(step, str(failure)))
            return failure.report  # type: ignore[return-value]  # of this very step
        except Exception as failure:  # noqa: BLE001 (the later steps have other recordings to work on)
            failures.append(StepFailure(step, str(failure)))
            return None

    report = PipelineReport(
        ingested=attempt("ingest", lambda: ingest(project, source, correct_published)),
        segmented=attempt("segment", lambda: segment(project)),
        routed=attempt("route", lambda: route(project)),
        drafted=attempt("draft", lambda: draft(project)) if drafts and _asks_for_drafts(project) else None,
        collected=attempt("collect", lambda: collect(project)),
        aligned=attempt("align", lambda: align(project)),
        published=attempt("publish", lambda: publish(project)) if release else None,
        failures=tuple(failures),
    )
    if failures:
        raise PipelineFailed(report)
    return report


def _asks_for_drafts(project: str) -> bool:
    """A flow of its own costs a second: most projects ask for none."""
    with open_workspace(project) as workspace:
        return workspace.project.prefill.drafts
