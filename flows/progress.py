"""How far a step has come: to whoever listens in this process, and to the run's page in Prefect."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.context import FlowRunContext, TaskRunContext

SECONDS_BETWEEN_UPDATES = 2.0  # an update costs the server about 25 ms


@dataclass(frozen=True, slots=True)
class Progress:
    """step: such as "segment"; done and total: items; label: the item just done."""

    step: str
    done: int
    total: int
    label: str


Listener = Callable[[Progress], None]

_listeners: list[Listener] = []
_lock = threading.Lock()


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have `listener` called from any thread of this process while the context lasts."""
    with _lock:
        _listeners.append(listener)
    try:
        yield
    finally:
        with _lock:
            _listeners.remove(listener)


class StepProgress:
    """The progress of one step of one run. Call it with items done, items in all and the item's name."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._artifact: UUID | None = None
        self._told = 0.0

    def __call__(self, done: int, total: int, label: str) -> None:
        with _lock:
            listeners = tuple(_listeners)
        for listener in listeners:
            listener(Progress(self._step, done, total, label))
        if FlowRunContext.get() is None and TaskRunContext.get() is None:
            return
        now = time.monotonic()
        if done < total and now - self._told < SECONDS_BETWEEN_UPDATES:
            return
        self._told = now
        percent = 100.0 * done / total if total else 100.0
        if self._artifact is None:
            created = create_progress_artifact(
                progress=percent, key=f"{self._step}-progress", description=label
            )
            self._artifact = created if isinstance(created, UUID) else None
        else:
            update_progress_artifact(artifact_id=self._artifact, progress=percent, description=label)
