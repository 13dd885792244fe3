"""The lattice of a text: every permitted way to spell it, as a sequence of choices (a confusion network).

Each segment is a list of forms, the written one first; a form is one word, or two where words may be joined or parted.
The written text is the first form of every segment. After OIWER (orthographically informed word error rate), by which
a recogniser isn't blamed for a spelling that a person would let pass.
"""

import json
from collections.abc import Sequence
from itertools import product

from transcription.rules.guideline import Guideline
from transcription.text.forms import comparison
from transcription.text.spellings import MOST_FORMS, Spellings, spellings_of

Segment = tuple[str, ...]
Lattice = tuple[Segment, ...]


def lattice_of(text: str, guideline: Guideline) -> Lattice:
    """All permitted spellings of a text, in its comparison form: without tags, punctuation and case."""
    spellings = spellings_of(guideline)
    words = comparison(text, guideline).split()
    segments: list[Segment] = []
    at = 0
    while at < len(words):
        joined = spellings.joined(words[at], words[at + 1]) if at + 1 < len(words) else None
        written = words[at] if joined is None else f"{words[at]} {words[at + 1]}"
        segments.append(_segment(written, joined or words[at], spellings))
        at += 1 if joined is None else 2
    return tuple(segments)


def has_choice(lattice: Lattice) -> bool:
    """Whether a text may be spelt in more than one way."""
    return any(len(segment) > 1 for segment in lattice)


def texts_of(lattice: Lattice, most: int) -> list[str]:
    """The texts that a lattice permits, the written one first; at most so many."""
    found: list[str] = []
    for forms in product(*lattice):
        if len(found) == most:
            break
        found.append(" ".join(forms))
    return found


def to_json(lattice: Lattice) -> str:
    """A lattice as a column holds it.

    >>> to_json((("हिंदी", "हिन्दी"), ("में",)))
    '[["हिंदी","हिन्दी"],["में"]]'
    """
    return json.dumps(lattice, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Lattice:
    """A lattice from a column. raises: ValueError for what is none"""
    found = json.loads(text)
    if not isinstance(found, list) or not all(_is_segment(segment) for segment in found):
        raise ValueError(f"a lattice is a list of lists of spellings, given: {text[:80]}")
    return tuple(tuple(segment) for segment in found)


def word_edits(lattice: Lattice, words: Sequence[str]) -> int:
    """The least edits that lead from a text that the lattice permits to these words."""
    row = list(range(len(words) + 1))
    for segment in lattice:
        ways = [_after(row, form.split(), words) for form in segment]
        row = [min(column) for column in zip(*ways, strict=True)]
    return row[-1]


def _after(before: Sequence[int], way: Sequence[str], words: Sequence[str]) -> list[int]:
    """Edits up to each word, once the words of one more form are said (Levenshtein's rows)."""
    row = list(before)
    for said in way:
        new = [row[0] + 1]
        for column, word in enumerate(words, start=1):
            new.append(min(row[column] + 1, new[-1] + 1, row[column - 1] + (said != word)))
        row = new
    return row


def _segment(written: str, word: str, spellings: Spellings) -> Segment:
    """The forms of one word, and those of its two parts where it may be parted."""
    found = dict.fromkeys((written, *spellings.forms(word)))
    for form in tuple(found):
        for stem, ending in spellings.parted(form):
            for parts in product(spellings.forms(stem), spellings.forms(ending)):
                if spellings.joined(*parts) is not None:
                    found[" ".join(parts)] = None
    return tuple(found)[:MOST_FORMS]


def _is_segment(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(form, str) and form for form in value)
