"""Pictures of a version for its card, as SVG: bars of hours, and how its measures are spread.

Colours differ in lightness too, and every bar has its figure written beside it.
"""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from releases.figures import FACTS, UNKNOWN, Amount, Figures
from releases.rows import SPLITS, Split

COLOURS: Mapping[Split, str] = {"train": "#1b6e7d", "validation": "#e09f3e", "test": "#9e2a2b"}
WIDTH, LEFT, ROW, GAP = 720, 190, 20, 14
MOST_BARS = 25
"""Of one fact; the longest ones."""
_STYLE = "font-family='sans-serif' font-size='12' fill='#222'"


def hours_picture(figures: Figures, names: Mapping[str, str]) -> bytes:
    """hours.svg: hours by language, district, gender and age, each bar parted by split.

    names: of languages by code
    """
    longest = max(
        (amounts["all"].seconds for by in figures.by_fact.values() for amounts in by.values()), default=0
    )
    body: list[str] = [_legend()]
    y = 34
    for fact in FACTS:
        by_value = figures.by_fact[fact]
        if set(by_value) == {UNKNOWN}:
            continue
        body.append(_text(0, y + 13, fact.replace("_", " "), weight="bold"))
        y += ROW
        largest = sorted(by_value, key=lambda value: (-by_value[value]["all"].seconds, value))[:MOST_BARS]
        for value in largest:
            shown = names.get(value, value) if fact == "language" else value
            body += _bar(y, shown, by_value[value], longest)
            y += ROW
        y += GAP
    return _picture(body, y, "Hours by language, gender, age, district and dialect, in each split")


def spread_picture(figures: Figures) -> bytes:
    """spread.svg: for each measure its middle half as a bar, on a line from the 5th to the 95th of a hundred clips."""
    body: list[str] = []
    y = 10
    for name, spread in figures.spread.items():
        low, first, middle, third, high = spread.values()
        scale = (WIDTH - LEFT - 90) / (high - low) if high > low else 0.0
        x = [LEFT + 40 + (value - low) * scale for value in (low, first, middle, third, high)]
        body.append(_text(0, y + 14, name.replace("_", " ")))
        body.append(f"<line x1='{x[0]:.1f}' x2='{x[4]:.1f}' y1='{y + 10}' y2='{y + 10}' stroke='#888'/>")
        body.append(_rect(x[1], y + 3, max(1.0, x[3] - x[1]), COLOURS["train"]))
        body.append(_rect(x[2] - 1, y + 1, 2, "#222", height=18))
        body.append(_text(LEFT + 30, y + 14, f"{low:.3g}", anchor="end"))
        body.append(_text(x[4] + 8, y + 14, f"{high:.3g}"))
        y += ROW + 8
    return _picture(body, y, "How the measures of the clips are spread")


def coverage_picture(figures: Figures, names: Mapping[str, str]) -> bytes:
    """coverage.svg: for each quota of the project a frame of what is wanted, filled as far as this version has it."""
    body: list[str] = []
    y = 10
    language = ""
    for each in figures.wanted:
        if each.language != language:
            language = each.language
            body.append(_text(0, y + 13, names.get(language, language), weight="bold"))
            y += ROW
        shown = "all" if each.fact == "all" else each.value
        body.append(_text(LEFT - 8, y + 13, shown if len(shown) <= 26 else f"{shown[:25]}…", anchor="end"))
        wide = WIDTH - LEFT - 150
        body.append(_rect(LEFT, y + 2, wide * min(1.0, each.share), COLOURS["train"]))
        body.append(f"<rect x='{LEFT}' y='{y + 2}' width='{wide}' height='14' fill='none' stroke='#888'/>")
        figure = f"{each.seconds / 3600:.2f} of {each.wanted / 3600:g} h"
        body.append(_text(LEFT + wide + 6, y + 13, figure))
        y += ROW
    return _picture(body, y + GAP, "Hours of this version against the project's quotas")


def _bar(y: int, shown: str, amounts: Mapping[str, Amount], longest: float) -> Sequence[str]:
    parts = [_text(LEFT - 8, y + 13, shown if len(shown) <= 26 else f"{shown[:25]}…", anchor="end")]
    x: float = LEFT
    for split in SPLITS:
        wide = (WIDTH - LEFT - 70) * amounts[split].seconds / longest if longest else 0.0
        if wide:
            parts.append(_rect(x, y + 2, wide, COLOURS[split]))
        x += wide
    parts.append(_text(x + 6, y + 13, f"{amounts['all'].hours:.2f} h"))
    return parts


def _legend() -> str:
    shown = []
    for number, split in enumerate(SPLITS):
        x = LEFT + 110 * number
        shown += [_rect(x, 6, 14, COLOURS[split]), _text(x + 20, 18, split)]
    return "".join(shown)


def _rect(x: float, y: float, width: float, colour: str, height: int = 14) -> str:
    return f"<rect x='{x:.1f}' y='{y}' width='{width:.1f}' height='{height}' fill='{colour}'/>"


def _text(x: float, y: float, said: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return f"<text x='{x:.1f}' y='{y}' text-anchor='{anchor}' font-weight='{weight}'>{escape(said)}</text>"


def _picture(body: Sequence[str], height: int, title: str) -> bytes:
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' viewBox='0 0 {WIDTH} {height}' "
        f"role='img' {_STYLE}>",
        f"<title>{escape(title)}</title>",
        "<rect width='100%' height='100%' fill='#fff'/>",
        *body,
        "</svg>",
    ]
    return ("\n".join(lines) + "\n").encode()
