"""The command `boli`: nouns and verbs, progress bars on a terminal, one sentence with the mend when something fails."""

import sys

import typer

from boli.commands import (
    consent,
    demo,
    doctor,
    explain,
    people,
    recordings,
    release,
    run,
    sound,
    status,
    tasks,
    up,
)
from boli.errors import EXPECTED
from boli.output import complain

app = typer.Typer(
    name="boli",
    help="Voices recorded in a village to an aligned, versioned speech dataset.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
for module in (demo, up, run, sound, release, consent, people, tasks, recordings, explain, status, doctor):
    module.register(app)


def main() -> None:
    """Exit 0, 1 where something failed, 2 where the command was wrong."""
    try:
        app()
    except KeyboardInterrupt:
        complain("stopped. Nothing is lost: the same command goes on where it was.")
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
    except EXPECTED as error:
        complain(str(error))
        sys.exit(1)
    except OSError as error:
        if error.errno is None:
            raise
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{error.strerror}. Mend that, and give the same command again.")
        sys.exit(1)


if __name__ == "__main__":
    main()
