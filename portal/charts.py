"""Charts drawn on the server, as numbers for an SVG; a table with the same figures stands beside each."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000.0, 200.0
_EDGE = 6.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart, in the box of WIDTH x HEIGHT."""

    x: float
    y: float
    width: float
    height: float


def bars(values: Sequence[float], top: float | None = None) -> list[Bar]:
    """A bar for each value, side by side. top: the value that fills the height; by default the greatest

    >>> bars([0, 2, 4])[1]
    Bar(x=376.67, y=103.0, width=246.67, height=97.0)
    """
    most = max(values, default=0.0) if top is None else top
    step = WIDTH / max(1, len(values))
    tall = [(HEIGHT - _EDGE) * value / most if most > 0 else 0.0 for value in values]
    return [
        Bar(
            round(step * number + step * 0.13, 2),
            round(HEIGHT - height, 2),
            round(step * 0.74, 2),
            round(height, 2),
        )
        for number, height in enumerate(tall)
    ]


def line(values: Sequence[float], top: float | None = None) -> str:
    """The points of a polyline, one in the middle of each value's place.

    >>> line([1, 2], top=2)
    '250.0,103.0 750.0,6.0'
    """
    most = max(values, default=0.0) if top is None else top
    step = WIDTH / max(1, len(values))
    heights = [(HEIGHT - _EDGE) * value / most if most > 0 else 0.0 for value in values]
    return " ".join(
        f"{step * (number + 0.5):.1f},{HEIGHT - height:.1f}" for number, height in enumerate(heights)
    )
