"""Texts come back from people: agreement decides, or a third opinion, or a reviewer."""

from prefect import flow

from flows.progress import StepProgress
from flows.running import publish_table, retried, say
from flows.steps.collect import CollectReport, collect_texts
from flows.workspace import open_workspace


@retried("collect {project}")
def judge_texts(project: str) -> CollectReport:
    """Judge every task that may have all its texts."""
    with open_workspace(project) as workspace:
        return collect_texts(workspace, StepProgress("collect"))


@flow(name="collect", flow_run_name="collect {project}")
def collect(project: str) -> CollectReport:
    """Decide what can be decided. Running it again decides nothing twice."""
    report = judge_texts(project)
    rows = [{"state": state, "tasks": count} for state, count in report.tasks.items()]
    publish_table(f"collected-{project}", f"Where the tasks of {project} stand", rows)
    say(f"{report.moved} tasks moved on")
    return report
