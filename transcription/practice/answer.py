"""The answer to a practice text: it is held against the right one, and each slip is called by its kind. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from transcription.decisions.consensus import Column, consensus
from transcription.rules.guideline import Example, Guideline
from transcription.text import normalised, script_of
from transcription.text.pieces import pieces

NEARLY = 0.5
"""Words that are at least so alike are one word, spelt in two ways."""


class Slip(StrEnum):
    """What is the matter with a word, as far as two texts can say."""

    MISSING = "missing"
    ADDED = "added"
    NUMBER = "number"
    """Digits where words are asked for, or words where digits are."""
    SCRIPT = "script"
    """An English word in the other script than the guideline's."""
    SPELLING = "spelling"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class WordAnswer:
    """One word of the answer. written: the person's; right: as it should be; None where one of them has none

    example: of the guideline, where it shows this very case
    """

    written: str | None
    right: str | None
    slip: Slip | None
    example: Example | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A practice text held against the right one. tags: names of those that are missing"""

    words: tuple[WordAnswer, ...]
    tags: tuple[str, ...]

    @property
    def right(self) -> int:
        return sum(word.slip is None for word in self.words)

    @property
    def slips(self) -> tuple[WordAnswer, ...]:
        return tuple(word for word in self.words if word.slip is not None)


def answer_to(written: str, right: str, guideline: Guideline) -> Answer:
    """A text held against the right one, word by word, as judging compares them: permitted spellings are right."""
    columns = consensus([normalised(written, guideline), normalised(right, guideline)], guideline).columns
    missing = Counter(_tags(right)) - Counter(_tags(written))
    return Answer(tuple(_judged(column, guideline) for column in columns), tuple(sorted(missing)))


def _judged(column: Column, guideline: Guideline) -> WordAnswer:
    written, right = column.words
    if column.agreed:
        return WordAnswer(written, right, None)
    return WordAnswer(written, right, _slip(written, right, guideline), _example(written, right, guideline))


def _slip(written: str | None, right: str | None, guideline: Guideline) -> Slip:
    if written is None or right is None:
        if written is not None and guideline.numerals == "words" and _has_digit(written):
            return Slip.NUMBER
        return Slip.MISSING if written is None else Slip.ADDED
    if _has_digit(written) != _has_digit(right):
        return Slip.NUMBER
    if "Latn" not in guideline.language.scripts and (script_of(written) == "Latn") != (
        script_of(right) == "Latn"
    ):
        return Slip.SCRIPT
    return Slip.SPELLING if Levenshtein.normalized_similarity(written, right) >= NEARLY else Slip.OTHER


def _example(written: str | None, right: str | None, guideline: Guideline) -> Example | None:
    """The first example that has the wrong word among its wrong ones and the right one among its right ones."""
    if written is None or right is None:
        return None
    return next(
        (
            example
            for example in guideline.examples
            if example.instead_of is not None
            and written in example.instead_of.split()
            and right in example.write.split()
        ),
        None,
    )


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def _tags(text: str) -> Iterator[str]:
    return (piece.name for piece in pieces(text) if piece.kind == "tag" and not piece.closing)
