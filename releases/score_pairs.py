"""How wrong models are, by the pairs that a version carries itself: nothing has to be heard again."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.store import StoreReader
from releases.pairs import read_pairs
from releases.rows import SPLITS, Split
from releases.score import Groups, NothingToScore, Score, scored_rows, scored_text
from releases.versions import Version
from transcription.rules.guideline import Guideline


@dataclass(frozen=True, slots=True)
class PairScores:
    """What the pairs of a version say of one model.

    doubted: pairs that are left out, because their clips were chosen where the model was the least sure: it errs more
             there than elsewhere
    by:      for each of releases.score.SCORED_BY and each of its values
    """

    dataset: str
    version: str
    model: str
    doubted: int
    total: Score
    by: Mapping[str, Mapping[str, Score]]


def score_pairs(
    store: StoreReader,
    version: Version,
    guidelines: Mapping[str, Guideline],
    splits: Sequence[Split] = SPLITS,
) -> tuple[PairScores, ...]:
    """Score every model that the version has pairs of, by name. guidelines: by language code

    raises: NothingToScore where it has none, or only doubted ones; NotStored
    """
    groups: defaultdict[str, Groups] = defaultdict(Groups)
    doubted: Counter[str] = Counter()
    for split in splits:
        for row in scored_rows(store, version, split, "pairs"):
            for pair in read_pairs(None if row["pairs"] is None else str(row["pairs"])):
                if pair.heard.chosen_by == "least_sure":
                    doubted[pair.heard.model] += 1
                else:
                    groups[pair.heard.model].add(row, scored_text(row, pair.heard.text, guidelines))
    commit = version.commit
    if not groups:
        left = f", but for {doubted.total()} that were chosen where the model was unsure" if doubted else ""
        raise NothingToScore(
            f"{commit.dataset} {commit.version} carries no pairs of a model in {', '.join(splits)}{left}.\n"
            "Write `publish_pairs: true` under `prefill:`, and have clips corrected by chance: boli tasks correct "
            "--by chance."
        )
    return tuple(
        PairScores(commit.dataset, commit.version, model, doubted[model], found.total, found.by)
        for model, found in sorted(groups.items())
    )
