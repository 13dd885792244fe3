"""`boli consent holders | messages`: who downloaded a voice that was taken back, and what was written to them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from boli.commands.one_speaker import Project, Pseudonym, speaker_named
from boli.output import print_json, print_table, say
from catalog.config.settings import load_settings

if TYPE_CHECKING:
    from releases.downloads import Downloader

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def register(consent: typer.Typer) -> None:
    for command in (holders, messages):
        consent.command()(command)


def holders(speaker: Pseudonym, project: Project = "demo", json: Json = False) -> None:
    """Who downloaded versions that held this voice through the portal, and whether they have pulled since.

    Whoever reads the store directly is not seen: for them datasets/NAME/withdrawn.jsonl names the rows.

    [bold]Example[/]

      boli consent holders te-01 --project demo
    """
    from flows.workspace import open_workspace
    from releases.downloads import downloaders_of

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        known = speaker_named(session, project, speaker)
        found = downloaders_of(session, known.id)
    if json:
        for each in found:
            print_json(each)
        return
    show_holders(speaker, found)


def show_holders(speaker: str, found: "Sequence[Downloader]") -> None:
    if not found:
        say(f"Nobody downloaded a version with the voice of {speaker} through the portal.")
        return
    said = {True: "yes", False: "not yet", None: "it still holds the voice"}
    rows = [
        (
            each.handle,
            f"{each.dataset} {each.version}",
            f"{each.last_at:%Y-%m-%d %H:%M}",
            f"{each.bytes / 1e6:.1f} MB",
            said[each.pulled_since],
        )
        for each in found
    ]
    print_table(
        f"Who downloaded the voice of {speaker}", ("who", "version", "last", "size", "pulled since"), rows
    )


def messages(
    project: Project = "demo",
    send: Annotated[bool, typer.Option("--send", help="Make what is due and send what waits, now.")] = False,
    json: Json = False,
) -> None:
    """Messages to those who downloaded rows that were withdrawn: ready, sent, or failed and why.

    They are made and sent by the flow `collect`, where a mail server is set (BOLI_SMTP_HOST).

    [bold]Example[/]

      boli consent messages --project demo --send
    """
    from flows.steps.tell_downloaders import tell_downloaders
    from flows.workspace import open_workspace
    from releases.downloader_messages import messages_of

    with open_workspace(project, load_settings()) as workspace:
        if send:
            tell_downloaders(workspace)
        with workspace.catalog.reading() as session:
            found = [
                {"to": each.handle, "dataset": each.message.dataset, "versions": each.message.versions,
                 "state": each.message.state.value, "pulled_since": each.pulled_since,
                 "made_at": each.message.made_at, "sent_at": each.message.sent_at,
                 "failure": each.message.failure, "language": each.message.language, "text": each.message.text}
                for each in messages_of(session, workspace.project.name)
            ]  # fmt: skip
    if json:
        for each in found:
            print_json(each)
        return
    columns = ("to", "dataset", "state", "pulled_since", "failure")
    print_table("Messages", columns, [[each[column] or "" for column in columns] for each in found])
    if not found:
        say("None: nobody holds rows that were withdrawn since they pulled.")
