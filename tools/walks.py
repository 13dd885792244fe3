"""Draw the walks of docs/architecture.md, from the page's own tables: `python -m tools.walks`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
PICTURES = ROOT / "docs" / "pictures"

_WALK = re.compile(r"\(pictures/(walk-\w+\.svg)\)\n\n\| step \|.*\n\|[-|]+\|\n((?:\|.*\n)+)")
_COLUMNS, _WIDE, _HIGH, _GAP = 3, 268, 58, 26


@dataclass(frozen=True, slots=True)
class Step:
    """One stop of a walk. room: the first folder of its file"""

    name: str
    file: str

    @property
    def room(self) -> str:
        return self.file.partition("/")[0]


def walks(page: str) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """Each picture's name, and the steps of the table below it."""
    for picture, table in _WALK.findall(page):
        rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table.splitlines()]
        yield picture, tuple(Step(name, file) for name, file, _ in rows)


def drawing(steps: Sequence[Step]) -> str:
    """The walk as SVG: boxes in reading order, an arrow from each to the next."""
    lines = -(-len(steps) // _COLUMNS)
    width = _COLUMNS * _WIDE + (_COLUMNS + 1) * _GAP
    height = lines * _HIGH + (lines + 1) * _GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        "<style>rect{fill:#fffdf8;stroke:#2f6f6a}.n{font-size:15px;font-weight:600;fill:#22201c}"
        ".f{font-size:11px;fill:#6b6357;font-family:monospace}path{fill:none;stroke:#e08a00;stroke-width:2}"
        "@media (prefers-color-scheme:dark){rect{fill:#211e1a;stroke:#7fc2ba}.n{fill:#f2ece0}.f{fill:#a89e8e}}</style>",
        '<defs><marker id="a" markerWidth="8" markerHeight="8" refX="6" refY="3" orient="auto">'
        '<path d="M0 0 6 3 0 6" style="fill:#e08a00;stroke:none"/></marker></defs>',
    ]
    places = [_place(number) for number in range(len(steps))]
    for (x, y), step in zip(places, steps, strict=True):
        parts.append(f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" rx="8"/>')
        parts.append(f'<text class="n" x="{x + 12}" y="{y + 24}">{escape(step.name)}</text>')
        parts.append(f'<text class="f" x="{x + 12}" y="{y + 44}">{escape(step.file)}</text>')
    for (x, y), (to_x, to_y) in pairwise(places):
        parts.append(f'<path marker-end="url(#a)" d="{_arrow(x, y, to_x, to_y)}"/>')
    return "\n".join([*parts, "</svg>", ""])


def _place(number: int) -> tuple[int, int]:
    """Upper left corner: there and back again, so that every arrow is short."""
    line, column = divmod(number, _COLUMNS)
    column = column if line % 2 == 0 else _COLUMNS - 1 - column
    return _GAP + column * (_WIDE + _GAP), _GAP + line * (_HIGH + _GAP)


def _arrow(x: int, y: int, to_x: int, to_y: int) -> str:
    if y == to_y:
        begin, end = (x + _WIDE, to_x - 2) if to_x > x else (x, to_x + _WIDE + 2)
        return f"M{begin} {y + _HIGH // 2}H{end}"
    return f"M{x + _WIDE // 2} {y + _HIGH}V{to_y - 2}"


def main() -> None:
    for picture, steps in walks(PAGE.read_text("utf-8")):
        (PICTURES / picture).write_text(drawing(steps), "utf-8")


if __name__ == "__main__":
    main()
