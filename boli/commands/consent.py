"""`boli consent show | withdraw`: what a speaker agreed to, and taking it back."""

from typing import Annotated

import typer

from boli.errors import UserError
from boli.output import print_json, print_table, say
from boli.settings import load_settings
from catalog.consent import history
from catalog.consent import withdraw as withdraw_consent
from catalog.erasure import erase_sound
from catalog.ids import content_id
from catalog.tables import Speaker

consent = typer.Typer(help="What speakers agreed to, and taking it back.", no_args_is_help=True)

Pseudonym = Annotated[str, typer.Argument(help="The speaker's pseudonym, such as te-01.")]
Project = Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def register(app: typer.Typer) -> None:
    app.add_typer(consent, name="consent")


@consent.command()
def show(speaker: Pseudonym, project: Project = "demo", json: Json = False) -> None:
    """Every act of consent of one speaker, oldest first.

    [bold]Example[/]

      boli consent show te-01 --project demo
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        speaker_id = content_id("speaker", project, speaker)
        if session.get(Speaker, speaker_id) is None:
            raise UserError(
                f"project {project} knows no speaker {speaker!r}. Pseudonyms stand in recordings.tsv."
            )
        events = [
            (f"{event.at:%Y-%m-%d %H:%M}", event.kind.value, ", ".join(event.scopes),
             f"{event.notice_language} {event.notice_version}", event.evidence, event.recorded_by)
            for event in history(session, speaker_id)
        ]  # fmt: skip
    columns = ("at", "what", "scopes", "notice", "evidence", "recorded by")
    if json:
        print_json(
            {"speaker": speaker, "events": [dict(zip(columns, event, strict=True)) for event in events]}
        )
        return
    print_table(f"Consent of {speaker}", columns, events)
    if not events:
        say("▲ None: nothing of this voice is used.")


@consent.command()
def withdraw(
    speaker: Pseudonym,
    project: Project = "demo",
    by: Annotated[str, typer.Option("--by", help="Who records it, for the log.")] = "operator",
    json: Json = False,
) -> None:
    """Take a speaker's consent back: work stops at once, and published versions lose the voice.

    Every version that holds it is rewritten without it, the old files are erased, and withdrawn.jsonl tells
    those who fetched them. Stopped half-way, the same command goes on.

    [bold]Example[/]

      boli consent withdraw te-01 --project demo --by asha
    """
    from flows.workspace import open_workspace
    from releases.erase import erase

    with open_workspace(project, load_settings()) as workspace:
        speaker_id = content_id("speaker", project, speaker)
        with workspace.catalog.writing() as session:
            if session.get(Speaker, speaker_id) is None:
                raise UserError(
                    f"project {project} knows no speaker {speaker!r}. Pseudonyms stand in recordings.tsv."
                )
            reached = withdraw_consent(session, speaker_id=speaker_id, recorded_by=by, at=workspace.now())
        sound = erase_sound(
            workspace.catalog, workspace.store, project_id=project, actor=by, at=workspace.now()
        )
        erased = erase(
            workspace.catalog,
            workspace.store,
            workspace.project.release.name,
            now=workspace.now(),
            actor=by,
            scratch=workspace.scratch,
        )
    if json:
        print_json({"reached": reached, "sound": sound, "erased": erased})
        return
    say(
        f"{speaker}: {len(reached.recordings)} recordings, {len(reached.clips)} clips and {len(reached.tasks)} tasks "
        f"stopped; {sound.objects} objects of sound destroyed."
    )
    for version, rows in erased.rows:
        say(f"{erased.dataset} {version}: {rows} clips erased.")
    for label in reached.releases:
        say(f"▲ Whoever fetched {label} is told by datasets/{label.split('@')[0]}/withdrawn.jsonl.")
