"""What is kept for a while only: let go by the project's rules once a night, and what lists changed after its days."""

from catalog.import_changes import forget_old_changes
from catalog.retention import RetentionReport, sweep_retention, was_swept
from flows.workspace import Workspace

ACTOR = "flow:collect"


def sweep_once_a_day(workspace: Workspace) -> RetentionReport | None:
    """The sweep of the day, in UTC; None where it ran already, or the project keeps everything."""
    rules, now = workspace.project.retention, workspace.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if rules.keeps_all:
        return None
    with workspace.catalog.reading() as session:
        if was_swept(session, workspace.project.name, since=midnight):
            return None
    return sweep_retention(
        workspace.catalog,
        workspace.store,
        project_id=workspace.project.name,
        rules=rules,
        actor=ACTOR,
        at=now,
    )


def forget_list_changes(workspace: Workspace) -> int:
    """What lists changed and can't be taken back any more goes, whatever the project keeps. How many they were."""
    with workspace.catalog.writing() as session:
        return forget_old_changes(session, workspace.project.name, at=workspace.now())
