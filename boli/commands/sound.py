"""`boli segment | measure | clean`: one step on files, without a catalogue."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from audio.by_name import ByName
from audio.file_results import CleanedFile, MeasuredFile, SegmentedFile
from audio.recipe import Engine, Recipe
from boli.commands.each_file import Json, PlannedFile, each_file, limits_of
from boli.errors import UserError
from boli.output import print_table, say
from catalog.config.configuration import load_folder
from catalog.config.settings import Settings, load_settings
from catalog.reasons import reason

Files = Annotated[list[Path], typer.Argument(help="Recordings in any format a phone makes.")]
RecipeName = Annotated[str, typer.Option("--recipe", help="A recipe of configs/recipes.")]

_segment_file = ByName("audio.files", "segment_file", SegmentedFile)
_measure_file = ByName("audio.files", "measure_file", MeasuredFile)
_clean_file = ByName("audio.files", "clean_file", CleanedFile)


def register(app: typer.Typer) -> None:
    app.command()(segment)
    app.command()(measure)
    app.command()(clean)


def segment(
    files: Files,
    json: Json = False,
    recipe: RecipeName = "field",
    engine: Annotated[
        Engine | None,
        typer.Option("--engine", help="Speech detector instead of the recipe's: default, silero, webrtc."),
    ] = None,
) -> None:
    """Where somebody speaks, and where the recording would be cut.

    [bold]Examples[/]

      boli segment session.m4a

      boli segment --json *.amr > segments.jsonl
    """
    settings = load_settings()
    rules = _with_engine(_recipe(settings, recipe), engine)
    work = partial(_segment_file, recipe=rules, limits=limits_of(settings))
    each_file(settings, work, _planned(files), json=json, show=_show_segments)


def measure(files: Files, json: Json = False, recipe: RecipeName = "field") -> None:
    """What a recording is worth: loudness, noise, clipping, bandwidth, and what to do better.

    [bold]Examples[/]

      boli measure today/*.m4a

      boli measure --json session.wav
    """
    settings = load_settings()
    work = partial(_measure_file, recipe=_recipe(settings, recipe), limits=limits_of(settings))
    each_file(settings, work, _planned(files), json=json, show=_show_measures)


def clean(
    file: Annotated[Path, typer.Argument(help="A recording.")],
    out: Annotated[Path, typer.Argument(help="Where to write; the ending says FLAC or WAV.")],
    recipe: RecipeName = "field",
    json: Json = False,
) -> None:
    """Lower rumble, hum and steady noise, and bring the voice to an even loudness. The original stays as it is.

    [bold]Example[/]

      boli clean noisy.m4a quiet.flac
    """
    settings = load_settings()
    if out.suffix.lower() not in (".flac", ".wav"):
        raise typer.BadParameter(
            f"the cleaned file is FLAC or WAV, given {out.name!r}. Write {out.stem}.flac."
        )
    if out.resolve() == file.resolve():
        raise typer.BadParameter("the original is never changed: name another file to write to.")
    work = partial(
        _clean_file, out=out.absolute(), recipe=_recipe(settings, recipe), limits=limits_of(settings)
    )
    each_file(
        settings,
        work,
        _planned([file]),
        json=json,
        writes=lambda _: out.absolute(),
        show=lambda done: say(f"{done.out}: {done.duration:.1f} s, raised by {done.gain_db:+.1f} dB"),
    )


def _show_segments(found: SegmentedFile) -> None:
    rows = [
        (number, span.start, span.end, span.end - span.start) for number, span in enumerate(found.segments, 1)
    ]
    spoken = sum(span.end - span.start for span in found.speech)
    print_table(
        f"{found.file}: {found.duration:.1f} s, {spoken:.1f} s of speech, {len(rows)} utterances",
        ("#", "from s", "to s", "length s"),
        rows,
    )


def _show_measures(found: MeasuredFile) -> None:
    snr = "can't be measured" if found.snr_db is None else f"{found.snr_db:.0f} dB"
    loudness = "silence" if found.loudness_lufs is None else f"{found.loudness_lufs:.0f} LUFS"
    say(
        f"{found.file}: {found.duration:.1f} s of {found.codec}, {found.sample_rate} Hz, "
        f"{found.channels} channel(s); voice over noise {snr}, loudness {loudness}, "
        f"speech {found.speech_share:.0%}, sound up to {found.bandwidth_hz / 1000:.1f} kHz"
    )
    for finding in found.findings:
        mark = "✗" if finding.severity == "reject" else "▲"
        why = reason(finding.code.value)
        say(f"  {mark} {why.sentence} {why.mend}")
    if not found.findings:
        say("  ✓ Good sound.")


def _recipe(settings: Settings, name: str) -> Recipe:
    recipes = load_folder(settings.configs / "recipes", Recipe)
    if name not in recipes:
        raise UserError(f"there is no recipe {name!r}; there is: {', '.join(sorted(recipes))}.")
    return recipes[name]


def _with_engine(recipe: Recipe, engine: Engine | None) -> Recipe:
    if engine is None:
        return recipe
    return replace(recipe, detection=replace(recipe.detection, engine=engine))


def _planned(files: Sequence[Path]) -> list[PlannedFile[Path]]:
    return [PlannedFile(str(path), path) for path in dict.fromkeys(path.absolute() for path in files)]
