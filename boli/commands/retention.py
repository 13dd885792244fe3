"""`boli retention`: what a project keeps for a while only is let go."""

from dataclasses import asdict
from typing import Annotated

import typer

from boli.commands.one_speaker import By, Json, Project
from boli.output import print_json, print_table, say
from catalog.config.settings import load_settings
from catalog.retention import sweep_retention


def register(app: typer.Typer) -> None:
    app.command()(retention)


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and let nothing go.")] = False,
    project: Project = "demo",
    by: By = "operator",
    json: Json = False,
) -> None:
    """Let go what a project keeps for a while only.

    As the flow `collect` does once a night, by the project's `retention:`. What is under a legal hold stays; the log
    gets a line.

    [bold]Example[/]

      boli retention --project field --dry-run
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace:
        rules = workspace.project.retention
        report = sweep_retention(
            workspace.catalog,
            workspace.store,
            project_id=project,
            rules=rules,
            actor=by,
            at=workspace.now(),
            dry_run=dry_run,
        )
    if json:
        print_json({"project": project, "dry_run": dry_run, "rules": asdict(rules), "swept": report})
        return
    kept = asdict(rules)
    rows = [(name, kept[name], count) for name, count in asdict(report).items()]
    print_table(f"Retention of {project}", ("what", "days", "would go" if dry_run else "gone"), rows)
    if rules.keeps_all:
        say("▲ Everything is kept: the project's file has no `retention:`.")
