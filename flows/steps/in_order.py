"""Outcomes that come as they are done, handed on in the order of the jobs."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from audio.sandbox import Outcome

Job = TypeVar("Job")
Value = TypeVar("Value")


def in_order(jobs: Sequence[Job], outcomes: Iterable[Outcome[Job, Value]]) -> Iterator[Outcome[Job, Value]]:
    """Each job's outcome in the order of `jobs`, which differ from each other; early ones wait for their turn."""
    arrived: dict[Job, Outcome[Job, Value]] = {}
    position = 0
    for outcome in outcomes:
        arrived[outcome.job] = outcome
        while position < len(jobs) and jobs[position] in arrived:
            yield arrived.pop(jobs[position])
            position += 1
