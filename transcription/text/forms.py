"""The three levels of a text. Each is a pure, idempotent function of the one before and the guideline."""

import unicodedata
from functools import lru_cache
from itertools import product

import regex

from transcription.rules.guideline import Guideline
from transcription.rules.language import ZWJ, ZWNJ, Language, characters, optional_marks
from transcription.text.canonical import canonical
from transcription.text.mends import mends
from transcription.text.pieces import Piece, pieces, spans

MOST_READINGS = 16

_UNSTORABLE = regex.compile(r"\p{Cs}|\x00")


def verbatim(text: str) -> str:
    """What is kept of what was typed: the same characters in Unicode's composed form (NFC), and nothing else.

    A lone surrogate or a NUL, which no database stores, becomes U+FFFD, so that the checker can show it.
    """
    return unicodedata.normalize("NFC", _UNSTORABLE.sub("\ufffd", text))


def tidy(text: str, guideline: Guideline) -> str:
    """`text` with everything put right that is certain, on one line. Tags and alternatives stay."""
    text = verbatim(text)
    while True:
        before = text
        for mend in mends(guideline):
            text = mend.apply(text)
        text = canonical(text)
        if text == before:
            return text


def normalised(text: str, guideline: Guideline) -> str:
    """What a dataset shows: tidy, and the first of each pair of alternatives."""
    text = tidy(text, guideline)
    while True:
        chosen = tidy("".join(_first(piece) for piece in pieces(text)), guideline)
        if chosen == text:
            return text
        text = chosen


def comparison(text: str, guideline: Guideline) -> str:
    """What metrics count: the words, without tags, punctuation, case, joiners and optional marks.

    Apostrophes vanish, other marks become spaces; digits are 0 to 9; currency signs and % stay, since they are read.
    """
    while True:
        folded = _fold(_without_tags(normalised(text, guideline), guideline), guideline.language)
        if folded == text:
            return text
        text = folded


def readings(text: str, guideline: Guideline) -> tuple[str, ...]:
    """The comparison forms of `text` with each choice of alternatives, the first choices first.

    At most MOST_READINGS: of further alternatives only the first option counts (the checker warns of them).
    """
    choices: list[tuple[str, ...]] = []
    total = 1
    for piece in pieces(tidy(text, guideline)):
        options = piece.options if piece.kind == "alternatives" else (piece.text,)
        if total * len(options) > MOST_READINGS:
            options = options[:1]
        total *= len(options)
        choices.append(options)
    return tuple(dict.fromkeys(comparison("".join(choice), guideline) for choice in product(*choices)))


def _first(piece: Piece) -> str:
    return piece.options[0] if piece.kind == "alternatives" else piece.text


def _without_tags(text: str, guideline: Guideline) -> str:
    """The words that count; a span whose words don't is dropped whole, if it is closed."""
    parts = list(pieces(text))
    closed = spans(parts)
    kept: list[str] = []
    index = 0
    while index < len(parts):
        part = parts[index]
        if part.kind == "tag":
            kept.append(" ")
            tag = guideline.tags.get(part.name)
            if tag and tag.words == "drop":
                index = closed.get(index, index)
        else:
            kept.append(_first(part))
        index += 1
    return "".join(kept)


def _fold(text: str, language: Language) -> str:
    for typed, same in sorted(language.compare_as.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(typed, same)
    text = unicodedata.normalize("NFKC", text).casefold()
    ignored = _ignored(language)
    own = characters(language.alphabet)
    text = "".join(_counted(character, own) for character in text if character not in ignored)
    return canonical(" ".join(text.split()))


@lru_cache(maxsize=128)
def _ignored(language: Language) -> frozenset[str]:
    return optional_marks(language) | {ZWJ, ZWNJ}


def _counted(character: str, own: frozenset[str]) -> str:
    if character in own:
        return character
    category = unicodedata.category(character)
    if category == "Nd":  # by the same tables that know its value
        return str(unicodedata.decimal(character))
    if character in "'\u2019\u2018":
        return ""
    if category[0] in "LMN" or category == "Sc" or character == "%":
        return character
    return " "
