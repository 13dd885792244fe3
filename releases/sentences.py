"""Sentences that are said in more than one split: counted always, and kept apart where a project asks for it.

A model that has read a sentence in training recognises it in the test by its words. Speakers who read the same prompts
make this the rule, not the exception.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from catalog.config.release_rules import Splits
from catalog.scratch_database import ScratchDatabase
from releases.rows import SPLITS, TAG, Row, Split, SplitOf

_SCALE = 2**64
_IN_WORDS = frozenset("LMN")
"""Unicode categories of what words are made of; joiners and punctuation make no other sentence."""


def sentence(row: Row) -> tuple[str, str]:
    """Language and words: what is compared. Capitals, punctuation and tags make no other sentence."""
    spoken = TAG.sub(" ", row.text).casefold()
    kept = (letter if unicodedata.category(letter)[0] in _IN_WORDS else " " for letter in spoken)
    return row.language, " ".join("".join(kept).split())


def said_in_train(rows: Iterable[Row], split_of: SplitOf) -> Mapping[str, int]:
    """For validation and test: clips whose sentence also stands in train, by other voices."""
    counts = ", ".join("sum(split = ?)" for _ in SPLITS)
    found: dict[str, int] = dict.fromkeys(SPLITS[1:], 0)
    said = _said(rows, split_of)
    for train, *others in said.each(f"SELECT {counts} FROM said GROUP BY sentence", SPLITS):  # noqa: S608 (our words)
        if train:
            for split, clips in zip(found, others, strict=True):
                found[split] += clips
    return found


def in_other_splits(rows: Iterable[Row], split_of: SplitOf, shares: Splits, *, key: str) -> Iterator[str]:
    """Clips to hold back so that no sentence stands in two splits.

    A sentence that is said in several splits stays in one of them, drawn by a hash of its words with `key` and by the
    splits' shares: the same in every version, however many more say it, and about as many hours as shares are left.
    """
    said = _said(rows, split_of)
    shared = "SELECT sentence FROM said GROUP BY sentence HAVING min(split) < max(split)"
    for (digest,) in said.each(shared):
        there = said.some("SELECT DISTINCT words, split FROM said WHERE sentence = ?", (digest,))
        found = tuple(split for split in SPLITS if any(split == each for _, each in there))
        stays = _stays_in(there[0][0], found, shares, key)
        elsewhere = said.each("SELECT clip FROM said WHERE sentence = ? AND split <> ?", (digest, stays))
        yield from (clip for (clip,) in elsewhere)


def _said(rows: Iterable[Row], split_of: SplitOf) -> ScratchDatabase:
    """Each sentence with its clip and split, in a table by the sentence's hash."""
    database = ScratchDatabase("CREATE TABLE said (sentence BLOB, split TEXT, clip TEXT, words TEXT)")

    def found() -> Iterator[tuple[bytes, Split, str, str]]:
        for row in rows:
            words = "\x1f".join(sentence(row))
            yield hashlib.sha256(words.encode()).digest()[:16], split_of(row), row.id, words

    database.insert("INSERT INTO said VALUES (?, ?, ?, ?)", found())
    database.run("CREATE INDEX by_sentence ON said (sentence, split)")
    return database


def _stays_in(words: str, found: tuple[Split, ...], shares: Splits, key: str) -> Split:
    drawn = hmac.new(key.encode(), words.encode(), hashlib.sha256).digest()[:8]
    weights = {split: getattr(shares, split) for split in SPLITS if split in found}
    left = int.from_bytes(drawn, "big") / _SCALE * sum(weights.values())
    for split, weight in weights.items():
        left -= weight
        if left < 0:
            return split
    return next(iter(weights))
