"""Spelling rules: which spellings of one word a language permits, read from `configs/spellings/<code>.yaml`.

A rule names spellings of which any may stand, where they may, why, and by whose word; its examples are run as tests:
words that are the same by it, and words that look alike and stay two.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Annotated

import regex
from pydantic import ConfigDict, Field, StringConstraints
from pydantic.dataclasses import dataclass

from catalog.config.configuration import Broken, Unfit, load

_EXACT = ConfigDict(strict=True, extra="forbid")
_Text = Annotated[str, StringConstraints(min_length=1)]
Pair = tuple[_Text, _Text]


@dataclass(frozen=True, slots=True, config=_EXACT)
class SpellingRule:
    """Spellings that may stand for each other within a word.

    sets:      of each set any member may stand; the empty one where a mark may be left out
    after, before: regular expressions for what stands around; `^` and `$` are the ends of the word
    unless:    words that the rule doesn't touch, since another word is spelt so; `*` at an end stands for anything
    because:   the reason, or whose rule it is
    same:      pairs of spellings that the rule makes one
    different: pairs of words that stay two, though they look alike
    """

    name: _Text
    sets: Annotated[tuple[tuple[str, ...], ...], Field(min_length=1)]
    because: _Text
    same: Annotated[tuple[Pair, ...], Field(min_length=1)]
    after: str = ""
    before: str = ""
    unless: tuple[_Text, ...] = ()
    different: tuple[Pair, ...] = ()

    def __post_init__(self) -> None:
        faults: list[Broken] = []
        forms = [form for members in self.sets for form in members]
        if any(len(members) < 2 for members in self.sets) or len(set(forms)) < len(forms):
            rule = "holds sets of two spellings or more, each spelling in one set only"
            faults.append(Broken(("sets",), rule, "Write [[ंक, ङ्क], [ंख, ङ्ख]]."))
        for name, pattern in (("after", self.after), ("before", self.before)):
            try:
                regex.compile(pattern)
            except regex.error as error:
                rule = f"is a regular expression, given {pattern!r} ({error})"
                faults.append(Broken((name,), rule, "Write [कख] for one of two letters."))
        if faults:
            raise Unfit(*faults)


@dataclass(frozen=True, slots=True, config=_EXACT)
class JoinRule:
    """Endings that may be written with the word before them or apart.

    endings: as उसने and उस ने
    words:   a regular expression for the whole word before; any of two characters or more where it is left out
    """

    name: _Text
    endings: Annotated[tuple[_Text, ...], Field(min_length=1)]
    because: _Text
    same: Annotated[tuple[Pair, ...], Field(min_length=1)]
    words: str = r".{2,}"
    different: tuple[Pair, ...] = ()

    def __post_init__(self) -> None:
        try:
            regex.compile(self.words)
        except regex.error as error:
            rule = f"is a regular expression, given {self.words!r} ({error})"
            raise Unfit(Broken(("words",), rule, "Write उस|इस for one of two words.")) from error


@dataclass(frozen=True, slots=True, config=_EXACT)
class SpellingRules:
    """What one language permits. Nothing is permitted where a language has no file.

    pairs:          whole words of which either may stand, that follow from no rule
    either_script:  words of another language in both scripts, as [बस, bus]; used where the guideline says that
                    English words may stand in either script
    different:      words that no rule may make one
    """

    rules: tuple[SpellingRule, ...] = ()
    joins: tuple[JoinRule, ...] = ()
    pairs: tuple[Pair, ...] = ()
    either_script: tuple[Pair, ...] = ()
    different: tuple[Pair, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    """What the reasons name in short: name to the whole title."""

    def __post_init__(self) -> None:
        faults = [
            Broken((name,), f"has a word of no letters or of several: {word!r}", "Write one word.")
            for name, pairs in (("pairs", self.pairs), ("either_script", self.either_script))
            for word in (word for pair in pairs for word in pair)
            if len(word.split()) != 1
        ]
        if faults:
            raise Unfit(*faults)

    @property
    def permitted(self) -> Iterator[Pair]:
        """Every example of texts that count as the same."""
        yield from (pair for rule in self.rules for pair in rule.same)
        yield from (pair for join in self.joins for pair in join.same)
        yield from self.pairs

    @property
    def forbidden(self) -> Iterator[Pair]:
        """Every example of texts that don't."""
        yield from (pair for rule in self.rules for pair in rule.different)
        yield from (pair for join in self.joins for pair in join.different)
        yield from self.different


NO_RULES = SpellingRules()


def spelling_path(configs: Path, language: str) -> Path:
    """Where a language's file is, if it has one."""
    return configs / "spellings" / f"{language}.yaml"


def load_spelling_rules(configs: Path, language: str) -> SpellingRules:
    """The spelling rules of a language; none where it has no file. raises: ConfigurationError"""
    path = spelling_path(configs, language)
    return load(path, SpellingRules) if path.is_file() else NO_RULES


def composed(text: str) -> str:
    """As texts are compared: in Unicode's composed form."""
    return unicodedata.normalize("NFC", text)
