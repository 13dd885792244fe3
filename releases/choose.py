"""Which of the clips that may be published a dataset takes: its conditions, and the gates that are there by default."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.conditions import Condition, Fact
from releases.refusals import Refusal
from releases.row_spool import spooled
from releases.rows import Row
from releases.selection import HeldBack, HeldClips

FAULTY_NAMED = 10_000
"""Faults of texts that are named one by one; the clips are counted, however many they are."""
TextFaults = Callable[[str, str], Sequence[str]]
"""Language and text to what is wrong with the text by that language's rules."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a condition costs. fails: seconds that do not meet it; alone: of those, the ones that meet all others"""

    condition: str
    fails: float
    alone: float
    clips: int


@dataclass(slots=True)
class Spoken:
    """Of one language: clips, and ids of the speakers."""

    clips: int = 0
    voices: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Chosen:
    """by_language: what of each there is in the rows
    faulty: texts that break their language's rules, each with what is wrong; the first FAULTY_NAMED
    """

    rows: Sequence[Row]
    by_language: Mapping[str, Spoken]
    held_back: Mapping[HeldBack, int]
    costs: tuple[Cost, ...]
    faulty: tuple[Refusal, ...]


def choose(
    rows: Iterable[Row],
    conditions: Sequence[Condition],
    *,
    low_score: bool,
    text_faults: TextFaults,
    held: HeldClips | None = None,
) -> Chosen:
    """Take the rows that meet every condition and pass the gates.

    low_score: whether words that fit their sound badly are taken too
    held:      where those that are held back are added; the answer counts its own alone
    """
    own = HeldClips()
    faulty: list[Refusal] = []
    failing: dict[str, list[float]] = {each.text: [0.0, 0.0, 0] for each in conditions}

    by_language: dict[str, Spoken] = defaultdict(Spoken)

    def hold(why: HeldBack, row: Row) -> None:
        for each in (own, held) if held is not None else (own,):
            each.add(why, row.id)

    def taken() -> Iterator[Row]:
        for row in rows:
            missed = [each for each in conditions if not each.holds(fact(row, each.column))]
            for each in missed:
                failing[each.text][0] += row.seconds
                failing[each.text][2] += 1
                failing[each.text][1] += row.seconds if len(missed) == 1 else 0.0
            if missed:
                hold("not_chosen", row)
            elif row.alignment == "failed" or (row.alignment == "low_score" and not low_score):
                hold("low_score", row)
            elif faults := text_faults(row.language, row.text):
                hold("faulty_text", row)
                if len(faulty) < FAULTY_NAMED:
                    faulty.extend(Refusal("text", row.id, f"has a text that {fault}") for fault in faults)
            else:
                by_language[row.language].clips += 1
                by_language[row.language].voices.update(row.voices)
                yield row

    chosen = spooled(taken())
    costs = tuple(Cost(text, fails, alone, int(clips)) for text, (fails, alone, clips) in failing.items())
    return Chosen(chosen, dict(by_language), dict(own.counts), costs, tuple(faulty))


def languages_with(chosen: Chosen, min_speakers: int) -> frozenset[str]:
    """Languages of enough voices: in a small group everybody is recognised."""
    return frozenset(
        language for language, there in chosen.by_language.items() if len(there.voices) >= min_speakers
    )


def fact(row: Row, column: str) -> Fact:
    """What a row says in a column that conditions name."""
    value: Fact = row.seconds if column == "duration" else getattr(row, column)
    return value
