"""Edits between two texts where permitted spellings of a word are none: never more than the plain edit distance."""

from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from transcription.text.spellings import Spellings


def word_edits(one: Sequence[str], other: Sequence[str], spellings: Spellings) -> int:
    """The least number of words put in, left out or replaced; the same whichever text comes first.

    A word for another spelling of it costs nothing, nor do two words for the same two written as one.
    """
    ours, theirs = [spellings.key(word) for word in one], [spellings.key(word) for word in other]
    edits = int(Levenshtein.distance(ours, theirs))
    if not edits or not spellings.joins:
        return edits
    our_pairs, their_pairs = _pairs(one, spellings), _pairs(other, spellings)
    if not any(our_pairs) and not any(their_pairs):
        return edits
    return _edits_with_joins(ours, theirs, our_pairs, their_pairs)


def character_edits(one: Sequence[str], other: Sequence[str], spellings: Spellings) -> int:
    """The least number of characters put in, left out or replaced, of the texts as written or as keys."""
    plain = int(Levenshtein.distance(" ".join(one), " ".join(other)))
    if not plain:
        return 0
    return min(plain, int(Levenshtein.distance(_as_keys(one, spellings), _as_keys(other, spellings))))


def join_words(words: Sequence[str], spellings: Spellings) -> list[str]:
    """The words, those that may be written as one with the next joined to it."""
    found: list[str] = []
    for word in words:
        joined = spellings.joined(found[-1], word) if found else None
        if joined is None:
            found.append(word)
        else:
            found[-1] = joined
    return found


def _as_keys(words: Sequence[str], spellings: Spellings) -> str:
    return " ".join(spellings.key(word) for word in join_words(words, spellings))


def _pairs(words: Sequence[str], spellings: Spellings) -> list[str | None]:
    """At each word the key of it and the word before as one; None where they may not be joined."""
    found: list[str | None] = [None] if words else []
    for word, ending in pairwise(words):
        joined = spellings.joined(word, ending)
        found.append(None if joined is None else spellings.key(joined))
    return found


def _edits_with_joins(
    ours: Sequence[str],
    theirs: Sequence[str],
    our_pairs: Sequence[str | None],
    their_pairs: Sequence[str | None],
) -> int:
    """Levenshtein's table with one move more: a word for two that may be written as it, at no cost."""
    rows = [list(range(len(theirs) + 1))]
    for i, word in enumerate(ours, start=1):
        row = [i]
        for j, other in enumerate(theirs, start=1):
            best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (word != other))
            if i > 1 and our_pairs[i - 1] == other:
                best = min(best, rows[i - 2][j - 1])
            if j > 1 and their_pairs[j - 1] == word:
                best = min(best, rows[i - 1][j - 2])
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
