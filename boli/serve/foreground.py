"""Running the flows in this process, with a display, for somebody who waits."""

from typing import TYPE_CHECKING

from boli.output import StepBars
from boli.serve import prefect_environment

if TYPE_CHECKING:
    from flows.pipeline import PipelineReport
    from flows.progress import Progress


def run_pipeline(
    project: str, source: str | None, *, release: bool, bars: StepBars, correct_published: bool = False
) -> "PipelineReport":
    """The pipeline once; its report says what failed. `prefect_environment.prepare` comes first.

    Prefect reads the environment on import.
    """
    from flows.pipeline import PipelineFailed, pipeline
    from flows.progress import listening

    def tell(progress: "Progress") -> None:
        bars.tell(progress.step, progress.done, progress.total, progress.label)

    prefect_environment.reach_server()
    with prefect_environment.quiet_heartbeat(), listening(tell):
        try:
            return pipeline(project, source, release, correct_published)
        except PipelineFailed as failed:
            return failed.report
