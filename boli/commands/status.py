"""`boli status`: the balance of a project (its books), and what waits where."""

from typing import Annotated

import typer

from boli.commands.audit import verify
from boli.output import complain, print_json, print_table, say
from catalog.config.settings import load_settings
from flows.steps.status import read_balance, status_rows
from flows.workspace import open_workspace


def register(app: typer.Typer) -> None:
    app.command()(status)


def status(
    project: Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")] = "demo",
    json: Annotated[bool, typer.Option("--json", help="The books as one JSON object.")] = False,
    audit: Annotated[
        bool, typer.Option("--audit", help="Prove that no act of the audit log was changed or taken out.")
    ] = False,
) -> None:
    """What was received, and what became of it: published, rejected by reason, pending, failed.

    Exit 1 where the books don't balance; the items at fault are named. With --audit, exit 1 where an act of the log
    does not fit the one before it, or the head of an earlier day that the store holds; the first such act is named.

    [bold]Examples[/]

      boli status --project field

      boli status --json | jq .missing

      boli status --audit
    """
    if audit:
        verify(json=json)
        return
    with open_workspace(project, load_settings()) as workspace:
        balance = read_balance(workspace)
    if json:
        print_json(balance)
    else:
        columns = ("what", "end", "reason", "count", "hours")
        print_table(
            f"The books of {project}",
            columns,
            [[row[column] for column in columns] for row in status_rows(balance)],
        )
        for each in balance.missing:
            complain(f"{each.kind} {each.id} {each.what}")
        if balance.unnamed:
            complain(f"… and {balance.unnamed:,} more")
        if balance.balanced:
            say("✓ The books balance.")
    if not balance.balanced:
        raise typer.Exit(1)
