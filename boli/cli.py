"""The command `boli`: nouns and verbs, progress bars on a terminal, one sentence with the mend when something fails."""

import sys

from typer.core import TyperGroup

from boli.deferred import DeferredCommand
from boli.errors import is_expected
from boli.output import complain

COMMANDS = (
    DeferredCommand(
        "demo",
        "boli.commands.demo",
        "Take real recordings in three languages to a verified dataset, and write a report to look at and listen to.",
    ),
    DeferredCommand(
        "up",
        "boli.commands.up",
        "Run the portal, Prefect's server and the scheduled flows on this machine, until Ctrl-C.",
    ),
    DeferredCommand(
        "run",
        "boli.commands.run",
        "Take in what SOURCE holds and bring everything as far as it can go without people.",
    ),
    DeferredCommand(
        "segment",
        "boli.commands.sound",
        "Where somebody speaks, and where the recording would be cut.",
    ),
    DeferredCommand(
        "measure",
        "boli.commands.sound",
        "What a recording is worth: loudness, noise, clipping, bandwidth, and what to do better.",
    ),
    DeferredCommand(
        "clean",
        "boli.commands.sound",
        "Lower rumble, hum and steady noise, and bring the voice to an even loudness. "
        "The original stays as it is.",
    ),
    DeferredCommand("align", "boli.commands.align", "When each word is said."),
    DeferredCommand(
        "explain",
        "boli.commands.explain",
        "Where a clip comes from, how it was cut, what was measured, who wrote and judged what, "
        "where it was published.",
    ),
    DeferredCommand(
        "status",
        "boli.commands.status",
        "What was received, and what became of it: published, rejected by reason, pending, failed.",
    ),
    DeferredCommand(
        "report",
        "boli.commands.report",
        "What came in during some days and what became of it, with clips to hear, on one page that stands alone.",
    ),
    DeferredCommand(
        "doctor",
        "boli.commands.doctor",
        "Check settings, configs, catalogue, store (also that it may be published to), decoder, voices, "
        "disk and rights.",
    ),
    DeferredCommand(
        "upgrade",
        "boli.commands.upgrade",
        "See what this version would do to the home and what stands in the way; then bring its tables up to date.",
    ),
    DeferredCommand(
        "release",
        "boli.commands.release",
        "Versions of the dataset: plan, publish, list, compare, verify, fetch.",
    ),
    DeferredCommand(
        "backup", "boli.commands.backup", "The catalogue and the store somewhere else, and back."
    ),
    DeferredCommand(
        "recordings", "boli.commands.recordings", "Files that failed, were turned away, or came in a chat."
    ),
    DeferredCommand("consent", "boli.commands.consent", "What speakers agreed to, and taking it back."),
    DeferredCommand(
        "breach", "boli.commands.breach", "Breaches of personal data, and the 72 hours to tell the Board."
    ),
    DeferredCommand("retention", "boli.commands.retention", "Let go what a project keeps for a while only."),
    DeferredCommand("store", "boli.commands.store", "The bytes and the rows, held against each other."),
    DeferredCommand(
        "people", "boli.commands.people", "Staff: coordinators, transcribers, reviewers, managers."
    ),
    DeferredCommand("ledger", "boli.commands.people", "What people are owed for accepted work."),
    DeferredCommand(
        "tasks", "boli.commands.tasks", "Clips to write down in another program, or from what a model heard."
    ),
)

app = TyperGroup(
    name="boli",
    help="Voices recorded in a village to an aligned, versioned speech dataset.",
    commands=COMMANDS,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


def main() -> None:
    """Exit 0, 1 where something failed, 2 where the command was wrong."""
    try:
        app()
    except KeyboardInterrupt:
        complain("stopped. Nothing is lost: the same command goes on where it was.")
    except BrokenPipeError:
        pass
    except Exception as error:
        if is_expected(error):
            complain(str(error))
        elif isinstance(error, OSError) and error.errno is not None:
            where = f"{error.filename}: " if error.filename else ""
            complain(f"{where}{error.strerror}. Mend that, and give the same command again.")
        else:
            raise
    sys.exit(1)


if __name__ == "__main__":
    main()
