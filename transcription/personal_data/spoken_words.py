"""The words with which a language says digits one by one, from the table beside this file."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("spoken_words.txt")
_ENGLISH = "en"
_TIMES = {"x2": 2, "x3": 3}


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """Words of one language, as `folded` gives them, and the English ones.

    digits: to the digit meant; times: to how often the next digit is meant
    account: that speak of a bank account; at, dot: phrases for the signs of an address, a tuple of words each
    """

    digits: Mapping[str, int]
    times: Mapping[str, int]
    account: frozenset[str]
    at: frozenset[tuple[str, ...]]
    dot: frozenset[str]


@dataclass(slots=True)
class _Draft:
    digits: dict[str, int] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    account: set[str] = field(default_factory=set)
    at: set[tuple[str, ...]] = field(default_factory=set)
    dot: set[str] = field(default_factory=set)


def folded(word: str) -> str:
    """A word as it is looked up: composed, without case.

    >>> folded("Nine")
    'nine'
    """
    return unicodedata.normalize("NFC", word).casefold()


@cache
def spoken_words(language: str) -> SpokenWords:
    """The words of a language with English ones; English alone where the table has none of it.

    >>> spoken_words("hi").digits["नौ"], spoken_words("hi").digits["nine"], spoken_words("te").times["డబుల్"]
    (9, 9, 2)
    """
    draft = _Draft()
    for code in (_ENGLISH, language.partition("-")[0]):
        for meaning, words in _lines().get(code, ()):
            _add(draft, meaning, words)
    return SpokenWords(
        draft.digits, draft.times, frozenset(draft.account), frozenset(draft.at), frozenset(draft.dot)
    )


@cache
def known_languages() -> frozenset[str]:
    """Codes of the languages that the table has digits of."""
    return frozenset(_lines())


def _add(draft: _Draft, meaning: str, words: tuple[str, ...]) -> None:
    if meaning.isdigit():
        draft.digits.update(dict.fromkeys(words, int(meaning)))
    elif meaning in _TIMES:
        draft.times.update(dict.fromkeys(words, _TIMES[meaning]))
    elif meaning == "at":
        draft.at.update(tuple(word.split("_")) for word in words)
    else:
        {"account": draft.account, "dot": draft.dot}[meaning].update(words)


@cache
def _lines() -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for line in _TABLE.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            code, meaning, *words = line.split()
            found.setdefault(code, []).append((meaning, tuple(folded(word) for word in words)))
    return {code: tuple(meanings) for code, meanings in found.items()}
