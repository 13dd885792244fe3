"""`boli recordings senders`: who sent the recordings of a chat, in a coordinator's hands."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.orm import Session

from boli.output import print_json, print_table, say
from catalog.config.settings import load_settings
from catalog.speakers import speaker_id_of
from catalog.tables import Speaker
from flows.chat_lists import LEFT_OUT

if TYPE_CHECKING:
    from flows.whatsapp import Sender


def register(recordings: typer.Typer) -> None:
    recordings.command("senders")(senders)


def senders(
    chat: Annotated[
        Path, typer.Argument(help="A chat's zip archive, or the folder it was unpacked into.", exists=True)
    ],
    project: Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")] = "demo",
    write: Annotated[
        bool, typer.Option("--write", help="Add those to senders.csv beside the chat who are not in it yet.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Who sent recordings into a WhatsApp chat, and which speaker of the project each of them is.

    Names of senders stay in the chat and in senders.csv beside it. Put the pseudonym of a speaker who agreed behind
    each name, or - for somebody who is left out; then `boli run CHAT` takes the recordings in.

    [bold]Example[/]

      boli recordings senders chat.zip --project field --write
    """
    from flows.chat_senders import add_senders, senders_in
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace:
        found = senders_in(chat, workspace.scratch)
        with workspace.catalog.reading() as session:
            standings = [_standing(session, project, each.speaker) for each in found.senders]
    if json:
        for each, standing in zip(found.senders, standings, strict=True):
            print_json(asdict(each) | {"standing": standing})
    else:
        print_table(
            f"{len(found.senders)} senders",
            ("sender", "recordings", "first", "last", "speaker", ""),
            [_row(each, standing) for each, standing in zip(found.senders, standings, strict=True)],
        )
    if write:
        added = add_senders(found)
        say(f"{added} added to {found.list_path}. Put a pseudonym, or -, behind each.")


def _row(each: "Sender", standing: str) -> tuple[object, ...]:
    first, last = (at.isoformat(" ", "minutes") if at else "" for at in (each.first, each.last))
    return (
        each.name or "named by nobody, or by two",
        each.recordings,
        first,
        last,
        each.speaker or "",
        standing,
    )


def _standing(session: Session, project: str, pseudonym: str | None) -> str:
    """Whether what they sent can be used."""
    if pseudonym is None:
        return "waits: nobody said who this is"
    if pseudonym == LEFT_OUT:
        return "left out"
    speaker = session.get(Speaker, speaker_id_of(project, pseudonym))
    if speaker is None:
        return "the project has no such speaker yet"
    return "agreed" if speaker.consent_scopes else "has not agreed: what they sent waits"
