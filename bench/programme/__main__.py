"""What a programme of any size costs: each page, the calls of a clip's life, steps with nothing to do.

    python -m bench.programme [--clips 20000] [--database sqlite] [--languages 24] [--only page] [--write]

Made rows in the proportions of the largest programmes, put in in bulk. `work` is what a page makes the database do:
steps of SQLite's machine, or rows that PostgreSQL's plans read. It is the same on any machine, and where a page asks
for what it shows it does not grow with the programme. `read whole` names large tables that a statement reads from end
to end. PostgreSQL runs from a wheel with fsync off.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
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


HEADER = (
    "| | | said | statements | ms | first ms | work | read whole |\n"
    "| --- | --- | --- | ---: | ---: | ---: | ---: | --- |"
)


def measure(pieces: Iterable[Piece], portal: PortalContext) -> Iterator[Measured]:
    """Each as it comes; pages at their second visit."""
    large = large_tables(portal.catalog)
    for piece in pieces:
        first = None
        if piece.kind == "page":
            began = time.perf_counter()
            piece.run()
            first = time.perf_counter() - began
        with measured(piece.catalog, large) as cost:
            said = piece.run()
        shown = str(said) if isinstance(said, int | str) else ""
        yield Measured(piece, shown[:24], first, cost)


def walk(portal: PortalContext, settings: Settings, of: Programme) -> Iterator[Piece]:
    yield from pages(create_app(portal), portal, of)
    yield from calls(portal, of)
    yield from steps(portal, settings, of)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=20_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--languages", type=int, default=24)
    parser.add_argument("--only", choices=("page", "call", "step"))
    parser.add_argument("--contains", default="")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    lines = [HEADER]
    with databases(options.database) as urls, tempfile.TemporaryDirectory(prefix="boli-bench-") as home:
        settings = Settings(home=Path(home), database_url=SecretStr(urls[options.database]), workers=1)
        with open_programme(settings, options.languages) as portal:
            began = time.perf_counter()
            languages = portal.projects["demo"].languages
            of = load_programme(
                portal.catalog, clips=options.clips, languages=languages, end=datetime.now(UTC)
            )
            title = (
                f"{options.clips:,} clips, {of.speakers:,} voices, {of.people:,} people, {len(languages)} languages "
                f"on {options.database}; loaded in {time.perf_counter() - began:,.0f} s"
            )
            print(f"{title}\n\n{HEADER}", flush=True)
            chosen = (
                piece
                for piece in walk(portal, settings, of)
                if options.only in (None, piece.kind) and options.contains in piece.name
            )
            for found in measure(chosen, portal):
                print(found.line, flush=True)
                lines.append(found.line)
    if options.write:
        write_section("programme", "\n".join(["## A programme's size", "", title, "", *lines]))


if __name__ == "__main__":
    main()
