"""`boli up`: everything on this machine, with one command."""

import os
from pathlib import Path
from typing import Annotated

import typer

from boli.serve.up import run_up
from catalog.config.settings import load_settings


def register(app: typer.Typer) -> None:
    app.command()(up)


def up(
    demo: Annotated[
        bool,
        typer.Option(
            "--demo",
            help="Open the demo (made first, where there is none) in the folder demo, or BOLI_HOME, "
            "with a sample account for each role.",
        ),
    ] = False,
) -> None:
    """Run the portal, Prefect's server and the scheduled flows on this machine, until Ctrl-C.

    Every project of configs/projects gets its schedules: the pipeline every quarter of an hour, collect and align
    every hour, publish every night (India's time). What the servers say is in the home folder, in logs/.

    [bold]Examples[/]

      boli up

      boli up --demo

      BOLI_PORTAL_PORT=8080 BOLI_PREFECT_PORT=4300 boli up

      BOLI_DATABASE_URL=postgresql+psycopg://boli@db/boli BOLI_STORE_URL=s3://voices/boli boli up
    """
    settings = load_settings()
    if demo and "BOLI_HOME" not in os.environ:
        settings = settings.model_copy(update={"home": Path("demo")})
    raise typer.Exit(run_up(settings, demo=demo))
