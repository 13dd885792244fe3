"""`boli people add | list` and `boli ledger export`: staff, and what they are owed."""

from pathlib import Path
from typing import Annotated

import typer

from boli.output import print_json, print_table, say
from boli.settings import load_settings
from catalog.states import Role
from transcription import ledger as accounts
from transcription.people import add_person, list_people

people = typer.Typer(help="Staff: coordinators, transcribers, reviewers, managers.", no_args_is_help=True)
ledger = typer.Typer(help="What people are owed for accepted work.", no_args_is_help=True)

Project = Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")]


def register(app: typer.Typer) -> None:
    app.add_typer(people, name="people")
    app.add_typer(ledger, name="ledger")


@people.command()
def add(
    handle: Annotated[str, typer.Argument(help="A short name that colleagues see, such as asha.")],
    role: Annotated[list[Role], typer.Option("--role", help="May be given several times.")],
    language: Annotated[list[str], typer.Option("--language", help="Code of a language they know; several.")],
    project: Project = "demo",
    district: Annotated[str | None, typer.Option(help="Where they live.")] = None,
    dialect: Annotated[str | None, typer.Option(help="The dialect they know best.")] = None,
) -> None:
    """Take somebody on.

    [bold]Example[/]

      boli people add asha --role transcriber --language te --district Warangal
    """
    from boli.errors import UserError
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace:
        unknown = sorted(set(language) - set(workspace.languages))
        if unknown:
            known = ", ".join(sorted(workspace.languages))
            raise UserError(f"project {project} doesn't collect {', '.join(unknown)}; it collects: {known}.")
        with workspace.catalog.writing() as session:
            member = add_person(
                session,
                handle,
                roles=role,
                languages=language,
                district=district,
                dialect=dialect,
                by="operator",
                now=workspace.now(),
            )
    say(f"✓ {member.handle}: {', '.join(sorted(member.roles))} for {', '.join(member.languages)}")


@people.command(name="list")
def list_staff(
    project: Project = "demo",
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Everybody, by handle.

    [bold]Example[/]

      boli people list
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        staff = list_people(session)
    if json:
        for member in staff:
            print_json(
                {"handle": member.handle, "roles": sorted(member.roles), "languages": list(member.languages)}
            )
        return
    rows = [(each.handle, ", ".join(sorted(each.roles)), ", ".join(each.languages)) for each in staff]
    print_table("Staff", ("handle", "roles", "languages"), rows)
    if not rows:
        say("Nobody yet. `boli people add` takes somebody on.")


@ledger.command()
def export(
    out: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    project: Project = "demo",
) -> None:
    """What each person is owed for which accepted work, as a spreadsheet; no cell can be taken for a formula.

    [bold]Example[/]

      boli ledger export october.csv --project field
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        lines = accounts.entries(session, workspace.project.name)
    out.write_text(accounts.as_csv(lines), "utf-8-sig", newline="")
    say(f"✓ {len(lines)} entries in {out}")
