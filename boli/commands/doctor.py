"""`boli doctor`: is everything there that Boli needs, and does it work."""

from typing import Annotated

import typer

from boli.output import print_json, say
from catalog.config.settings import load_settings


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, one line a check.")] = False,
) -> None:
    """Check settings, configs, catalogue, store (also that it may be published to), decoder, voices, disk and rights.

    Exit 1 where something is wrong; each line says what to do.

    [bold]Examples[/]

      boli doctor

      BOLI_STORE_URL=s3://bucket/prefix boli doctor --json
    """
    from boli.checkup import checkup

    healthy = True
    for check in checkup(load_settings()):
        healthy &= check.passed
        if json:
            print_json(check)
        else:
            say(f"{'✓' if check.passed else '✗'} {check.name}: {check.said}")
    if not healthy:
        raise typer.Exit(1)
