"""What conditions would give, quickly: for a form whose reader tries one after the other.

It is the plan without what takes long: copies are not looked for, and the books are not balanced.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from catalog.conditions import parse_all
from catalog.config.project import Project
from catalog.config.release_rules import ReleaseRules
from catalog.database import Catalog
from releases.choose import Cost, TextFaults, choose, languages_with
from releases.figures import Amount, Fact, Tally
from releases.frozen_splits import splits_of
from releases.rows import SPLITS, Row, Split
from releases.selection import Candidates, HeldBack, HeldClips
from releases.sentences import in_other_splits
from releases.splits import voices_of

SHOWN: tuple[Fact, ...] = ("language", "gender", "district")


@dataclass(frozen=True, slots=True)
class Preview:
    """by_fact: of SHOWN, for each value and split (and `all`); costs: of each condition; held: clips held back"""

    total: Amount
    by_split: Mapping[Split, Amount]
    by_fact: Mapping[Fact, Mapping[str, Mapping[str, Amount]]]
    costs: tuple[Cost, ...]
    held: HeldClips

    @property
    def held_back(self) -> Mapping[HeldBack, int]:
        return dict(sorted(self.held.counts.items()))


def preview(
    catalog: Catalog, project: Project, rules: ReleaseRules, found: Candidates, *, text_faults: TextFaults
) -> Preview:
    """Choose among candidates by the rules of a dataset. Writes nothing. Raises InvalidCondition."""
    held = found.held.copy()
    chosen = choose(
        found.rows,
        parse_all(rules.where),
        low_score=rules.low_score == "publish",
        text_faults=text_faults,
        held=held,
    )
    enough = languages_with(chosen, rules.min_speakers)
    rows = _but(chosen.rows, lambda row: row.language not in enough, "too_few_speakers", held)
    # voices are not compared here: that would load the mathematics for a form
    splits = splits_of(catalog, project.release, voices_of(rows, project.release.stratify_by), freeze=False)
    whole = _but(
        rows, lambda row: len({splits[voice] for voice in row.voices}) > 1, "voices_of_two_splits", held
    )

    def split_of(row: Row) -> Split:
        return splits[row.voices[0]]

    if rules.splits.keep_sentences_apart:
        shares = project.release.splits
        elsewhere = frozenset(in_other_splits(whole, split_of, shares, key=project.release.name))
        whole = _but(whole, lambda row: row.id in elsewhere, "said_in_another_split", held)
    counted = Tally(whole, split_of)
    return Preview(
        total=counted.amount("all"),
        by_split={split: counted.amount("all", split=split) for split in SPLITS},
        by_fact={fact: counted.by_value(fact) for fact in SHOWN},
        costs=chosen.costs,
        held=held,
    )


def _but(rows: Iterable[Row], leaves: Callable[[Row], bool], why: HeldBack, held: HeldClips) -> list[Row]:
    """The rows but for those that are to leave, which are held back."""
    kept = []
    for row in rows:
        if leaves(row):
            held.add(why, row.id)
        else:
            kept.append(row)
    return kept
