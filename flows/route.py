"""Clips go to people: a task for each whose voices consent, the ones that matter most first."""

from prefect import flow

from flows.parameters import ProjectName
from flows.running import publish_table, retried, say
from flows.steps.project_context import open_project_context
from flows.traced import traced_flow
from flows.workspace import open_workspace
from transcription.routing import RoutingReport, route_clips


@retried("route {project}")
def make_tasks(project: str) -> RoutingReport:
    """A task for every clip that has none."""
    with open_workspace(project) as workspace:
        return route_clips(open_project_context(workspace), now=workspace.now())


@traced_flow
@flow(name="route", flow_run_name="route {project}")
def route(project: ProjectName) -> RoutingReport:
    """Give every cut clip its task. Running it again makes none twice."""
    report = make_tasks(project)
    publish_table(
        f"routed-{project}",
        f"What went to transcribers of {project}",
        [
            {
                "tasks": report.tasks,
                "slots": report.slots,
                "hours": round(report.seconds / 3600, 3),
                "waiting for consent": report.without_consent,
            }
        ],
    )
    say(f"{report.tasks} tasks with {report.slots} slots")
    return report
