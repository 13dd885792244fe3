"""`boli consent export`: everything about one voice, for the speaker who asks for it."""

from pathlib import Path
from typing import Annotated

import typer

from boli.commands.one_speaker import By, Project, Pseudonym, speaker_named
from boli.output import say
from catalog.config.settings import load_settings


def add_to(consent: typer.Typer) -> None:
    consent.command()(export)


def export(
    speaker: Pseudonym,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The zip to write; by default SPEAKER.zip.")
    ] = None,
    project: Project = "demo",
    by: By = "operator",
) -> None:
    """Everything about one voice as a zip: facts, consents, sound, texts, decisions, versions, with a page to read.

    The page is in the speaker's language where the portal has it. Sound that was taken back is not in it.

    [bold]Example[/]

      boli consent export te-01 --project demo --out te-01.zip
    """
    from flows.workspace import open_workspace
    from portal.record.export.archive import note_export, voice_archive
    from portal.record.export.page import voice_page

    target = out or Path(f"{speaker}.zip")
    with open_workspace(project, load_settings()) as workspace:
        now = workspace.now()
        with workspace.catalog.reading() as session:
            known = speaker_named(session, project, speaker)
            page = voice_page(
                session, known, workspace.project, workspace.languages, at=now, tells_private=True
            )
        note_export(workspace.catalog, known.id, by=by, at=now)
        with target.open("wb") as file:
            for block in voice_archive(workspace.catalog, workspace.store, page):
                file.write(block)
    say(f"✓ {target}: {target.stat().st_size} bytes. Unpack it, and open index.html in it.")
