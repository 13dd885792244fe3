"""500 damaged and joined files: each has its end, and nothing crashes, hangs or grows. bench/mutants.py does 5,000."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

from bench.mutants import measure_all, run_all, written

SEED = 10
Found = TypeVar("Found")


def alone(function: Callable[..., Found], *arguments: object) -> Found:
    """In a process of its own: the system tells only the most memory that any child of a process ever took."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


@pytest.mark.slow
def test_every_mutant_is_measured_or_has_its_reason(tmp_path: Path) -> None:
    found = alone(measure_all, written(tmp_path, 500, 0, SEED))

    assert found.faults == []
    assert sum(found.ends.values()) == 500


@pytest.mark.slow
def test_every_mutant_goes_through_a_run_to_its_end(tmp_path: Path) -> None:
    written(tmp_path / "files", 150, 500, SEED)

    found = alone(run_all, tmp_path / "files", tmp_path / "home")

    assert found.faults == []
    assert sum(found.ends.values()) == 150
