"""Accepted clips become the next version of the dataset."""

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.context import FlowRunContext

from catalog.errors import UserError
from flows.parameters import ProjectName
from flows.progress import StepProgress
from flows.running import StepFailed, publish_table, retried, say
from flows.steps.publish import PublishReport, publish_release
from flows.steps.status import read_balance, status_rows
from flows.traced import traced_flow
from flows.workspace import open_workspace


class DatasetsRefused(StepFailed, UserError):
    """Datasets that were refused, by name, with why; the project's others are published. report: of all of them"""

    def __init__(self, report: PublishReport) -> None:
        names = ", ".join(each.dataset for each in report.refused)
        count = f"{len(report.refused)} of {len(report.datasets)} dataset(s) refused: {names}"
        Exception.__init__(self, "\n".join([count, *(str(each.why) for each in report.refused)]))
        self.report: PublishReport = report


@retried("publish {project}")
def publish_version(project: str) -> PublishReport:
    """Publish the next version, or find that the newest one holds everything already."""
    with open_workspace(project) as workspace:
        return publish_release(workspace, StepProgress("publish"))


@traced_flow
@flow(name="publish", flow_run_name="publish {project}")
def publish(project: ProjectName) -> PublishReport:
    """Publish what is accepted, in every dataset of the project; again does nothing.

    Refuses, with the list, where the books don't balance. Raises DatasetsRefused once every dataset had its turn.
    """
    report = publish_version(project)
    with open_workspace(project) as workspace:
        publish_table(f"books-{project}", f"The books of {project}", status_rows(read_balance(workspace)))
    for each in report.datasets:
        _note(each)
    if report.refused:
        raise DatasetsRefused(report)
    return report


def _note(report: PublishReport) -> None:
    """What became of one dataset, on the run's page and in its log."""
    if report.version and FlowRunContext.get() is not None:
        create_markdown_artifact(
            key=f"release-{report.dataset}",
            description=f"{report.dataset} {report.version}",
            markdown=(
                f"# {report.dataset} {report.version}\n\n{report.clips} clips, {report.seconds / 3600:.3f} hours, "
                f"{report.outcome}.\n\nCheck every byte: `boli release verify {report.dataset}@{report.version}`\n"
            ),
        )
    say(f"{report.dataset}: {report.outcome}" + (f" as {report.version}" if report.version else ""))
