"""The loop of every step that works on sound: fetch, do it in a limited child, settle in order, tidy up.

Whatever goes wrong with one item is that item's result, and the others go on. What stops a batch is only what would
stop every item of it: the store or the catalogue away, a disk full, no child to be had.
"""

import errno
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from audio.errors import JobFailed, UnusableRecording
from audio.reasons import AudioReason
from audio.sandbox import Outcome, Sandbox
from catalog.database import CatalogUnavailable
from catalog.store import StoreError, StoreFull, StoreUnavailable
from flows.steps.in_order import in_order

Item = TypeVar("Item")
Job = TypeVar("Job")
Value = TypeVar("Value")
Settled = TypeVar("Settled")

_STOPS_THE_BATCH = (StoreUnavailable, StoreFull, CatalogUnavailable)
_OF_THE_MACHINE = frozenset(
    {
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.EAGAIN,
        errno.ENODEV,
        errno.ENOENT,
        errno.EROFS,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)


class Cause(StrEnum):
    """What a failure says of trying again."""

    THE_FILE = "the file"
    """Found in the bytes: final."""
    UNFORESEEN = "unforeseen"
    """Nobody knows: the same code fails in the same way, a later one may not."""
    PASSING = "passing"
    """The machine's or the store's: the next run tries again."""


@dataclass(frozen=True, slots=True)
class ItemFailure:
    """Why an item came to nothing.

    code:    on the list of reasons
    message: for the people who sent it
    detail:  what the machine said, for operators
    """

    cause: Cause
    code: str
    message: str
    detail: str


@dataclass(frozen=True, slots=True)
class FailedItem:
    """An item that failed, in a step's report. name: as people know it; detail: for operators"""

    name: str
    code: str
    detail: str


def each_in_sandbox(
    sandbox: Sandbox,
    items: dict[Job, Item],
    do: Callable[[Job], Value],
    *,
    fetch: Callable[[Job], object],
    settle: Callable[[Item, Value | ItemFailure], Settled],
    tidy: Callable[[Job], object],
    writes: Callable[[Job], Path] | None = None,
) -> Iterator[tuple[Item, Settled]]:
    """Every item with what became of it, in their order.

    do:     runs in a child, on a job that `fetch` has made ready and `tidy` clears away
    writes: the folder that receives what a job makes
    settle: keeps the result; where that fails for a cause unknown, it is asked once more, with the failure
    Raises StoreUnavailable, StoreFull, CatalogUnavailable, SandboxUnavailable: the rest waits for the next try.
    """
    unfetched: dict[Job, Exception] = {}

    def fetched() -> Iterator[Job]:
        for job in items:
            try:
                fetch(job)
            except _STOPS_THE_BATCH:
                raise
            except Exception as error:  # noqa: BLE001 (that item's result)
                unfetched[job] = error
            else:
                yield job

    for outcome in in_order(
        list(items), _with_unfetched(sandbox.map(do, fetched(), writes=writes), unfetched)
    ):
        item = items[outcome.job]
        found = outcome.value if outcome.error is None else failure_of(outcome.error)
        try:
            settled = settle(item, found)  # type: ignore[arg-type]  # None is a value where the job gives None
        except _STOPS_THE_BATCH:
            raise
        except Exception as error:  # noqa: BLE001 (that item's result)
            settled = settle(item, failure_of(error))
        yield item, settled
        tidy(outcome.job)


def failure_of(error: Exception) -> ItemFailure:
    """What an exception means for its item. Raises StoreFull for a disk without room: that is everybody's.

    >>> failure_of(KeyError("missing")).cause
    <Cause.UNFORESEEN: 'unforeseen'>
    """
    if isinstance(error, UnusableRecording):
        crashed = error.code is AudioReason.DECODER_CRASHED
        cause = Cause.UNFORESEEN if crashed else Cause.THE_FILE
        return ItemFailure(cause, error.code.value, error.message, f"{error.message}\n{error.detail}".strip())
    if isinstance(error, JobFailed):
        code = AudioReason.DECODER_CRASHED.value
        return ItemFailure(Cause.UNFORESEEN, code, "its decoder met something unforeseen", str(error))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise StoreFull(f"{error}. Free some space and run the same command again: it resumes.") from error
    if isinstance(error, StoreError) or (isinstance(error, OSError) and error.errno in _OF_THE_MACHINE):
        return ItemFailure(Cause.PASSING, "store_unavailable", "it could not be fetched", str(error))
    detail = f"{type(error).__name__}: {error}"
    return ItemFailure(Cause.UNFORESEEN, "step_failed", "it could not be worked on", detail)


def _with_unfetched(
    outcomes: Iterable[Outcome[Job, Value]], unfetched: dict[Job, Exception]
) -> Iterator[Outcome[Job, Value]]:
    """The outcomes, and in between one for every job that came to nothing before it began."""
    reported: set[Job] = set()

    def fresh() -> Iterator[Outcome[Job, Value]]:
        for job in [job for job in unfetched if job not in reported]:
            reported.add(job)
            yield Outcome(job, None, unfetched[job])

    for outcome in outcomes:
        yield from fresh()
        yield outcome
    yield from fresh()


def failed_items(failures: Sequence[FailedItem], most: int = 20) -> str:
    """A line for people: how many, and which.

    >>> failed_items([FailedItem("a.mp3", "decoder_crashed", "")])
    '1 failed: a.mp3 (decoder_crashed)'
    """
    names = ", ".join(f"{each.name} ({each.code})" for each in failures[:most])
    more = f" and {len(failures) - most} more" if len(failures) > most else ""
    return f"{len(failures)} failed: {names}{more}"
