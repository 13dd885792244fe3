"""`boli report`: a project, or a span of its days, on one page that stands alone."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from boli.output import say
from catalog.config.settings import load_settings


def register(app: typer.Typer) -> None:
    app.command()(report)


def report(
    out: Annotated[Path, typer.Argument(help="The HTML file to write.")] = Path("report.html"),
    project: Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")] = "demo",
    first: Annotated[
        str, typer.Option("--from", help="The first day, as 2026-11-03; from the beginning.")
    ] = "",
    last: Annotated[str, typer.Option("--to", help="The last day, as 2026-11-30; until now.")] = "",
) -> None:
    """What came in during some days and what became of it, with clips to hear, on one page that stands alone.

    Sound is only of clips whose voices consent to publication. What the page holds is in the audit log.

    [bold]Examples[/]

      boli report november.html --project field --from 2026-11-01 --to 2026-11-30

      boli report --project field
    """
    from catalog import audit
    from flows.workspace import open_workspace
    from portal.report.gather import ReportSubject, gather
    from portal.report.page import write_report
    from portal.report.span import parse_span

    span = parse_span(first, last)
    with open_workspace(project, load_settings()) as workspace:
        at = datetime.now(UTC)
        subject = ReportSubject(workspace.project, workspace.languages, workspace.store)
        with workspace.catalog.reading() as session:
            page = gather(session, subject, span, at=at)
        with workspace.catalog.writing() as session:
            audit.record(
                session,
                at=at,
                actor="operator",
                action="report.given",
                subject=("project", project),
                detail={"clips": [clip.clip for clip in page.clips]},
            )
        write_report(page, out)
    say(f"✓ {out}: {len(page.clips)} clips to hear")
