"""What a programme of any size costs: each page, the calls of a clip's life, steps with nothing to do.

    python -m bench.programme [--clips 20000 200000] [--database sqlite] [--languages 24] [--only page] [--write]

Made rows in the proportions of the largest programmes, put in in bulk. `work` is what something makes the database do:
steps of SQLite's machine, or rows that PostgreSQL's plans read. It is the same on any machine, and where a page asks
for what it shows it does not grow with the programme. `read whole` names large tables that a statement reads from end
to end. Pages and steps are measured the second time; `first ms` is the first, in which figures of the whole project
are counted. PostgreSQL runs from a wheel with fsync off.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from pydantic import SecretStr

from bench.page import write_section
from bench.programme.cost import Cost, large_tables, measured
from bench.programme.load import load_programme, open_programme
from bench.programme.shape import Programme
from bench.programme.walk import Piece, calls, pages, steps
from bench.queue_ground import databases
from catalog.config.settings import Settings
from portal.app import create_app
from portal.context import PortalContext


@dataclass(frozen=True, slots=True)
class Measured:
    """A piece, what it said and what it cost.

    first: seconds of the first time, in which figures of the whole project are counted; None for what is done once
    """

    piece: Piece
    said: str
    first: float | None
    cost: Cost

    @property
    def line(self) -> str:
        cost = self.cost
        whole = ", ".join(sorted(cost.scans))
        first = "" if self.first is None else f"{1000 * self.first:,.0f}"
        return (
            f"| {self.piece.kind} | `{self.piece.name}` | {self.said} | {len(cost.statements)} "
            f"| {1000 * cost.seconds:,.0f} | {first} | {cost.work:,} | {whole} |"
        )


@dataclass(frozen=True, slots=True)
class Walk:
    """A programme of one size, and all that was measured on it."""

    title: str
    clips: int
    found: Sequence[Measured]


HEADER = (
    "| | | said | statements | ms | first ms | work | read whole |\n"
    "| --- | --- | --- | ---: | ---: | ---: | ---: | --- |"
)


def measure(pieces: Iterable[Piece], portal: PortalContext) -> Iterator[Measured]:
    """Each as it comes; pages at their second visit, steps at their second run."""
    large = large_tables(portal.catalog)
    for piece in pieces:
        first = None
        if piece.kind != "call":
            began = time.perf_counter()
            piece.run()
            first = time.perf_counter() - began
        with measured(piece.catalog, large) as cost:
            said = piece.run()
        shown = str(said) if isinstance(said, int | str) else ""
        yield Measured(piece, shown[:24], first, cost)


def walk(settings: Settings, clips: int, languages: int, *, only: str | None, contains: str) -> Walk:
    """Make a programme in an empty catalogue, and measure; each line is printed as it comes."""
    with open_programme(settings, languages) as portal:
        began = time.perf_counter()
        codes = portal.projects["demo"].languages
        of = load_programme(portal.catalog, clips=clips, languages=codes, end=datetime.now(UTC))
        title = (
            f"{clips:,} clips, {of.speakers:,} voices, {of.people:,} people, {len(codes)} languages on "
            f"{portal.catalog.engine.dialect.name}; loaded in {time.perf_counter() - began:,.0f} s"
        )
        print(f"\n{title}\n\n{HEADER}", flush=True)
        found = []
        for each in measure(
            (
                piece
                for piece in everything(portal, settings, of)
                if only in (None, piece.kind) and contains in piece.name
            ),
            portal,
        ):
            print(each.line, flush=True)
            found.append(each)
    return Walk(title, clips, found)


def everything(portal: PortalContext, settings: Settings, of: Programme) -> Iterator[Piece]:
    yield from pages(create_app(portal), portal, of)
    yield from calls(portal, of)
    yield from steps(portal, settings, of)


def table(walks: Sequence[Walk]) -> str:
    """One line a piece that the database has work with; its work at each size, its time at the last."""
    last = walks[-1]
    sizes = " | ".join(f"work at {each.clips:,}" for each in walks)
    work = [{each.piece.name: f"{each.cost.work:,}" for each in one.found} for one in walks]
    lines = [
        *(f"- {each.title}" for each in walks),
        "",
        f"| | | statements | {sizes} | ms at {last.clips:,} | first ms | read whole |",
        f"| --- | --- | ---: |{' ---: |' * len(walks)} ---: | ---: | --- |",
    ]
    for each in last.found:
        if each.said not in ("404", "422"):
            first = "" if each.first is None else f"{1000 * each.first:,.0f}"
            grown = " | ".join(one.get(each.piece.name, "") for one in work)
            lines.append(
                f"| {each.piece.kind} | `{each.piece.name}` | {len(each.cost.statements)} | {grown} "
                f"| {1000 * each.cost.seconds:,.0f} | {first} | {', '.join(sorted(each.cost.scans))} |"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, nargs="+", default=[20_000])
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--languages", type=int, default=24)
    parser.add_argument("--only", choices=("page", "call", "step"))
    parser.add_argument("--contains", default="")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    walks = []
    for clips in options.clips:
        with databases(options.database) as urls, tempfile.TemporaryDirectory(prefix="boli-bench-") as home:
            url = SecretStr(urls[options.database])
            settings = Settings(home=Path(home), database_url=url, workers=1)
            walks.append(
                walk(settings, clips, options.languages, only=options.only, contains=options.contains)
            )
    if options.write:
        name = f"programme --database {options.database}"
        write_section(name, f"### On {options.database}\n\n{table(walks)}")


if __name__ == "__main__":
    main()
