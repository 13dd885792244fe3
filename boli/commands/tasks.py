"""`boli tasks export | import | correct`: clips to work on in another program, and the texts that come back."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from boli.commands import tasks_correct
from boli.errors import UserError
from boli.output import complain, print_json, print_table, say
from boli.package_sound import PackageAudio, write_each, write_joined
from catalog.config.settings import load_settings
from catalog.database import Catalog
from flows.workspace import Workspace
from transcription import queue
from transcription.context import ProjectContext
from transcription.exchange import ExchangeError, Format, Package, by_ending, read, write
from transcription.exchange.claiming import claim_recording
from transcription.exchange.formats import ROWS_ENDING
from transcription.exchange.handing_in import Fate, HandedIn, hand_in
from transcription.exchange.package import MOST_BYTES
from transcription.exchange.packing import pack, sounds_of
from transcription.people import StaffMember, list_people
from transcription.slots.lease import Lease

tasks = typer.Typer(
    help="Clips to write down in another program, or from what a model heard.", no_args_is_help=True
)

Project = Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")]
Person = Annotated[str, typer.Option("--person", help="Handle of the transcriber who holds the clips.")]
Count = Annotated[int, typer.Option("--count", min=1, help="How many clips they hold then, at most.")]
Recording = Annotated[
    str | None, typer.Option("--recording", help="Only clips of this recording, by its id.")
]
Audio = Annotated[
    PackageAudio,
    typer.Option("--audio", help="The sound that goes along: untouched, cleaned, small or none."),
]
SoundPrefix = Annotated[
    str | None,
    typer.Option("--sound-prefix", help="Label Studio: what stands before a sound's name in its address."),
]
FAILED = (Fate.REFUSED, Fate.NOT_THEIRS)


def register(app: typer.Typer) -> None:
    tasks_correct.register(tasks)
    app.add_typer(tasks, name="tasks")


@tasks.command()
def export(
    out: Annotated[Path, typer.Argument(help="The folder to make; must not hold anything yet.")],
    form: Annotated[Format, typer.Option("--format", help="For Praat, ELAN, Label Studio, a spreadsheet …")],
    person: Person,
    count: Count = 20,
    project: Project = "demo",
    recording: Recording = None,
    audio: Audio = PackageAudio.CUT,
    days: Annotated[int, typer.Option("--days", min=1, max=30, help="How long the clips stay theirs.")] = 3,
    sound_prefix: SoundPrefix = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Claim clips for somebody, and write them out for another program, with their sound.

    The clips are theirs for some days, as if they had taken them on the screen; what they hold already comes along.
    The same command again, into another folder, writes the same clips. docs/exchange.md says how to work on them.

    [bold]Examples[/]

      boli tasks export for-asha --format textgrid --person asha --count 20

      boli tasks export session --format eaf --person asha --recording recording-3f0c9a… --audio clean --days 7
    """
    from flows.steps.project_context import open_project_context
    from flows.workspace import open_workspace

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"{out} holds something already, perhaps somebody's work. Name a new folder.")
    if audio is PackageAudio.PREVIEW and form.one_sound:
        raise typer.BadParameter("Praat and ELAN open no Opus: cut or clean", param_hint="--audio")
    with open_workspace(project, load_settings()) as workspace:
        context = open_project_context(workspace)
        member = _member(workspace.catalog, project, person)
        leases = _claim(context, member, count, recording, workspace, days)
        with _appearing(out) as draft:
            package = _package(workspace, context, member, leases, form, audio, draft)
            for file in write(package, form, sound_prefix=sound_prefix or ""):
                (draft / file.name).write_bytes(file.data)
    until = min(lease.expires_at for lease in leases)
    if json:
        clips = [item.ticket.clip for item in package.items]
        print_json({"out": out, "format": form, "person": member.handle, "clips": clips, "until": until})
        return
    minutes = sum(lease.seconds for lease in leases) / 60
    say(
        f"✓ {len(leases)} clips ({minutes:.1f} minutes) in {out}; {member.handle}'s until {until:%Y-%m-%d %H:%M} UTC"
    )
    say(f"  boli tasks import {out} --person {member.handle} --project {project}   hands the texts in.")


