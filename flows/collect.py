"""Texts come back from people: agreement decides, or a third opinion, or a reviewer."""

from prefect import flow

from flows.running import publish_table, retried, say
from flows.steps.workshop import open_workshop
from flows.workspace import open_workspace
from transcription.collect import CollectReport
from transcription.collect import collect as collect_texts


@retried("collect {project}")
def judge_texts(project: str) -> CollectReport:
    """Judge every task that has all its texts, and settle what waits for nobody."""
    with open_workspace(project) as workspace:
        return collect_texts(open_workshop(workspace), now=workspace.now())


@flow(name="collect", flow_run_name="collect {project}")
def collect(project: str) -> CollectReport:
    """Decide what can be decided. Running it again decides nothing twice."""
    report = judge_texts(project)
    rows = [{"state": state.value, "tasks": count} for state, count in report.tasks.items()]
    publish_table(f"collected-{project}", f"Where the tasks of {project} stand", rows)
    say(f"{report.judged} tasks decided, {report.escalated} sent to a reviewer")
    return report
