"""The lattice of a text: every permitted way to spell it, as a sequence of choices (a confusion network).

Each segment is a list of forms, the written one first; a form is one word, or two where words may be joined or parted.
The written text is the first form of every segment. After OIWER (orthographically informed word error rate), by which
a recogniser isn't blamed for a spelling that a person would let pass.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from rapidfuzz.distance import Levenshtein

from transcription.rules.guideline import Guideline
from transcription.text.forms import comparison
from transcription.text.spellings import MOST_FORMS, Spellings, spellings_of

_EDIT = 1_000_000
"""More than all letters of a text, so that the fewest edits are found first."""
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


@dataclass(frozen=True, slots=True)
class WordEdit:
    """What became of a word of a hypothesis. heard: None where it was added; written: None where it was dropped"""

    kind: Literal["kept", "changed", "dropped", "added"]
    heard: str | None
    written: str | None


def edits_of(lattice: Lattice, words: Sequence[str]) -> tuple[WordEdit, ...]:
    """What leads from a hypothesis to the text, word by word: as few edits as `word_edits` counts.

    A word in another permitted spelling is kept; so are two that the text writes as one, or one that it parts. Of
    several ways the one that changes words into the most alike.

    >>> [(edit.kind, edit.heard, edit.written) for edit in edits_of((("हिंदी", "हिन्दी"), ("में",)), ["हिन्दी", "मैं", "तो"])]
    [('kept', 'हिन्दी', 'हिंदी'), ('changed', 'मैं', 'में'), ('dropped', 'तो', None)]
    """
    row = [_Step(0, 0, ())]
    for word in words:
        row.append(_Step(row[-1].cost + _lone(word), 0, ()))
    steps: list[list[_Step]] = []
    for segment in lattice:
        ways = [_followed([step.cost for step in row], tuple(form.split()), words) for form in segment]
        row = [min(column, key=lambda step: step.cost) for column in zip(*ways, strict=True)]
        steps.append(row)
    found: list[WordEdit] = []
    end = len(words)
    for segment, row in zip(reversed(lattice), reversed(steps), strict=True):
        step = row[end]
        found[:0] = _segment_edits(segment, step.form, words[step.start : end])
        end = step.start
    return (*(WordEdit("dropped", word, None) for word in words[:end]), *found)


@dataclass(frozen=True, slots=True)
class _Step:
    """The best way to the end of a segment: what it costs, the word at which the segment began, and its form."""

    cost: int
    start: int
    form: tuple[str, ...]


def _followed(before: Sequence[int], form: tuple[str, ...], words: Sequence[str]) -> list[_Step]:
    """As `_after`, knowing where each way began."""
    row = [(cost, start) for start, cost in enumerate(before)]
    for said in form:
        new = [(row[0][0] + _lone(said), row[0][1])]
        for column, word in enumerate(words, start=1):
            diagonal = (row[column - 1][0] + _changed(said, word), row[column - 1][1])
            above = (row[column][0] + _lone(said), row[column][1])
            left = (new[-1][0] + _lone(word), new[-1][1])
            new.append(min(diagonal, above, left, key=lambda way: way[0]))
        row = new
    return [_Step(cost, start, form) for cost, start in row]


def _lone(word: str) -> int:
    """What it costs to add or drop a word: an edit first, and then its letters."""
    return _EDIT + len(word)


def _changed(said: str, word: str) -> int:
    return 0 if said == word else _EDIT + Levenshtein.distance(said, word)


def _segment_edits(segment: Segment, form: tuple[str, ...], heard: Sequence[str]) -> list[WordEdit]:
    """form: the spelling of the segment that comes nearest to what was heard in it"""
    if list(form) == list(heard):
        return [WordEdit("kept", " ".join(heard), segment[0])]
    said = segment[0].split() if len(segment[0].split()) == len(form) else list(form)
    found: list[WordEdit] = []
    for step in Levenshtein.opcodes(list(heard), list(form)):
        theirs = list(heard[step.src_start : step.src_end])
        ours = said[step.dest_start : step.dest_end]
        if step.tag == "delete":
            found += [WordEdit("dropped", word, None) for word in theirs]
        elif step.tag == "insert":
            found += [WordEdit("added", None, word) for word in ours]
        else:
            kind: Literal["kept", "changed"] = "kept" if step.tag == "equal" else "changed"
            found += [WordEdit(kind, one, other) for one, other in zip(theirs, ours, strict=True)]
    return found


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
