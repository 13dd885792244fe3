"""`boli align`: the times of the words of a text, without a catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from audio.align.file import AlignedFile, AlignmentJob
from audio.align.languages import NoVoiceError, nearest_voice
from audio.recognise.file import BroughtAlignmentJob, ModelFiles, align_clip
from audio.recognise.network import NO_RUNTIME, has_runtime
from boli.commands.align_training import train_project
from boli.commands.each_file import FileError, Json, PlannedFile, each_file, limits_of
from boli.errors import UserError
from boli.output import print_table
from catalog.config.settings import load_settings
from catalog.file_names import FileNames
from catalog.table_reader import cells_of
from catalog.text_encoding import BYTE_ORDER_MARK, UndecodableText, decode_text

RATE = 16_000


def register(app: typer.Typer) -> None:
    app.command()(align)


def align(
    audio: Annotated[Path | None, typer.Argument(help="A recording of up to 5 minutes.")] = None,
    text: Annotated[Path | None, typer.Argument(help="Its words, as a text file.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="Language of the text, such as hi.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option("--manifest", help="Tab-separated lines: audio, text file, language.")
    ] = None,
    train: Annotated[
        bool, typer.Option("--train", help="Let a project's accepted clips teach it aligners of its own.")
    ] = False,
    project: Annotated[
        str, typer.Option("--project", "-P", help="With --train: a project of configs/projects.")
    ] = "demo",
    model: Annotated[
        Path | None, typer.Option("--model", help="A CTC model in ONNX that is to time the words.")
    ] = None,
    vocabulary: Annotated[
        Path | None, typer.Option("--vocabulary", help="Its vocabulary: vocab.json or tokens.txt.")
    ] = None,
    json: Json = False,
) -> None:
    """When each word is said.

    With --train: a model for each language that has ten minutes of accepted clips, kept only where it beats the
    aligner that every language begins with; then which aligner each language uses, and why. The same runs every night.

    [bold]Examples[/]

      boli align clip.flac clip.txt --language te

      boli align --manifest pairs.tsv --json > words.jsonl

      boli align clip.flac clip.txt --language te --model te.onnx --vocabulary vocab.json

      boli align --train --project field
    """
    settings = load_settings()
    if train:
        train_project(settings, project, json=json)
        return
    if (model is None) != (vocabulary is None):
        raise typer.BadParameter("--model and --vocabulary go together")
    if model is not None and not has_runtime():
        raise UserError(f"{NO_RUNTIME}.")
    brought = ModelFiles(model.absolute(), vocabulary.absolute()) if model and vocabulary else None
    jobs = [_by_model(each, brought) for each in _alignment_jobs(audio, text, language, manifest)]
    work = partial(align_clip, limits=limits_of(settings))
    each_file(
        settings,
        work,
        jobs,
        json=json,
        show=_show_words,
        record=_word_record,
        fault_in=_fault_in,
    )


def _fault_in(found: AlignedFile) -> FileError | None:
    return None if found.fault is None else FileError("not_aligned", found.fault)


@dataclass(frozen=True, slots=True)
class _Word:
    word: str
    start: float
    end: float
    score: float


@dataclass(frozen=True, slots=True)
class _Words:
    """The public form of an alignment; times are seconds."""

    file: str
    words: tuple[_Word, ...]


def _word_record(file: str, found: AlignedFile) -> _Words:
    words = tuple(
        _Word(each.word, each.start / RATE, each.end / RATE, round(each.score, 4)) for each in found.words
    )
    return _Words(file, words)


def _alignment_jobs(
    audio: Path | None, text: Path | None, language: str | None, manifest: Path | None
) -> Iterator[PlannedFile[AlignmentJob]]:
    if manifest is not None:
        for number, cells in cells_of(_read(manifest), "\t"):
            parts = [cell.text.strip().strip(BYTE_ORDER_MARK) for cell in cells]
            while len(parts) > 3 and not parts[-1]:
                parts.pop()
            if not any(parts):
                continue
            if len(parts) != 3:
                raise UserError(
                    f"{manifest}:{number}: a line has audio, text file and language, separated by tabs; "
                    f"given {len(parts)} part(s)."
                )
            yield _alignment_job(_beside(manifest, parts[0]), _beside(manifest, parts[1]), parts[2])
        return
    if audio is None or text is None or language is None:
        raise typer.BadParameter("name AUDIO, TEXT and --language, or a --manifest of them")
    yield _alignment_job(audio, text, language)


def _alignment_job(audio: Path, text: Path, language: str) -> PlannedFile[AlignmentJob]:
    name = str(audio.absolute())
    try:
        return PlannedFile(name, AlignmentJob(audio.absolute(), _read(text), nearest_voice(language)))
    except (NoVoiceError, UserError) as error:
        return PlannedFile(name, None, FileError("not_aligned", str(error)))


def _by_model(
    planned: PlannedFile[AlignmentJob], model: ModelFiles | None
) -> PlannedFile[AlignmentJob | BroughtAlignmentJob]:
    job = planned.job
    by_model = None if job is None or model is None else BroughtAlignmentJob(job, model, "align")
    return PlannedFile(planned.name, by_model or job, planned.fault)


def _beside(manifest: Path, written: str) -> Path:
    """The file that a manifest names, also where its name was written on another system."""
    path = manifest.parent / written
    if path.exists():
        return path
    meant = manifest.parent / written.replace("\\", "/")
    folder = meant.parent
    name = FileNames.of(each.name for each in folder.iterdir()).find(meant.name) if folder.is_dir() else None
    return folder / name if name else path


def _read(path: Path) -> str:
    try:
        return decode_text(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}. Check its name.") from error
    except UndecodableText as error:
        raise UserError(f"{path}: {error}") from error


def _show_words(found: AlignedFile) -> None:
    rows = [(each.word, each.start / RATE, each.end / RATE, each.score) for each in found.words]
    print_table("", ("word", "from s", "to s", "score"), rows)
