"""The whole way: what is new goes as far as it can without people."""

from dataclasses import dataclass

from prefect import flow

from catalog.config.settings import load_settings
from flows.align import AlignedReport, align
from flows.collect import collect
from flows.ingest import IngestedReport, ingest
from flows.publish import publish
from flows.route import route
from flows.running import task_runner
from flows.segment import SegmentedReport, segment
from flows.steps.publish import PublishReport
from transcription.collect import CollectReport
from transcription.routing import RoutingReport


@dataclass(frozen=True, slots=True)
class PipelineReport:
    """What each step reported."""

    ingested: IngestedReport
    segmented: SegmentedReport
    routed: RoutingReport
    collected: CollectReport
    aligned: AlignedReport
    published: PublishReport | None


@flow(name="pipeline", flow_run_name="pipeline {project}")
def pipeline(
    project: str, source: str | None = None, release: bool = True, correct_published: bool = False
) -> PipelineReport:
    """Ingest, segment, route, collect, align and publish. Running it again on nothing new does nothing.

    source:  folder or s3:// prefix to take in; None works on what was received before
    release: publish what is accepted as the next version
    correct_published: let a mended list correct what versions hold already, for the next one
    """
    runner = task_runner(load_settings())
    return PipelineReport(
        ingested=ingest.with_options(task_runner=runner)(project, source, correct_published),
        segmented=segment.with_options(task_runner=runner)(project),
        routed=route(project),
        collected=collect(project),
        aligned=align.with_options(task_runner=runner)(project),
        published=publish(project) if release else None,
    )
