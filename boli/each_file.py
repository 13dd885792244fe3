"""One step on many files, each in a limited child: a line a file, in the given order, and exit 1 where one failed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

import typer

from audio.errors import UnusableRecording
from audio.limits import Limits
from audio.sandbox import Outcome, Sandbox
from boli.output import complain, print_json
from catalog.config.settings import Settings
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
class FailedFile:
    """The public line of such a file."""

    file: str
    error: FileError


def each_file(
    settings: Settings,
    work: Callable[[Job], Value],
    jobs: Sequence[Job],
    *,
    json: bool,
    show: Callable[[Value], None],
    name: Callable[[Job], str],
    record: Callable[[str, Value], object] = lambda _, value: value,
    fault_in: Callable[[Value], FileError | None] = lambda _: None,
) -> None:
    """Do each job in a limited child, in the given order of output; exit 1 at the end where a file can't be used.

    name:     the file that a job is about
    show:     a result for a person
    record:   of that file and its result, what `--json` prints
    fault_in: what a result that did come says against its own file
    """
    failed = False
    workers = min(settings.workers, len(jobs)) or 1
    with Sandbox(workers, limits_of(settings)) as sandbox:
        for outcome in in_order(jobs, sandbox.map(work, jobs)):
            fault = _fault(outcome) or fault_in(outcome.result())
            if fault is not None:
                failed = True
                _tell_fault(name(outcome.job), fault, json=json)
            elif json:
                print_json(record(name(outcome.job), outcome.result()))
            else:
                show(outcome.result())
    if failed:
        raise typer.Exit(1)


def _fault(outcome: Outcome[Job, Value]) -> FileError | None:
    if isinstance(outcome.error, UnusableRecording):
        return FileError(outcome.error.code.value, outcome.error.message)
    if isinstance(outcome.error, OSError):
        return FileError("unreadable", f"{outcome.error.strerror or outcome.error}")
    if outcome.error is not None:
        raise outcome.error
    return None


def _tell_fault(file: str, fault: FileError, *, json: bool) -> None:
    if json:
        print_json(FailedFile(file, fault))
    else:
        complain(f"{file}: {fault.message}")


def limits_of(settings: Settings) -> Limits:
    return Limits(address_space=settings.recording_memory_mb * 2**20)
