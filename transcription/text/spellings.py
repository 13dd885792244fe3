"""Permitted spellings: when two words are one word spelt twice, and all the ways to spell it.

Works on the comparison form of a text (`transcription.text.comparison`) and changes no text. Two words are the same if
they have one key: the word with the first spelling of each set that a rule names (`transcription.rules.spelling`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import regex

from transcription.rules.guideline import Guideline
from transcription.rules.spelling import JoinRule, Pair, SpellingRule, composed

MOST_FORMS = 64
"""Spellings of one word that are listed: of a word with more places to choose at, the nearest ones."""


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: "regex.Pattern[str]"
    first: Mapping[str, str]
    """Each spelling to the first of its set."""
    others: Mapping[str, tuple[str, ...]]
    untouched: "regex.Pattern[str] | None"

    def leaves(self, word: str) -> bool:
        return self.untouched is not None and self.untouched.fullmatch(word) is not None


@dataclass(frozen=True, slots=True)
class _Join:
    endings: frozenset[str]
    words: "regex.Pattern[str]"


@dataclass(frozen=True, slots=True, eq=False)
class Spellings:
    """What is permitted in a language and a project, ready for use. Made by `spellings_of`."""

    rules: tuple[_Rule, ...]
    joins: tuple[_Join, ...]
    same: Mapping[str, str]
    """Key of a word to the key of all that pairs make one with it."""
    paired: Mapping[str, tuple[str, ...]]
    """The words of pairs, by that key."""
    _keys: dict[str, str] = field(default_factory=dict)

    def key(self, word: str) -> str:
        """The same for two words exactly if either may stand for the other."""
        known = self._keys.get(word)
        if known is None:
            if len(self._keys) >= _MOST_KEPT:
                self._keys.clear()
            spelt = _spelt(self.rules, word)
            known = self._keys[word] = self.same.get(spelt, spelt)
        return known

    def joined(self, word: str, ending: str) -> str | None:
        """The two as one word, where that is permitted."""
        may = any(ending in join.endings and join.words.fullmatch(word) for join in self.joins)
        return word + ending if may else None

    def parted(self, word: str) -> Iterator[tuple[str, str]]:
        """The ways to write a word as two."""
        for join in self.joins:
            for ending in sorted(join.endings):
                stem = word.removesuffix(ending)
                if stem and stem != word and join.words.fullmatch(stem):
                    yield stem, ending

    def forms(self, word: str) -> tuple[str, ...]:
        """Every permitted spelling of one word, itself first; at most MOST_FORMS."""
        key = self.key(word)
        found = dict.fromkeys((word, *self.paired.get(key, ())))
        waiting = list(found)
        for form in waiting:
            for other in self._nearest(form):
                if len(found) >= MOST_FORMS:
                    return tuple(found)
                if other not in found and self.key(other) == key:
                    found[other] = None
                    waiting.append(other)
        return tuple(found)

    def _nearest(self, word: str) -> Iterator[str]:
        """The word with one of its places spelt otherwise."""
        for rule in self.rules:
            if rule.leaves(word):
                continue
            for match in rule.pattern.finditer(word):
                for other in rule.others[match.group()]:
                    yield word[: match.start()] + other + word[match.end() :]


_MOST_KEPT = 50_000


@lru_cache(maxsize=256)
def spellings_of(guideline: Guideline) -> Spellings:
    """The permitted spellings of a guideline: its language's rules, and what its project has learnt."""
    given = guideline.spelling_rules
    rules = tuple(_compiled(rule) for rule in given.rules)
    joins = tuple(_join(rule) for rule in given.joins)
    pairs = [*given.pairs, *guideline.learnt_spellings]
    if guideline.english_in_either_script:
        pairs += given.either_script
    same, paired = _classes(rules, pairs)
    return Spellings(rules, joins, same, paired)


def _compiled(rule: SpellingRule) -> _Rule:
    sets = [tuple(map(composed, members)) for members in rule.sets]
    forms = sorted((form for members in sets for form in members), key=lambda form: (-len(form), form))
    pattern = "|".join(map(regex.escape, forms))
    after = f"(?<={composed(rule.after)})" if rule.after else ""
    before = f"(?={composed(rule.before)})" if rule.before else ""
    untouched = "|".join(regex.escape(composed(word)).replace(r"\*", ".*") for word in rule.unless)
    return _Rule(
        regex.compile(f"{after}(?:{pattern}){before}"),
        {form: members[0] for members in sets for form in members},
        {form: tuple(other for other in members if other != form) for members in sets for form in members},
        regex.compile(untouched) if untouched else None,
    )


def _join(rule: JoinRule) -> _Join:
    return _Join(frozenset(map(composed, rule.endings)), regex.compile(composed(rule.words)))


def _spelt(rules: Sequence[_Rule], word: str) -> str:
    spelt = word
    for rule in rules:
        if not rule.leaves(word):
            spelt = rule.pattern.sub(lambda match, first=rule.first: first[match.group()], spelt)
    return spelt


def _classes(
    rules: Sequence[_Rule], pairs: Sequence[Pair]
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Which keys are one by the pairs, and the words that stand in pairs by that one key."""
    classes: dict[str, dict[str, None]] = {}
    words: dict[str, dict[str, None]] = {}
    for pair in pairs:
        keys = [_spelt(rules, composed(word)) for word in pair]
        merged: dict[str, None] = {}
        for key, word in zip(keys, pair, strict=True):
            words.setdefault(key, {})[composed(word)] = None
            merged |= classes.get(key, {key: None})
        classes.update(dict.fromkeys(merged, merged))
    same = {key: min(members) for key, members in classes.items()}
    paired: dict[str, dict[str, None]] = {}
    for key, its in words.items():
        paired.setdefault(same[key], {}).update(its)
    return same, {key: tuple(sorted(its)) for key, its in paired.items()}
