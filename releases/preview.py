"""What conditions would give, quickly: for a form whose reader tries one after the other.

It is the plan without what takes long: copies are not looked for, and the books are not balanced.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.conditions import parse_all
from catalog.config.project import Project
from catalog.config.release_rules import ReleaseRules
from catalog.database import Catalog
from releases.choose import Cost, TextFaults, choose
from releases.figures import Amount, Fact, amount, by_value
from releases.frozen_splits import splits_of
from releases.rows import SPLITS, Split
from releases.selection import Candidates, HeldBack, languages_with
from releases.sentences import in_other_splits

SHOWN: tuple[Fact, ...] = ("language", "gender", "district")


@dataclass(frozen=True, slots=True)
class Preview:
    """by_fact: of SHOWN, for each value and split (and `all`); costs: of each condition"""

    total: Amount
    by_split: Mapping[Split, Amount]
    by_fact: Mapping[Fact, Mapping[str, Mapping[str, Amount]]]
    costs: tuple[Cost, ...]
    held_back: Mapping[HeldBack, int]


def preview(
    catalog: Catalog, project: Project, rules: ReleaseRules, found: Candidates, *, text_faults: TextFaults
) -> Preview:
    """Choose among candidates by the rules of a dataset. Writes nothing. Raises InvalidCondition."""
    chosen = choose(
        found.rows, parse_all(rules.where), low_score=rules.low_score == "publish", text_faults=text_faults
    )
    enough = languages_with(chosen.rows, rules.min_speakers)
    rows = tuple(row for row in chosen.rows if row.language in enough)
    held_back: Counter[HeldBack] = Counter(found.held_back)
    held_back.update(chosen.held_back)
    held_back["too_few_speakers"] += len(chosen.rows) - len(rows)
    # voices are not compared here: that would load the mathematics for a form
    splits = splits_of(catalog, project.release, rows, {}, freeze=False)
    whole = tuple(row for row in rows if len({splits[voice] for voice in row.voices}) == 1)
    held_back["voices_of_two_splits"] += len(rows) - len(whole)
    by_clip = {row.id: splits[row.voices[0]] for row in whole}
    if rules.splits.keep_sentences_apart:
        elsewhere = in_other_splits(whole, by_clip, project.release.splits, key=project.release.name)
        whole = tuple(row for row in whole if row.id not in elsewhere)
        held_back["said_in_another_split"] += len(elsewhere)
    return Preview(
        total=amount(whole),
        by_split={split: amount(row for row in whole if by_clip[row.id] == split) for split in SPLITS},
        by_fact={fact: by_value(fact, whole, by_clip) for fact in SHOWN},
        costs=chosen.costs,
        held_back=dict(sorted((+held_back).items())),
    )
