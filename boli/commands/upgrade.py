"""`boli upgrade`: what this version would do to the home, and doing it."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from boli.commands.opened import store_at
from boli.output import complain, print_json, say
from catalog.config.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    pass

_MARKS = {"ok": "✓", "note": "▲", "stop": "✗"}


def register(app: typer.Typer) -> None:
    app.command()(upgrade)


def upgrade(
    check: Annotated[bool, typer.Option("--check", help="Only look: nothing is written anywhere.")] = False,
    backup: Annotated[
        str | None,
        typer.Option("--backup", help="Where `boli backup make` puts them: a folder or s3://bucket/prefix."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, one line a finding.")] = False,
) -> None:
    """See what this version would do to the home and what stands in the way; then bring its tables up to date.

    Looked at: the environment against the lock, settings and configs, steps of the tables that are missing, the age
    of the newest backup, room on the disk, what still runs, a Prefect server of your own. Exit 0 where nothing stands
    in the way, 1 where something does: then nothing was done.

    [bold]Examples[/]

      boli upgrade --check

      boli upgrade --check --backup s3://boli-backup/dumka

      boli upgrade --backup /media/backup/boli
    """
    from boli.upgrade import RUNNING, Finding, Mark, PrefectServer, findings

    def tell(finding: Finding) -> None:
        if json:
            print_json(finding)
        else:
            say(f"{_MARKS[finding.mark]} {finding.name}: {finding.said}")

    try:
        settings = load_settings()
    except SettingsError as error:
        tell(Finding("settings", Mark.STOP, str(error)))
        raise typer.Exit(1) from None
    api = os.environ.get("PREFECT_API_URL")
    found = []
    for finding in findings(
        settings,
        backup=store_at(backup, settings) if backup is not None else None,
        prefect=PrefectServer(api, os.environ.get("PREFECT_API_AUTH_STRING")) if api else None,
        now=datetime.now(UTC),
    ):
        found.append(finding)
        tell(finding)
    in_the_way = [each.name for each in found if each.mark is Mark.STOP]
    if check:
        raise typer.Exit(1 if in_the_way else 0)
    in_the_way += [each.name for each in found if each.name == RUNNING and each.mark is Mark.NOTE]
    if in_the_way:
        complain(f"not upgraded, because of: {', '.join(in_the_way)}. Mend that, and give the command again.")
        raise typer.Exit(1)
    _bring_up_to_date(settings, quiet=json)


def _bring_up_to_date(settings: Settings, *, quiet: bool) -> None:
    from catalog.config.settings import make_home
    from catalog.database import open_catalog

    make_home(settings)
    open_catalog(settings.catalog_url).close()
    if not quiet:
        say(
            "✓ the tables are up to date. Start what you stopped; then make a backup, which this version can restore."
        )