@contextmanager
def _appearing(out: Path) -> Iterator[Path]:
    """A folder to fill that becomes `out` once it is whole; where anything fails there is none."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
        draft = Path(scratch) / "package"
        draft.mkdir()
        try:
            yield draft
        except ExchangeError as error:
            raise UserError(str(error)) from error
        if out.exists():
            out.rmdir()
        draft.rename(out)


@tasks.command(name="import")
def import_package(
    path: Annotated[Path, typer.Argument(help="The file that came back, or its folder.")],
    person: Person,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="By default that of the file's ending.", show_default=False),
    ] = None,
    project: Project = "demo",
    also_unchanged: Annotated[
        bool, typer.Option("--also-unchanged", help="Hand in also texts that stand as they were exported.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, one line a clip.")] = False,
) -> None:
    """Hand in the texts of a work package, each as that person's own submission, by the same checks as on the screen.

    Empty texts and those that nobody has changed are left alone. What comes late is kept, and paid if it is right.
    What breaks the guideline is kept as a draft and listed. Importing a package again changes nothing.

    [bold]Examples[/]

      boli tasks import for-asha --person asha

      boli tasks import package.TextGrid --person asha --json
    """
    from flows.steps.project_context import open_project_context
    from flows.workspace import open_workspace

    files = _files(path, form)
    with open_workspace(project, load_settings()) as workspace:
        context = open_project_context(workspace)
        member = _member(workspace.catalog, project, person)
        packages = [(file, _read(file, kind)) for file, kind in files]
        done: list[tuple[Path, HandedIn]] = []
        for file, package in packages:
            try:
                handed = hand_in(context, package, member, now=workspace.now(), also_unchanged=also_unchanged)
            except ExchangeError as error:
                raise UserError(f"{file}: {error}") from error
            done += [(file, each) for each in handed]
    if json:
        for file, each in done:
            print_json({"file": str(file), **_as_json(each)})
    else:
        _show(done)
    if any(each.fate in FAILED for _, each in done):
        raise typer.Exit(1)


def _claim(
    context: ProjectContext,
    member: StaffMember,
    count: int,
    recording: str | None,
    workspace: Workspace,
    days: int,
) -> tuple[Lease, ...]:
    now = workspace.now()
    until = now + timedelta(days=days)
    if recording is None:
        leases = queue.claim_many(context, member.id, count, now=now, until=until)
    else:
        leases = claim_recording(context, member.id, recording, count, now=now, until=until)
    if not leases:
        where = f"in {recording} " if recording else ""
        raise UserError(
            f"there is no clip {where}for {member.handle} now.\n"
            "`boli status` shows what waits; `boli people list` which languages they know."
        )
    return leases


def _package(
    workspace: Workspace,
    context: ProjectContext,
    member: StaffMember,
    leases: tuple[Lease, ...],
    form: Format,
    audio: PackageAudio,
    folder: Path,
) -> Package:
    with workspace.catalog.reading() as session:
        sounds = sounds_of(session, leases)
    if audio is PackageAudio.NONE:
        locations = {}
    elif form.one_sound:
        locations = write_joined(workspace.store, sounds, audio, folder)
    else:
        locations = write_each(workspace.store, sounds, audio, folder)
    with workspace.catalog.reading() as session:
        return pack(session, context, member, leases, sounds, locations, now=workspace.now())


def _member(catalog: Catalog, project: str, handle: str) -> StaffMember:
    with catalog.reading() as session:
        staff = list_people(session, project)
    member = next((each for each in staff if each.handle == handle), None)
    if member is None:
        known = ", ".join(each.handle for each in staff) or "nobody yet"
        raise UserError(f"there is nobody called {handle!r}; there is: {known}.\nSee `boli people add`.")
    return member


def _files(path: Path, form: Format | None) -> list[tuple[Path, Format]]:
    """The package files at `path`, each with its format."""
    if not path.exists():
        raise UserError(f"{path}: there is no such file or folder.")
    if path.is_dir():
        found = [(file, by_ending(file.name)) for file in sorted(path.iterdir()) if file.is_file()]
        files = [(file, kind) for file, kind in found if kind is not None and form in (None, kind)]
    else:
        kind = form or by_ending(path.name)
        files = [(path, kind)] if kind else []
    if not files:
        endings = ", ".join(each.ending for each in Format)
        raise UserError(
            f"{path} is no work package; the endings are {endings}.\nName the format with --format."
        )
    return files


def _read(file: Path, form: Format) -> Package:
    rows = file.with_name(f"{file.stem}{ROWS_ENDING}")
    try:
        beside = _bytes(rows) if form is Format.AUDACITY and rows.is_file() else None
        return read(_bytes(file), form, rows=beside)
    except ExchangeError as error:
        raise UserError(f"{file}: {error}") from error


def _bytes(file: Path) -> bytes:
    """One byte more than any package has is enough to refuse it."""
    with file.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


def _as_json(each: HandedIn) -> dict[str, object]:
    return {
        "number": each.number,
        "clip": each.clip,
        "seconds": each.seconds,
        "fate": each.fate,
        "message": each.message,
        "findings": each.findings,
        "submission": each.submission_id,
    }


def _show(done: list[tuple[Path, HandedIn]]) -> None:
    several = len({file for file, _ in done}) > 1
    for file, each in done:
        if each.fate in (*FAILED, Fate.LATE):
            where = f"{file.name} " if several else ""
            line = f"{where}clip {each.number} at {each.seconds:.1f} s ({each.clip}): {each.fate.value}. {each.message}"
            complain(line) if each.fate in FAILED else say(f"▲ {line}")
    fates = Counter(each.fate for _, each in done)
    print_table(
        "Handed in",
        ("what became of it", "clips"),
        [(fate.value, fates[fate]) for fate in Fate if fates[fate]],
    )
