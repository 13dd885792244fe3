"""How the command line speaks: tables and bars for people on a terminal, plain lines elsewhere, JSON for machines."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

console = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


def say(message: str) -> None:
    """A line; broken to the width of a terminal, and left whole elsewhere."""
    console.print(escape(message), soft_wrap=not console.is_terminal)


def complain(message: str) -> None:
    """An error on the error stream; its first line is marked."""
    _errors.print(f"[bold red]✗[/] {escape(message)}", soft_wrap=not _errors.is_terminal)


def print_json(value: object) -> None:
    """One JSON object on one line, so that a line is a record."""
    sys.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False) + "\n")
    sys.stdout.flush()


def size_text(size: int) -> str:
    """Bytes as people read them.

    >>> size_text(2_500_000), size_text(3_000_000_000)
    ('2.5 MB', '3.0 GB')
    """
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Numbers stand on the right."""
    if title:
        console.print(f"[italic]{escape(title)}[/]", soft_wrap=not console.is_terminal)
    table = Table(header_style="bold", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int | float) or row[index] == "" for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(f"{cell:.2f}" if isinstance(cell, float) else str(cell)) for cell in row))
    console.print(table)


class StepBars:
    """One bar a step on a terminal; elsewhere one line a step, once it is through."""

    def __init__(self, bars: Bars | None) -> None:
        self._bars = bars
        self._tasks: dict[str, Any] = {}
        self._current: tuple[str, int, int] | None = None

    def tell(self, step: str, done: int, total: int, label: str) -> None:
        if self._bars is None:
            if self._current is not None and self._current[0] != step:
                self.finish()
            self._current = (step, done, total)
            return
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=total, label="")
        self._bars.update(self._tasks[step], completed=done, total=total, label=label[-40:])

    def finish(self) -> None:
        """Say how far the last step came, where there are no bars."""
        if self._bars is None and self._current is not None:
            step, done, total = self._current
            console.print(escape(f"{step}: {done} of {total}"))
            self._current = None

    @contextmanager
    def waiting(self, step: str) -> Iterator[None]:
        """A step whose length nobody knows."""
        self.tell(step, 0, 1, "")
        yield
        self.tell(step, 1, 1, "")


@contextmanager
def step_bars(*, quiet: bool = False) -> Iterator[StepBars]:
    """Bars for as long as the context lasts."""
    if quiet or not console.is_terminal:
        bars = _Silent(None) if quiet else StepBars(None)
        yield bars
        bars.finish()
        return
    with Bars(
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=28, complete_style="dark_cyan", finished_style="green"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[label]}", markup=True),
        console=console,
    ) as display:
        yield StepBars(display)


class _Silent(StepBars):
    def tell(self, step: str, done: int, total: int, label: str) -> None:
        del step, done, total, label


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
