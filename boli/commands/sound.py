"""`boli segment | measure | clean | align`: one step on files, without a catalogue."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import typer

from audio.align import NoVoiceError, nearest_voice
from audio.align.file import AlignedFile, AlignmentJob, align_file
from audio.errors import UnusableRecording
from audio.files import MeasuredFile, SegmentedFile, clean_file, measure_file, segment_file
from audio.limits import Limits
from audio.recipe import Engine, Recipe
from audio.sandbox import Outcome, Sandbox
from boli.errors import UserError
from boli.output import complain, print_json, print_table, say
from boli.settings import Settings, load_settings
from catalog.configuration import load_folder
from catalog.reasons import reason

RATE = 16_000

Files = Annotated[list[Path], typer.Argument(help="Recordings in any format a phone makes.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, one line a file.")]
RecipeName = Annotated[str, typer.Option("--recipe", help="A recipe of configs/recipes.")]
Job = TypeVar("Job")
Value = TypeVar("Value")


def register(app: typer.Typer) -> None:
    app.command()(segment)
    app.command()(measure)
    app.command()(clean)
    app.command()(align)


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
    work = partial(segment_file, recipe=rules, limits=_limits(settings))
    _each(settings, work, _each_once(files), json=json, show=_show_segments)


def measure(files: Files, json: Json = False, recipe: RecipeName = "field") -> None:
    """What a recording is worth: loudness, noise, clipping, bandwidth, and what to do better.

    [bold]Examples[/]

      boli measure today/*.m4a

      boli measure --json session.wav
    """
    settings = load_settings()
    work = partial(measure_file, recipe=_recipe(settings, recipe), limits=_limits(settings))
    _each(settings, work, _each_once(files), json=json, show=_show_measures)


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
    work = partial(clean_file, out=out.absolute(), recipe=_recipe(settings, recipe), limits=_limits(settings))
    _each(
        settings,
        work,
        _each_once([file]),
        json=json,
        writes=lambda _: out.absolute(),
        show=lambda done: say(f"{done.out}: {done.duration:.1f} s, raised by {done.gain_db:+.1f} dB"),
    )


def align(
    audio: Annotated[Path | None, typer.Argument(help="A recording of up to 5 minutes.")] = None,
    text: Annotated[Path | None, typer.Argument(help="Its words, as a text file.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="Language of the text, such as hi.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option("--manifest", help="Tab-separated lines: audio, text file, language.")
    ] = None,
    json: Json = False,
) -> None:
    """When each word is said.

    [bold]Examples[/]

      boli align clip.flac clip.txt --language te

      boli align --manifest pairs.tsv --json > words.jsonl
    """
    settings = load_settings()
    jobs = list(_alignment_jobs(audio, text, language, manifest))
    work = partial(align_file, limits=_limits(settings))
    _each(settings, work, jobs, json=json, show=_show_words, record=_word_record)


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


@dataclass(frozen=True, slots=True)
class _Planned(Generic[Job]):
    """One file of the command: its job, or why there is none."""

    name: str
    job: Job | None
    fault: "_Error | None" = None


def _alignment_jobs(
    audio: Path | None, text: Path | None, language: str | None, manifest: Path | None
) -> Iterator[_Planned[AlignmentJob]]:
    if manifest is not None:
        for number, line in enumerate(_read(manifest).splitlines(), start=1):
            if line.strip():
                parts = line.split("\t")
                if len(parts) != 3:
                    raise UserError(
                        f"{manifest}:{number}: a line has audio, text file and language, separated by tabs; "
                        f"given {len(parts)} part(s)."
                    )
                yield _alignment_job(manifest.parent / parts[0], manifest.parent / parts[1], parts[2].strip())
        return
    if audio is None or text is None or language is None:
        raise typer.BadParameter("name AUDIO, TEXT and --language, or a --manifest of them")
    yield _alignment_job(audio, text, language)


def _alignment_job(audio: Path, text: Path, language: str) -> _Planned[AlignmentJob]:
    name = str(audio.absolute())
    try:
        return _Planned(name, AlignmentJob(audio.absolute(), _read(text), nearest_voice(language)))
    except (NoVoiceError, UserError) as error:
        return _Planned(name, None, _Error("not_aligned", str(error)))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}. Check its name.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text. Save it as UTF-8.") from error


@dataclass(frozen=True, slots=True)
class _Error:
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class _Crash(_Error):
    """An error whose cause nobody knows. detail: what the machine said, for who mends Boli"""

    detail: str


@dataclass(frozen=True, slots=True)
class _Failed:
    file: str
    error: _Error


def _each(
    settings: Settings,
    work: Callable[[Job], Value],
    plan: Sequence[_Planned[Job]],
    *,
    json: bool,
    show: Callable[[Value], None],
    record: Callable[[str, Value], object] = lambda _, value: value,
    writes: Callable[[Job], Path] | None = None,
) -> None:
    """Do each job in a limited child, in the given order of output; exit 1 at the end where a file can't be used."""
    from flows.steps.in_order import in_order

    failed = False
    jobs = [planned.job for planned in plan if planned.job is not None]
    workers = min(settings.workers, len(jobs)) or 1
    with Sandbox(workers, _limits(settings)) as sandbox:
        outcomes = in_order(jobs, sandbox.map(work, jobs, writes=writes))
        for planned in plan:
            fault, value = planned.fault, None
            if planned.job is not None:
                outcome = next(outcomes)
                fault, value = _fault(outcome), outcome.value
            if fault is not None:
                failed = True
                _tell_fault(planned.name, fault, json=json)
            elif value is not None and json:
                print_json(record(planned.name, value))
            elif value is not None:
                show(value)
    if failed:
        raise typer.Exit(1)


def _fault(outcome: Outcome[Job, Value]) -> _Error | None:
    """Whatever became of a file is its own result: the others go on."""
    error = outcome.error
    if isinstance(error, UnusableRecording):
        if error.detail:
            return _Crash(error.code.value, error.message, error.detail)
        return _Error(error.code.value, error.message)
    if isinstance(error, OSError):
        return _Error("unreadable", f"{error.strerror or error}")
    if error is not None:
        sentence = reason("decoder_crashed")
        what = str(error).partition("\n")[0]
        return _Crash("decoder_crashed", f"{sentence.sentence} {sentence.mend} ({what})", str(error))
    if isinstance(outcome.value, AlignedFile) and outcome.value.fault is not None:
        return _Error("not_aligned", outcome.value.fault)
    return None


def _tell_fault(file: str, fault: _Error, *, json: bool) -> None:
    if json:
        print_json(_Failed(file, fault))
    else:
        complain(f"{file}: {fault.message}")


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
    snr = "can't be told" if found.snr_db is None else f"{found.snr_db:.0f} dB"
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


def _show_words(found: AlignedFile) -> None:
    rows = [(each.word, each.start / RATE, each.end / RATE, each.score) for each in found.words]
    print_table("", ("word", "from s", "to s", "score"), rows)


def _recipe(settings: Settings, name: str) -> Recipe:
    recipes = load_folder(settings.configs / "recipes", Recipe)
    if name not in recipes:
        raise UserError(f"there is no recipe {name!r}; there is: {', '.join(sorted(recipes))}.")
    return recipes[name]


def _with_engine(recipe: Recipe, engine: Engine | None) -> Recipe:
    if engine is None:
        return recipe
    return replace(recipe, detection=replace(recipe.detection, engine=engine))


def _limits(settings: Settings) -> Limits:
    return Limits(address_space=settings.recording_memory_mb * 2**20)


def _each_once(files: Sequence[Path]) -> list[_Planned[Path]]:
    return [_Planned(str(path), path) for path in dict.fromkeys(path.absolute() for path in files)]
