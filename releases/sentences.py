"""Sentences that are said in more than one split: counted always, and kept apart where a project asks for it.

A model that has read a sentence in training recognises it in the test by its words. Speakers who read the same prompts
make this the rule, not the exception.
"""

import hashlib
import hmac
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

from catalog.config.release_rules import Splits
from releases.rows import SPLITS, TAG, Row, Split

_SCALE = 2**64
_IN_WORDS = frozenset("LMN")
"""Unicode categories of what words are made of; joiners and punctuation make no other sentence."""


def sentence(row: Row) -> tuple[str, str]:
    """Language and words: what is compared. Capitals, punctuation and tags make no other sentence."""
    spoken = TAG.sub(" ", row.text).casefold()
    kept = (letter if unicodedata.category(letter)[0] in _IN_WORDS else " " for letter in spoken)
    return row.language, " ".join("".join(kept).split())


def said_in_train(rows: Iterable[Row], splits: Mapping[str, Split]) -> Mapping[str, int]:
    """For validation and test: clips whose sentence also stands in train, by other voices."""
    said = [(sentence(row), splits[row.id]) for row in rows]
    known = {each for each, split in said if split == "train"}
    return {wanted: sum(split == wanted and each in known for each, split in said) for wanted in SPLITS[1:]}


def in_other_splits(
    rows: Iterable[Row], splits: Mapping[str, Split], shares: Splits, *, key: str
) -> frozenset[str]:
    """Clips to hold back so that no sentence stands in two splits.

    A sentence that is said in several splits stays in one of them, drawn by a hash of its words with `key` and by the
    splits' shares: the same in every version, however many more say it, and about as many hours as shares are left.
    """
    clips: dict[tuple[str, str], dict[Split, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        clips[sentence(row)][splits[row.id]].append(row.id)
    return frozenset(
        clip
        for each, by_split in clips.items()
        if len(by_split) > 1
        for split, those in by_split.items()
        if split != _stays_in(each, tuple(by_split), shares, key)
        for clip in those
    )


def _stays_in(each: tuple[str, str], found: tuple[Split, ...], shares: Splits, key: str) -> Split:
    drawn = hmac.new(key.encode(), "\x1f".join(each).encode(), hashlib.sha256).digest()[:8]
    weights = {split: getattr(shares, split) for split in SPLITS if split in found}
    left = int.from_bytes(drawn, "big") / _SCALE * sum(weights.values())
    for split, weight in weights.items():
        left -= weight
        if left < 0:
            return split
    return next(iter(weights))
