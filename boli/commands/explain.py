"""`boli explain`: the whole life of one clip or recording."""

from typing import Annotated

import typer

from boli.errors import UserError
from boli.output import print_json, print_table, say
from catalog.config.settings import load_settings


def register(app: typer.Typer) -> None:
    app.command()(explain)


def explain(
    clip: Annotated[
        str,
        typer.Argument(
            help="A clip's or recording's id, a receipt such as 7QK-21X, or a file's path as it was sent."
        ),
    ],
    project: Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")] = "demo",
    json: Annotated[bool, typer.Option("--json", help="The life as one JSON object.")] = False,
) -> None:
    """Where a clip comes from, how it was cut, what was measured, who wrote and judged what, where it was published.

    [bold]Examples[/]

      boli explain clip-3f0c9a…

      boli explain 7QK-21X --json

      boli explain te/asha_01.m4a --project field
    """
    from boli.life import life_of
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        life = life_of(session, workspace.store, clip, project=project)
    if life is None:
        raise UserError(
            f"nothing is known by the name {clip!r} in project {project}.\n"
            "Ids stand in the dataset's `id` column; a file is called by its path below the source it was taken from."
        )
    if json:
        print_json(life)
        return
    say(f"{life.kind} {life.id}")
    print_table("", ("", ""), [(fact.name, fact.value) for fact in life.facts])
    print_table(
        "What happened",
        ("when", "who", "what", "detail"),
        [(f"{event.at:%Y-%m-%d %H:%M:%S}", event.actor, event.action, event.detail) for event in life.events],
    )
