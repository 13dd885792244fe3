"""`boli demo`: the whole way on the recordings in examples/."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boli.output import console, print_table, say, step_bars
from boli.serve import prefect_environment
from catalog.config.settings import load_settings

if TYPE_CHECKING:
    from boli.demo.run import DemoOutcome


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    home: Annotated[
        Path | None,
        typer.Option("--home", help="Folder for everything it makes. Default: demo, or BOLI_HOME."),
    ] = None,
) -> None:
    """Take real recordings in three languages to a verified dataset, and write a report to look at and listen to.

    The transcribers are scripts, and the output says so. Running it again takes seconds and changes nothing.

    [bold]Examples[/]

      boli demo

      boli demo --home /tmp/boli-demo
    """
    settings = load_settings()
    if home is not None or "BOLI_HOME" not in os.environ:
        settings = settings.model_copy(update={"home": home or Path("demo")})
    prefect_environment.prepare(settings)
    from boli.demo.run import run_demo

    say("Eleven minutes of real speech in Telugu, Kannada and Swahili; the transcribers are scripts.")
    with step_bars() as bars:
        outcome = run_demo(settings, bars)
    _print_counts(outcome)
    _print_dataset(outcome)
    if not outcome.verified.ok:
        for problem in outcome.verified.problems:
            say(f"✗ {problem}")
        raise typer.Exit(1)


def _print_counts(outcome: "DemoOutcome") -> None:
    ingested, segmented = outcome.before.ingested, outcome.before.segmented
    people, aligned = outcome.people, outcome.after.aligned
    assert ingested and segmented and aligned  # a step that fails ends the demo
    rejected = {**ingested.rejected, **segmented.rejected}
    print_table(
        "In this run",
        ("what", "count", "hours", "note"),
        [
            ("recordings received", ingested.received, "", ""),
            ("that play, and are new", ingested.accepted, ingested.accepted_hours, ""),
            ("rejected", sum(rejected.values()), "", ", ".join(sorted(rejected))),
            ("clips", segmented.clips, segmented.clip_hours, ""),
            ("texts written", sum(people.outcomes.values()), "", "by scripts, through the queue"),
            ("reviews", sum(people.decisions.values()), "", _counted(people.decisions)),
            ("texts aligned", aligned.aligned + aligned.low_score, "", _to_look_at(aligned.low_score)),
        ],
    )


def _print_dataset(outcome: "DemoOutcome") -> None:
    published = outcome.after.published
    assert published is not None
    state = "every byte verified" if outcome.verified.ok else "NOT WHOLE"
    print_table(
        "The dataset",
        ("name", "version", "clips", "minutes", "state"),
        [
            (
                published.dataset,
                published.version,
                published.clips,
                published.seconds / 60,
                f"{published.outcome}, {state}",
            )
        ],
    )
    console.print(f"Dataset  {published.url}", soft_wrap=True)
    console.print(f"Report   {outcome.report.as_uri()}", soft_wrap=True)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items())


def _to_look_at(low_score: int) -> str:
    return f"{low_score} with a low score, for a person to look at" if low_score else ""
