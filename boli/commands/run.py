"""`boli run`: the whole way once, in the foreground."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from boli.commands.lists_shown import show_lists
from boli.commands.turned_away_shown import show_turned_away
from boli.output import complain, print_json, print_table, say, step_bars
from boli.serve import prefect_environment
from boli.serve.foreground import run_pipeline
from catalog.config.settings import load_settings
from catalog.turned_away import turned_away
from flows.steps.in_sandbox import failed_items

if TYPE_CHECKING:
    from flows.pipeline import PipelineReport


def register(app: typer.Typer) -> None:
    app.command()(run)


def run(
    source: Annotated[
        str | None,
        typer.Argument(help="A folder, zip archive or s3:// prefix; without it: what was received before."),
    ] = None,
    project: Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")] = "demo",
    release: Annotated[bool, typer.Option(help="Publish what is accepted as the next version.")] = True,
    apply: Annotated[
        bool,
        typer.Option("--apply", help="Let a mended list correct what is published, as the next version."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The report as one JSON object.")] = False,
) -> None:
    """Take in what SOURCE holds and bring everything as far as it can go without people.

    A file that fails is set aside and named at the end, with exit status 1; everything else goes on without it.
    Stop it at any moment; the same command goes on where it was, and does nothing twice.

    Files that can't be used are named by reason, with what to do about them: `boli recordings list --rejected` names
    those of earlier runs too.

    Lists that can't be used, rows that name no file and files without a row are named. Mend the list and run again: it
    corrects what came in before; what is published already only with --apply, as the next version.

    [bold]Examples[/]

      boli run /media/card/recordings --project field

      boli run s3://inbox/dumka --project field --no-release
    """
    from flows.workspace import open_workspace

    settings = load_settings()
    prefect_environment.prepare(settings)
    started = datetime.now(UTC)
    with step_bars(quiet=json) as bars:
        report = run_pipeline(project, source, release=release, bars=bars, correct_published=apply)
    if json:
        print_json(report)
    else:
        _show(project, report)
        with open_workspace(project, settings) as workspace, workspace.catalog.reading() as session:
            show_turned_away(turned_away(session, project, since=started), project)
    if _complain(project, report):
        raise typer.Exit(1)


def _complain(project: str, report: "PipelineReport") -> bool:
    """Say what went wrong; whether anything did."""
    for failure in report.failures:
        complain(f"{failure.step}: {failure.message}")
    if report.failed:
        complain(
            f"{failed_items(report.failed)}.\nThey are set aside, and tried again by a later version of Boli. "
            f"`boli recordings list -P {project}` says more; `boli recordings retry` or `reject` decides."
        )
    undrafted = report.drafted.failed if report.drafted is not None else ()
    for item in undrafted:
        complain(f"draft: {item.name}: {item.code}: {item.detail}")
    faulty_lists = report.ingested is not None and report.ingested.lists.faults.count > 0
    return bool(report.failures or report.failed or undrafted or faulty_lists)


def _show(project: str, report: "PipelineReport") -> None:
    rows: list[tuple[str, int, float | str, str]] = []
    if (ingested := report.ingested) is not None:
        rows += [
            ("received", ingested.received, "", ""),
            ("accepted", ingested.accepted, ingested.accepted_hours, _reasons(ingested.rejected)),
        ]
    if (segmented := report.segmented) is not None:
        rows += [
            ("recordings cut", segmented.recordings, segmented.hours, _reasons(segmented.rejected)),
            ("clips", segmented.clips, segmented.clip_hours, _reasons(segmented.rejected_clips)),
        ]
    if report.routed is not None:
        rows.append(("tasks for people", report.routed.tasks, report.routed.seconds / 3600, ""))
    if report.drafted is not None:
        rows.append(("machine drafts", report.drafted.drafted, "", ""))
    if report.aligned is not None:
        rows.append(("texts aligned", report.aligned.aligned, "", ""))
    print_table(f"{project}: this run", ("step", "count", "hours", "rejected"), rows)
    if ingested is not None:
        show_lists(ingested.lists)
    if report.routed is not None and report.routed.without_consent:
        say(f"▲ {report.routed.without_consent} clips wait for their speakers' consent.")
    for published in report.published.datasets if report.published else ():
        if published.version is not None:
            name = f"{published.dataset} {published.version}"
            say(f"{name}: {published.outcome}, {published.clips} clips, {published.url}")
        elif published.outcome == "nothing":
            say(f"Nothing to publish yet: {published.why}")


def _reasons(counted: dict[str, int]) -> str:
    return ", ".join(f"{count} {code}" for code, count in counted.items())
