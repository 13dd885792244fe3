"""A few rows on the card, as they stand in the data; taken off it again when their speaker withdraws."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from releases.rows import Row
from releases.selection import Selection

OF_A_LANGUAGE = 3
AT_MOST = 24
LONGEST = 160
"""Characters of a text that are shown."""


def samples(selection: Selection) -> tuple[Row, ...]:
    """Rows of each language, drawn by a hash of their ids: the same for the same selection, and nobody's choice."""
    by_language: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    for row in selection.rows:
        best = by_language[row.language]
        best.append((hashlib.sha256(row.id.encode()).hexdigest(), row))
        best.sort(key=lambda each: each[0])
        del best[OF_A_LANGUAGE:]
    return tuple(row for language in sorted(by_language) for _, row in by_language[language])[:AT_MOST]


def sample_table(rows: Sequence[Row], selection: Selection) -> str:
    """Markdown, a row of the data in a line that begins with its id."""
    lines = [
        "| `id` | `language_tag` | `text` | `speaker` | `duration` | split |",
        "|---|---|---|---|--:|---|",
    ]
    for row in rows:
        text = row.text if len(row.text) <= LONGEST else f"{row.text[:LONGEST]}…"
        cells = (row.language_tag, escaped(text), escaped(row.speaker), f"{row.seconds:.1f} s")
        lines.append(f"| `{row.id}` | {' | '.join(cells)} | {selection.split_of(row)} |")
    return "\n".join(lines) + "\n"


def without_samples(said: str, clips: AbstractSet[str]) -> str:
    """The card without lines that show one of these clips."""
    heads = tuple(f"| `{clip}` |" for clip in clips)
    return "".join(line for line in said.splitlines(keepends=True) if not line.startswith(heads))


def escaped(cell: str) -> str:
    """Text that stays in its cell and is no HTML.

    >>> escaped("a|b <i>")
    'a\\\\|b &lt;i>'
    """
    return cell.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
