"""How every task of ours runs: what is tried again, on what, and how its report reaches the run's page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

from prefect import Task, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import FlowRunContext
from prefect.futures import PrefectFuture

from catalog.database import CatalogUnavailable
from catalog.store import StoreFull, StoreUnavailable

Report = TypeVar("Report")
Given = ParamSpec("Given")

RETRIES = 3
DELAYS = [2.0, 10.0, 60.0]  # seconds: a hiccup, a restart, a minute without network


class StepFailed(Exception):
    """Batches of a step failed; report: what the others came to"""

    def __init__(self, report: object, failures: Sequence[BaseException], unbegun: int = 0) -> None:
        first = f"{type(failures[0]).__name__}: {failures[0]}"
        more = f"\n{unbegun} more were not begun: the next run takes them up." if unbegun else ""
        super().__init__(f"{len(failures)} batch(es) failed, the first with {first}{more}")
        self.report = report


@dataclass(frozen=True, slots=True)
class Gathered(Generic[Report]):
    """What the batches of one step reported.

    failures: of those that failed, to raise once the tables are out
    unbegun:  how many were left to the next run, since what failed one would have failed them too
    """

    reports: tuple[Report, ...]
    failures: tuple[BaseException, ...]
    unbegun: int = 0

    def or_raise(self, summary: object) -> None:
        if self.failures:
            raise StepFailed(summary, self.failures, self.unbegun) from self.failures[0]


_PASSING = (StoreUnavailable, StoreFull, CatalogUnavailable, OSError)


def worth_retrying(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether the failure may pass: the store or the catalogue away, a disk full. A fault of ours does not pass."""
    try:
        state.result()
    except _PASSING:
        return True
    except Exception:  # noqa: BLE001 (whatever else it was, trying again gives the same)
        return False
    return False


def retried(run_name: str) -> Callable[[Callable[Given, Report]], Task[Given, Report]]:
    """A task of ours: tried again where that may help, its results never taken from an earlier run.

    run_name: as people read it, with its parameters in braces, such as "segment {batch.label}"
    """
    return task(
        task_run_name=run_name,
        retries=RETRIES,
        retry_delay_seconds=DELAYS,
        retry_condition_fn=worth_retrying,
        cache_policy=NO_CACHE,
    )


def gathered(outcomes: Sequence[Report | BaseException], *, unbegun: int = 0) -> Gathered[Report]:
    """The outcomes of batches, those that failed apart."""
    failures = tuple(outcome for outcome in outcomes if isinstance(outcome, BaseException))
    reports = tuple(outcome for outcome in outcomes if not isinstance(outcome, BaseException))
    return Gathered(reports, failures, unbegun)


def gather(futures: Iterable[PrefectFuture[Report]]) -> Gathered[Report]:
    """What every task reported. Where one failed, the others are waited for all the same."""
    return gathered([future.result(raise_on_failure=False) for future in futures])


def publish_table(key: str, description: str, rows: Sequence[Mapping[str, object]]) -> None:
    """A table on the run's page, where there is a run."""
    if rows and FlowRunContext.get() is not None:
        create_table_artifact(key=key, description=description, table=[dict(row) for row in rows])


def say(message: str) -> None:
    """A line in the run's log, where there is a run."""
    if FlowRunContext.get() is not None:
        get_run_logger().info(message)
