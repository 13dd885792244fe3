"""Prefect's first start on a fresh folder: one process at a time, since two that make its tables at once both fail."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from boli.errors import UserError
from catalog.write_lock import TurnNeverCame, WriteTurn


def prefect_home(environment: Mapping[str, str]) -> Path:
    """The folder of Prefect's database."""
    return Path(environment.get("PREFECT_HOME") or Path.home() / ".prefect")


def start_alone(home: Path, start: Callable[[], bool], *, seconds: float) -> None:
    """Call `start` while no other process does, unless this version of Prefect has started in that folder before.

    start:   starts the server and waits for it; False where it was asked to stop before
    seconds: how long to wait for the others
    raises:  UserError where another's start takes longer
    """
    made = home / f"started-{version('prefect')}"
    if made.exists():
        start()
        return
    home.mkdir(parents=True, exist_ok=True)
    line = WriteTurn(home / "first-start.lock", seconds)
    try:
        with line.taken():
            if start():
                made.touch()
    except TurnNeverCame as error:
        raise UserError(
            f"another process has been starting Prefect's server in {home} for {seconds:.0f} s.\n"
            "Wait for it, or stop it; then run the same command again: it goes on where it was."
        ) from error
