"""`boli backup make | list | restore | check | move`: the catalogue and the store somewhere else, and back."""

import tempfile
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from boli.commands.opened import catalog_and_store, store_at
from boli.output import complain, print_json, print_table, say, size_text, step_bars
from catalog.config.settings import load_settings, make_home

backup = typer.Typer(help="The catalogue and the store somewhere else, and back.", no_args_is_help=True)

Target = Annotated[
    str, typer.Argument(help="A folder, or s3://bucket/prefix with the settings of BOLI_S3_….")
]
Name = Annotated[
    str | None, typer.Option("--name", help="One of `boli backup list`; without it: the newest.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def register(app: typer.Typer) -> None:
    app.add_typer(backup, name="backup")


@backup.command()
def make(
    target: Target,
    keep: Annotated[
        int, typer.Option(help="Days for which the rows of earlier backups are kept.", min=1)
    ] = 30,
    json: Json = False,
) -> None:
    """Copy what is new, and write down every row. Work may go on meanwhile; stopped at any moment, give it again.

    Objects stand in the backup once. What was erased here after a withdrawal is erased there as well.

    [bold]Examples[/]

      boli backup make /media/backup/boli

      boli backup make s3://boli-backup/dumka --keep 14
    """
    from catalog.backup.backups import back_up

    settings = load_settings()
    with catalog_and_store(settings) as (catalog, store), step_bars(quiet=json) as bars:
        done = back_up(
            catalog,
            store,
            store_at(target, settings),
            now=datetime.now(UTC),
            keep=timedelta(days=keep),
            scratch=settings.scratch,
            tell=bars.tell,
        )
    if json:
        print_json(done)
        return
    say(
        f"✓ {done.backup.name}: {done.backup.rows:,} rows, {done.backup.objects:,} objects, of them "
        f"{done.copied.copied:,} new ({size_text(done.copied.copied_bytes)}); {done.erased:,} erased, "
        f"{len(done.dropped)} older than {keep} days dropped."
    )


@backup.command("list")
def list_backups(target: Target, json: Json = False) -> None:
    """Every finished backup, oldest first.

    [bold]Example[/]

      boli backup list /media/backup/boli
    """
    from catalog.backup.backups import backups

    found = backups(store_at(target, load_settings()))
    if json:
        for each in found:
            print_json(each)
        return
    print_table(
        f"{len(found)} backups at {target}",
        ("name", "made by", "rows", "objects", "size"),
        [
            (each.name, f"boli {each.boli}", each.rows, each.objects, size_text(each.object_bytes))
            for each in found
        ],
    )


@backup.command()
def restore(target: Target, name: Name = None, json: Json = False) -> None:
    """Bring a backup back, into an empty catalogue and store: those that the settings name.

    Voices that later backups know to be taken back are taken back again at once; the next `collect` erases them.

    [bold]Examples[/]

      BOLI_HOME=/srv/boli boli backup restore /media/backup/boli

      boli backup restore s3://boli-backup/dumka --name 20261129T023000.000000Z
    """
    from catalog.backup.backups import choose
    from catalog.backup.backups import restore as bring_back
    from catalog.backup.withdrawals import say_again

    settings = load_settings()
    opened = store_at(target, settings)
    chosen = choose(opened, name)
    with catalog_and_store(settings) as (catalog, store), step_bars(quiet=json) as bars:
        copied = bring_back(opened, chosen, catalog, store, scratch=settings.scratch, tell=bars.tell)
        again = say_again(catalog, store, opened, chosen, now=datetime.now(UTC), scratch=settings.scratch)
    if json:
        print_json({"backup": chosen.name, "rows": chosen.rows, "objects": copied, **asdict(again)})
        return
    say(f"✓ {chosen.name}: {chosen.rows:,} rows, {copied.looked_at - copied.gone:,} objects.")
    if again.withdrawn:
        say(f"▲ {len(again.withdrawn)} voices were taken back since, and are again: `boli run` erases them.")
    if again.narrowed:
        say(
            f"▲ {len(again.narrowed)} voices agreed to less since, and do again: `boli run` mends what holds them."
        )
    if again.held:
        say(f"▲ {len(again.held)} voices are children's and wait for a guardian again.")
    for key in again.evidence_missing:
        say(f"▲ {key} is in no backup: that yes stands, and what showed it is lost. Ask the speaker again.")
    if copied.gone:
        say(
            f"▲ {copied.gone} objects are not in the backup any more: erased since. `boli status` names the rest."
        )


@backup.command()
def check(target: Target, name: Name = None, json: Json = False) -> None:
    """A drill: restore into a scratch folder, compare every object and row, weigh the books, and clean up.

    [bold]Example[/]

      boli backup check /media/backup/boli
    """
    from catalog.backup.backups import choose
    from catalog.backup.drill import drill

    settings = load_settings()
    make_home(settings)
    settings.scratch.mkdir(parents=True, exist_ok=True)
    opened = store_at(target, settings)
    with (
        tempfile.TemporaryDirectory(dir=settings.scratch) as folder,
        step_bars(quiet=json) as bars,
    ):
        report = drill(opened, choose(opened, name), Path(folder), tell=bars.tell)
    if json:
        print_json(report)
    else:
        print_table(
            f"{report.backup}: {report.rows:,} rows and {report.objects:,} objects came back",
            ("project", "received", "missing"),
            [(each.project, each.received, each.missing) for each in report.projects],
        )
    if not report.sound:
        complain("the backup does not come back whole: make another, and look at `boli status` here.")
        raise typer.Exit(1)


@backup.command()
def move(
    database_url: Annotated[
        str | None,
        typer.Option("--database-url", help="An empty catalogue: postgresql+psycopg://… or sqlite:///…."),
    ] = None,
    store_url: Annotated[
        str | None, typer.Option("--store-url", help="s3://bucket/prefix or file:///folder.")
    ] = None,
    json: Json = False,
) -> None:
    """Move the catalogue, the store or both to another place; what is here stays. Nothing else may run meanwhile.

    Every row and object is compared afterwards. Then set BOLI_DATABASE_URL and BOLI_STORE_URL. Stopped, give it again.

    [bold]Example[/]

      boli backup move --database-url postgresql+psycopg://boli@db/boli --store-url s3://voices/boli
    """
    from catalog.backup.move import move_objects, move_rows
    from catalog.database import open_catalog

    if database_url is None and store_url is None:
        raise typer.BadParameter("say where to: --database-url, --store-url, or both.")
    settings = load_settings()
    rows = objects = 0
    with catalog_and_store(settings) as (catalog, store), step_bars(quiet=json) as bars:
        if store_url is not None:
            moved = move_objects(
                store, store_at(store_url, settings), scratch=settings.scratch, tell=bars.tell
            )
            objects = moved.looked_at
        if database_url is not None:
            there = open_catalog(database_url)
            try:
                rows = move_rows(catalog, there, scratch=settings.scratch, tell=bars.tell)
            finally:
                there.close()
    if json:
        print_json({"rows": rows, "objects": objects})
        return
    say(
        f"✓ {rows:,} rows and {objects:,} objects are there too, and the same. Set in the environment or boli.toml:"
    )
    if database_url is not None:
        say(f"    BOLI_DATABASE_URL={database_url}")
    if store_url is not None:
        say(f"    BOLI_STORE_URL={store_url}")
