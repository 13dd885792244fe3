"""`boli consent hold | lift | holds`: orders that keep the bytes of a voice from being erased."""

from datetime import datetime
from typing import Annotated

import typer

from boli.commands.one_speaker import By, Json, Project, speaker_named
from boli.errors import UserError
from boli.output import print_json, print_table, say
from catalog.config.settings import load_settings
from catalog.legal_hold import HoldOrder, end_of_day, holds_of, place
from catalog.legal_hold import end as end_hold


def add_to(consent: typer.Typer) -> None:
    for command in (hold, lift, holds):
        consent.command()(command)


def hold(
    ordered_by: Annotated[
        str, typer.Option("--ordered-by", help="The court or authority, and the order's number.")
    ],
    because: Annotated[str, typer.Option("--because", help="What it is about: it stands on record.")],
    speaker: Annotated[str | None, typer.Argument(help="The speaker's pseudonym, such as te-01.")] = None,
    whole_project: Annotated[
        bool, typer.Option("--whole-project", help="Every voice of the project instead.")
    ] = False,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Its last day; else it stands until `boli consent lift`."),
    ] = None,
    project: Project = "demo",
    by: By = "operator",
    json: Json = False,
) -> None:
    """Keep a voice's bytes by order of the law: a withdrawal hides them from everybody, and erases nothing yet.

    When the hold ends, by its day or by `boli consent lift`, the erasure goes on by itself.

    [bold]Example[/]

      boli consent hold te-01 --ordered-by "District Court Warangal, 114/2026" --because "evidence" --until 2027-03-31
    """
    from flows.steps.listed_consents import have_project
    from flows.workspace import open_workspace

    if (speaker is None) is not whole_project:
        raise UserError("a legal hold names a speaker, or says --whole-project, one of the two.")
    order = HoldOrder(ordered_by, because, end_of_day(until.date()) if until else None)
    with open_workspace(project, load_settings()) as workspace, workspace.catalog.writing() as session:
        have_project(session, workspace)
        speaker_id = speaker_named(session, project, speaker).id if speaker else None
        placed = place(
            session, order, project_id=project, speaker_id=speaker_id, by=by, at=workspace.now()
        ).id
    if json:
        print_json({"hold": placed, "speaker": speaker, "until": order.until})
        return
    ends = f"to the end of {until:%Y-%m-%d}" if until else f"until `boli consent lift {placed}`"
    say(f"✓ {placed}: nothing of {speaker or f'any voice of {project}'} is erased {ends}.")


def lift(
    hold_id: Annotated[str, typer.Argument(help="Its id, as `boli consent holds` lists it.")],
    project: Project = "demo",
    by: By = "operator",
) -> None:
    """End a legal hold: what waited behind it is erased by the next run of the flow `collect`.

    [bold]Example[/]

      boli consent lift hold-01J8 --project field --by meera
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.writing() as session:
        end_hold(session, hold_id, project_id=project, by=by, at=workspace.now())
    say(f"✓ {hold_id} is over. What it kept is erased by the next run of the flow `collect`.")


def holds(project: Project = "demo", json: Json = False) -> None:
    """Every legal hold of a project: those in force first.

    [bold]Example[/]

      boli consent holds --project field
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        now = workspace.now()
        found = [
            {
                "hold": each.id,
                "of": pseudonym or "the whole project",
                "ordered by": each.ordered_by,
                "because": each.because,
                "until": f"{each.until:%Y-%m-%d}" if each.until else "lifted",
                "in force": each.is_in_force(now),
            }
            for each, pseudonym in holds_of(session, project)
        ]
    if json:
        print_json({"project": project, "holds": found})
        return
    columns = ("hold", "of", "ordered by", "because", "until", "in force")
    print_table(f"Legal holds of {project}", columns, [tuple(each.values()) for each in found])
