"""`boli recordings list | retry | reject | senders`: what failed, and who sent what, in an operator's hands."""

from typing import Annotated

import typer

from boli.commands import chat_senders
from boli.output import print_json, print_table, say
from catalog import failures
from catalog.config.settings import load_settings
from catalog.reasons import REASONS
from catalog.turned_away import turned_away

recordings = typer.Typer(help="Files that failed, were turned away, or came in a chat.", no_args_is_help=True)

Name = Annotated[
    str,
    typer.Argument(help="The file's name as it was sent, its receipt, or the id of the recording or clip."),
]
Project = Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")]
By = Annotated[str, typer.Option("--by", help="Who decides, for the log.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def register(app: typer.Typer) -> None:
    chat_senders.register(recordings)
    app.add_typer(recordings, name="recordings")


@recordings.command("list")
def list_recordings(
    project: Project = "demo",
    rejected: Annotated[
        bool, typer.Option("--rejected", help="Files that were turned away instead, with what mends each.")
    ] = False,
    json: Json = False,
) -> None:
    """Every file that failed, with what the machine said. A later version of Boli tries each once by itself.

    [bold]Examples[/]

      boli recordings list --project field

      boli recordings list --rejected --project field
    """
    from flows.workspace import open_workspace

    if rejected:
        _list_rejected(project, json=json)
        return
    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        rows = failures.failed(session, project)
    if json:
        for row in rows:
            print_json(row)
        return
    print_table(
        f"{len(rows)} failed in {project}",
        ("file", "what", "reason", "with", "what the machine said"),
        [
            (row.name, _what(row), row.reason, row.failed_by or "to be tried again", _last_line(row.failure))
            for row in rows
        ],
    )


def _list_rejected(project: str, *, json: bool) -> None:
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        files = list(turned_away(session, project))
    if json:
        for each in files:
            print_json(each)
        return
    print_table(
        f"{len(files)} turned away, or used but for a part, in {project}",
        ("file", "reason", "what to do", "detail"),
        [(each.name, each.reason, REASONS[each.reason].mend, each.detail or "") for each in files],
    )


@recordings.command()
def retry(name: Name, project: Project = "demo", by: By = "operator") -> None:
    """Let the next run try a file again that failed.

    [bold]Example[/]

      boli recordings retry te/asha_01.m4a --project field
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.writing() as session:
        count = failures.retry(session, project, name, actor=by, at=workspace.now())
    say(f"{count} to be tried again: `boli run --project {project}` does.")


@recordings.command()
def reject(
    name: Name,
    code: Annotated[
        str, typer.Option("--reason", help="A code of docs/reasons.md, which its sender will read.")
    ] = "decoder_crashed",
    project: Project = "demo",
    by: By = "operator",
) -> None:
    """Turn a file away that failed or waits, with a reason for who sent it.

    [bold]Example[/]

      boli recordings reject 7QK-21X --reason refused_format --project field
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.writing() as session:
        count = failures.reject(session, project, name, code, actor=by, at=workspace.now())
    say(f"{count} rejected as {code}.")


def _what(row: failures.Failed) -> str:
    return f"the words of {row.id}" if row.kind == "alignment" else row.kind


def _last_line(failure: str | None) -> str:
    return failure.strip().rpartition("\n")[2][:200] if failure else ""
