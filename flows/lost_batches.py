"""Batches whose machine is gone, where Prefect's server has no rule that ends them (boli/serve/silent_runs.py)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.events.filters import EventFilter, EventNameFilter, EventResourceFilter

LOST_SECONDS = 600.0
"""Without a sign of life, after which a batch is given up: Prefect's workers give one every three minutes at least."""
EVERY_SECONDS = 60.0
"""How often it is looked for signs of life."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The newest sign of life of a batch, and when it was new to us. sign: a state or a heartbeat, by its id"""

    sign: UUID | None
    at: float


@dataclass
class LifeSigns:
    """Signs of life of batches, as Prefect's server hears them, timed by one clock: those of machines differ."""

    client: SyncPrefectClient
    _seen: dict[UUID, _Seen] = field(default_factory=dict)
    _looked: float | None = None

    def fallen_silent(self, runs: Iterable[FlowRun], *, now: float) -> tuple[FlowRun, ...]:
        """Those that a worker has taken, and of which nothing was new for LOST_SECONDS.

        now: seconds of a clock that only goes forward
        """
        if self._looked is not None and now - self._looked < EVERY_SECONDS:
            return ()
        self._looked = now
        taken = [run for run in runs if run.state_type in (StateType.PENDING, StateType.RUNNING)]
        return tuple(run for run in taken if self._is_silent(run, now))

    def _is_silent(self, run: FlowRun, now: float) -> bool:
        sign, known = self._sign(run), self._seen.get(run.id)
        if known is None or known.sign != sign:
            self._seen[run.id] = _Seen(sign, now)
            return False
        return now - known.at > LOST_SECONDS

    def _sign(self, run: FlowRun) -> UUID | None:
        chosen = EventFilter(
            event=EventNameFilter(name=["prefect.flow-run.heartbeat"]),
            resource=EventResourceFilter(id=[f"prefect.flow-run.{run.id}"]),
        )
        newest = self.client.read_events(filter=chosen, limit=1).events  # the newest first
        return newest[0].id if newest else run.state_id
