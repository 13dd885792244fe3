"""Agreement: how far two texts of one clip are apart, in characters and in words.

Both are measured on the comparison form (`transcription.text`): tags, punctuation, case, joiners and optional marks
don't count, and of alternatives `{one | other}` the choice that brings the texts closest does. Characters are code
points of that form, as in the field's tools (jiwer, Hugging Face), so that figures can be set beside theirs.

Two permitted spellings of a word (`configs/spellings`, and what the project has learnt) are no error. For plain rates,
which count each spelling as a word of its own, hand over `strict(guideline)`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from transcription.decisions.spelling_edits import character_edits, word_edits
from transcription.rules.guideline import Guideline
from transcription.text import readings
from transcription.text.spellings import Spellings, spellings_of


@dataclass(frozen=True, slots=True)
class TextAgreement:
    """Between two texts neither of which is the truth: the same whichever comes first.

    cer, wer:          edits, as a share of the longer text, 0 to 1
    characters, words: of the longer text
    """

    cer: float
    wer: float
    characters: int
    words: int


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """Of a text against the true one: edits, as a share of the true text; above 1 where much was added."""

    cer: float
    wer: float
    character_edits: int
    word_edits: int
    characters: int
    words: int


def agreement(one: str, other: str, guideline: Guideline) -> TextAgreement:
    """Nothing against something is 1, nothing against nothing is 0."""
    spellings = spellings_of(guideline)
    return min(
        (
            _agreement(a, b, spellings)
            for a, b in product(readings(one, guideline), readings(other, guideline))
        ),
        key=lambda found: (found.cer, found.wer),
    )


def error_rates(reference: str, hypothesis: str, guideline: Guideline) -> ErrorRates:
    """Nothing where there is a text, and a text where there is nothing, are both 1."""
    spellings = spellings_of(guideline)
    return min(
        (
            _error_rates(truth, guess, spellings)
            for truth, guess in product(readings(reference, guideline), readings(hypothesis, guideline))
        ),
        key=lambda found: (found.cer, found.wer),
    )


def total(rates: Sequence[ErrorRates]) -> ErrorRates:
    """Of many clips: all edits by all characters, so that a long clip weighs more than a short one."""
    character_edits, characters = sum(r.character_edits for r in rates), sum(r.characters for r in rates)
    word_edits, words = sum(r.word_edits for r in rates), sum(r.words for r in rates)
    return ErrorRates(
        _share(character_edits, characters),
        _share(word_edits, words),
        character_edits,
        word_edits,
        characters,
        words,
    )


def joined(segments: Sequence[str]) -> str:
    """The text of several clips, to be compared as one: with a space between, or their words would grow together.

    >>> joined(["ఒక", "", "రెండు"])
    'ఒక రెండు'
    """
    return " ".join(segment for segment in segments if segment.strip())


def _agreement(one: str, other: str, spellings: Spellings) -> TextAgreement:
    one_words, other_words = one.split(), other.split()
    characters, words = max(len(one), len(other)), max(len(one_words), len(other_words))
    return TextAgreement(
        _share(character_edits(one_words, other_words, spellings), characters),
        _share(word_edits(one_words, other_words, spellings), words),
        characters,
        words,
    )


def _error_rates(truth: str, guess: str, spellings: Spellings) -> ErrorRates:
    true_words, guessed_words = truth.split(), guess.split()
    letters_wrong = character_edits(true_words, guessed_words, spellings)
    words_wrong = word_edits(true_words, guessed_words, spellings)
    return ErrorRates(
        _share(letters_wrong, len(truth)),
        _share(words_wrong, len(true_words)),
        letters_wrong,
        words_wrong,
        len(truth),
        len(true_words),
    )


def _share(edits: int, length: int) -> float:
    return edits / length if length else float(bool(edits))
