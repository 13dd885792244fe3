"""One step on many files, each in a limited child: a line a file, in the given order, and exit 1 where one failed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import typer

from audio.errors import UnusableRecording
from audio.limits import Limits
from audio.sandbox import Outcome, Sandbox
from boli.output import complain, print_json
from catalog.config.settings import Settings
from catalog.reasons import reason
from flows.steps.in_order import in_order

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, one line a file.")]
Job = TypeVar("Job")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class FileError:
    """Why a file gave nothing: a reason code, and the sentence for whoever sent it."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FileCrash(FileError):
    """An error whose cause nobody knows. detail: what the machine said, for who mends Boli"""

    detail: str


@dataclass(frozen=True, slots=True)
class FailedFile:
    """The public line of such a file."""

    file: str
    error: FileError


@dataclass(frozen=True, slots=True)
class PlannedFile(Generic[Job]):
    """One file of the command: its job, or why there is none."""

    name: str
    job: Job | None
    fault: FileError | None = None


def each_file(
    settings: Settings,
    work: Callable[[Job], Value],
    plan: Sequence[PlannedFile[Job]],
    *,
    json: bool,
    show: Callable[[Value], None],
    record: Callable[[str, Value], object] = lambda _, value: value,
    fault_in: Callable[[Value], FileError | None] = lambda _: None,
    writes: Callable[[Job], Path] | None = None,
) -> None:
    """Do each job in a limited child, in the given order of output; exit 1 at the end where a file can't be used.

    show:     a result for a person
    record:   of a file and its result, what `--json` prints
    fault_in: what a result that did come says against its own file
    writes:   the file that a job makes
    """
    failed = False
    jobs = [planned.job for planned in plan if planned.job is not None]
    workers = min(settings.workers, len(jobs)) or 1
    with Sandbox(workers, limits_of(settings)) as sandbox:
        outcomes = in_order(jobs, sandbox.map(work, jobs, writes=writes))
        for planned in plan:
            fault, value = planned.fault, None
            if planned.job is not None:
                outcome = next(outcomes)
                value = outcome.value
                fault = _fault(outcome) or (fault_in(value) if value is not None else None)
            if fault is not None:
                failed = True
                _print_fault(planned.name, fault, json=json)
            elif value is not None and json:
                print_json(record(planned.name, value))
            elif value is not None:
                show(value)
    if failed:
        raise typer.Exit(1)


def _fault(outcome: Outcome[Job, Value]) -> FileError | None:
    """Whatever became of a file is its own result: the others go on."""
    error = outcome.error
    if isinstance(error, UnusableRecording):
        if error.detail:
            return FileCrash(error.code.value, error.message, error.detail)
        return FileError(error.code.value, error.message)
    if isinstance(error, OSError):
        return FileError("unreadable", f"{error.strerror or error}")
    if error is not None:
        crash = reason("decoder_crashed")
        what = str(error).partition("\n")[0]
        return FileCrash("decoder_crashed", f"{crash.sentence} {crash.mend} ({what})", str(error))
    return None


def _print_fault(file: str, fault: FileError, *, json: bool) -> None:
    if json:
        print_json(FailedFile(file, fault))
    else:
        complain(f"{file}: {fault.message}")


def limits_of(settings: Settings) -> Limits:
    return Limits(address_space=settings.recording_memory_mb * 2**20)
