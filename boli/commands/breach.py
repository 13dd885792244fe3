"""`boli breach open | list | notified | close`: breaches of personal data, and the 72 hours to tell the Board."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from boli.commands.one_speaker import By, Json, Project
from boli.output import print_json, print_table, say
from catalog import breaches
from catalog.config.settings import load_settings

breach = typer.Typer(
    help="Breaches of personal data, and the 72 hours to tell the Board.", no_args_is_help=True
)

BreachId = Annotated[str, typer.Argument(help="Its id, as `boli breach list` shows it.")]


def register(app: typer.Typer) -> None:
    app.add_typer(breach, name="breach")


@breach.command(name="open")
def open_(
    what: Annotated[str, typer.Argument(help="What happened, in plain words.")],
    people: Annotated[
        int, typer.Option(help="How many people it concerns; 0 where it is unknown.", min=0)
    ] = 0,
    speaker: Annotated[
        list[str] | None, typer.Option("--speaker", help="A pseudonym of somebody it concerns; several.")
    ] = None,
    known_at: Annotated[
        datetime | None,
        typer.Option(
            "--known-at",
            formats=["%Y-%m-%dT%H:%M"],
            help="When somebody became aware of it, in UTC; by default now. The clock runs from then.",
        ),
    ] = None,
    project: Project = "demo",
    by: By = "operator",
    json: Json = False,
) -> None:
    """Write down a breach of personal data: from then on 72 hours run until the Data Protection Board is notified.

    [bold]Example[/]

      boli breach open "A laptop with the list of names was stolen" --people 40 --known-at 2027-05-14T09:30 -P field
    """
    from flows.steps.listed_consents import have_project
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.writing() as session:
        have_project(session, workspace)
        now = workspace.now()
        since = known_at.replace(tzinfo=UTC) if known_at else now
        breach_id = breaches.open_breach(
            session, project_id=project, what=what, known_at=since, people=people, by=by, at=now
        )
        breaches.name_speakers(session, breach_id, speaker or (), project_id=project, by=by, at=now)
    due = since + breaches.CLOCK
    if json:
        print_json({"breach": breach_id, "tell_the_board_before": due})
        return
    say(
        f"✓ {breach_id}. Tell the Data Protection Board before {due:%Y-%m-%d %H:%M} UTC, and the people at once."
    )


@breach.command(name="list")
def list_breaches(project: Project = "demo", json: Json = False) -> None:
    """Every breach of a project: the open ones first, with the time left.

    [bold]Example[/]

      boli breach list --project field
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        found = breaches.breaches_of(session, [project], now=workspace.now())
    if json:
        print_json({"project": project, "breaches": found})
        return
    rows = [
        (each.id, f"{each.known_at:%Y-%m-%d %H:%M}", each.people, each.named, _state(each), each.what)
        for each in found
    ]
    print_table(f"Breaches of {project}", ("id", "known at", "people", "named", "state", "what"), rows)


@breach.command()
def name(
    breach_id: BreachId,
    speaker: Annotated[list[str], typer.Option("--speaker", help="A pseudonym; several.")],
    project: Project = "demo",
    by: By = "operator",
) -> None:
    """Say whom of the speakers a breach concerns, as it becomes known.

    [bold]Example[/]

      boli breach name breach-01J8 --speaker te-01 --speaker te-02 -P field
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.writing() as session:
        named = breaches.name_speakers(
            session, breach_id, speaker, project_id=project, by=by, at=workspace.now()
        )
    say(f"✓ {breach_id}: {named} speakers named.")


@breach.command()
def notified(breach_id: BreachId, project: Project = "demo", by: By = "operator") -> None:
    """The Data Protection Board was notified: the clock stops.

    [bold]Example[/]

      boli breach notified breach-01J8 -P field --by meera
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.writing() as session:
        breaches.board_told(session, breach_id, project_id=project, by=by, at=workspace.now())
    say(f"✓ {breach_id}: the Board was notified.")


@breach.command()
def close(
    breach_id: BreachId,
    done: Annotated[str, typer.Option("--done", help="What was done about it.")],
    project: Project = "demo",
    by: By = "operator",
) -> None:
    """Close a breach, once the Board was notified, with what was done.

    [bold]Example[/]

      boli breach close breach-01J8 --done "Passwords changed, the 40 people informed by phone" -P field
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.writing() as session:
        breaches.close(session, breach_id, done=done, project_id=project, by=by, at=workspace.now())
    say(f"✓ {breach_id} is closed.")


def _state(line: breaches.BreachLine) -> str:
    if line.closed_at is not None:
        return "closed"
    if line.left is None:
        return "the Board was notified"
    hours = abs(line.left) // timedelta(hours=1)
    return f"{hours} h left" if line.left > timedelta() else f"{hours} h late"
