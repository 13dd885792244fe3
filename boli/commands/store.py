"""`boli store sweep`: the store against the rows."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from boli.output import print_json, print_table, say
from catalog.config.settings import load_settings

store = typer.Typer(help="The bytes and the rows, held against each other.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(store, name="store")


@store.command()
def sweep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look, and erase nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Erase objects that no row knows, once they are a day old, and name rows whose object is gone.

    Such objects are left by a machine that was switched off in the middle of a step. While a version is being built
    nothing is erased but what belongs to a voice that was taken back. Published versions are left to `release verify`.

    [bold]Examples[/]

      boli store sweep --dry-run
      boli store sweep --json
    """
    from catalog.database import open_catalog
    from catalog.erasure.sweep import sweep_store
    from catalog.store import open_store
    from flows.workspace import s3_options

    settings = load_settings()
    catalog = open_catalog(settings.catalog_url)
    try:
        opened = open_store(settings.store_address, s3_options(settings))
        found = sweep_store(catalog, opened, now=datetime.now(UTC), dry_run=dry_run)
    finally:
        catalog.close()
    if json:
        print_json(found)
    else:
        rows = [("object without a row", each.key, each.version) for each in found.stray]
        rows += [(f"{each.kind} without its object", each.id, each.key) for each in found.missing]
        if rows:
            print_table("", ("what", "which", "version or key"), rows)
        say(
            f"{found.looked_at} objects looked at; {found.stray_count} without a row, {found.erased} erased, "
            f"{found.young} younger than a day left alone; {found.missing_count} rows without their object."
        )
        if found.build_under_way and found.stray_count > found.erased and not dry_run:
            say("▲ A version is being built: what is without a row is erased by the next sweep.")
    if found.missing_count:
        raise typer.Exit(1)
