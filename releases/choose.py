"""Which of the clips that may be published a dataset takes: its conditions, and the gates that are there by default."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from catalog.conditions import Condition, Fact
from releases.refusals import Refusal
from releases.rows import Row
from releases.selection import HeldBack

TextFaults = Callable[[str, str], Sequence[str]]
"""Language and text to what is wrong with the text by that language's rules."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a condition costs. fails: seconds that do not meet it; alone: of those, the ones that meet all others"""

    condition: str
    fails: float
    alone: float
    clips: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """faulty: texts that break their language's rules, each with what is wrong"""

    rows: tuple[Row, ...]
    held_back: Mapping[HeldBack, int]
    costs: tuple[Cost, ...]
    faulty: tuple[Refusal, ...]


def choose(
    rows: Sequence[Row],
    conditions: Sequence[Condition],
    *,
    low_score: bool,
    text_faults: TextFaults,
) -> Chosen:
    """Take the rows that meet every condition and pass the gates.

    low_score: whether words that fit their sound badly are taken too
    """
    held_back: Counter[HeldBack] = Counter()
    taken: list[Row] = []
    faulty: list[Refusal] = []
    failing: dict[str, list[float]] = {each.text: [0.0, 0.0, 0] for each in conditions}
    for row in rows:
        missed = [each for each in conditions if not each.holds(fact(row, each.column))]
        for each in missed:
            failing[each.text][0] += row.seconds
            failing[each.text][2] += 1
            failing[each.text][1] += row.seconds if len(missed) == 1 else 0.0
        if missed:
            held_back["not_chosen"] += 1
        elif row.alignment == "failed" or (row.alignment == "low_score" and not low_score):
            held_back["low_score"] += 1
        elif faults := text_faults(row.language, row.text):
            held_back["faulty_text"] += 1
            faulty += [Refusal("text", row.id, f"has a text that {fault}") for fault in faults]
        else:
            taken.append(row)
    costs = tuple(Cost(text, fails, alone, int(clips)) for text, (fails, alone, clips) in failing.items())
    return Chosen(tuple(taken), dict(held_back), costs, tuple(faulty))


def fact(row: Row, column: str) -> Fact:
    """What a row says in a column that conditions name."""
    value: Fact = row.seconds if column == "duration" else getattr(row, column)
    return value
