"""`boli up`: everything on this machine, with one command."""

import typer

from boli.settings import load_settings
from boli.up import run_up


def register(app: typer.Typer) -> None:
    app.command()(up)


def up() -> None:
    """Run the portal, Prefect's server and the scheduled flows on this machine, until Ctrl-C.

    Every project of configs/projects gets its schedules: the pipeline every quarter of an hour, collect and align
    every hour, publish every night (India's time). What the servers say is in the home folder, in logs/.

    [bold]Examples[/]

      boli up

      BOLI_PORTAL_PORT=8080 BOLI_PREFECT_PORT=4300 boli up

      BOLI_DATABASE_URL=postgresql+psycopg://boli@db/boli BOLI_STORE_URL=s3://voices/boli boli up
    """
    raise typer.Exit(run_up(load_settings()))
