"""Speakers to splits: by share of the time, in every stratum, once and for all."""

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from catalog.config.release_rules import Splits
from releases.rows import SPLITS, Row, Split

FEWEST_FOR_TEST = 2
FEWEST_FOR_ALL = 3
ROUNDS = 20
"""Of looking whether another split suits a group better; each makes the fit better, so few are needed."""
_ALL = ("",)
"""The stratum that everybody of a language is in."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker as far as splitting is concerned.

    seconds: of their clips
    stratum: what they are counted with, such as ("te", "female")
    with_:   speakers heard in the same recordings, or of the same voice, who must go where this one goes
    """

    id: str
    language: str
    seconds: float
    stratum: tuple[str, ...]
    with_: frozenset[str] = frozenset()


def assign(
    voices: Sequence[Voice], frozen: Mapping[str, Split], shares: Splits, *, key: str
) -> dict[str, Split]:
    """A split for every voice that has none yet; those that have one keep it.

    Within a language each split gets its share of the time, in all and in each stratum, as near as whole speakers
    allow (the chi-square distance from the shares is made small: the largest groups are dealt out first, then moved
    while that helps). A rerun gives the same; equals are ordered by a hash with `key`.
    A language with one voice is all train; with two, train and test; from three on every split has one.
    Voices heard together in a recording go together.
    """
    by_id = {voice.id: voice for voice in voices}
    chosen: dict[str, Split] = {voice.id: frozen[voice.id] for voice in voices if voice.id in frozen}
    by_language: dict[str, list[list[Voice]]] = defaultdict(list)
    for group in _groups(by_id):
        by_language[group[0].language].append(group)
    for language in sorted(by_language):
        groups = by_language[language]
        fit = _Fit(groups, shares)
        fresh: list[list[Voice]] = []
        for group in groups:
            settled = sorted({chosen[voice.id] for voice in group if voice.id in chosen}, key=SPLITS.index)
            if settled:
                for voice in group:
                    chosen.setdefault(voice.id, settled[0])
                    fit.put(voice, chosen[voice.id])
            else:
                fresh.append(group)
        fresh.sort(key=lambda each: (-sum(voice.seconds for voice in each), _rank(key, each)))
        wanted = _wanted(sum(len(group) for group in groups), shares)
        for group, split in zip(fresh, _dealt(fresh, fit, wanted), strict=True):
            chosen.update(dict.fromkeys((voice.id for voice in group), split))
    return chosen


def voices_of(
    rows: Iterable[Row],
    stratify_by: Sequence[str],
    alike: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> tuple[Voice, ...]:
    """The speakers of these rows, each counted with the language they speak most.

    alike: by speaker, others who may be the same person, who go where this one goes
    """
    seconds: dict[str, Counter[str]] = defaultdict(Counter)
    facts: dict[str, Row] = {}
    together: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for voice in row.voices:
            seconds[voice][row.language] += round(row.seconds * 1000)
            together[voice].update(row.voices)
            if voice not in facts or len(row.voices) < len(facts[voice].voices):
                facts[voice] = row
    found = []
    for voice in sorted(seconds):
        language = min(seconds[voice], key=lambda each: (-seconds[voice][each], each))
        row = facts[voice]
        parts = tuple(
            language if name == "language" else getattr(row, name) or "unknown" for name in stratify_by
        )
        spoken = seconds[voice].total() / 1000
        with_ = (together[voice] | alike.get(voice, frozenset())) - {voice}
        found.append(Voice(voice, language, spoken, parts, frozenset(with_)))
    return tuple(found)


def parts_voices(voices: Iterable[Voice], splits: Mapping[str, Split]) -> bool:
    """Whether somebody is heard together with a voice of another split."""
    return any(splits[voice.id] != splits[other] for voice in voices for other in voice.with_)


class _Fit:
    """How the time of a language lies in the splits, and how far that is from the shares."""

    def __init__(self, groups: Sequence[Sequence[Voice]], shares: Splits) -> None:
        self._share: dict[Split, float] = {
            "train": shares.train,
            "validation": shares.validation,
            "test": shares.test,
        }
        whole: Counter[tuple[str, ...]] = Counter()
        for group in groups:
            for voice in group:
                for stratum in (_ALL, voice.stratum):
                    whole[stratum] += _milliseconds(voice)
        self._whole = whole
        self._have: Counter[tuple[Split, tuple[str, ...]]] = Counter()
        self.voices: Counter[Split] = Counter()

    def put(self, voice: Voice, split: Split, sign: int = 1) -> None:
        self.voices[split] += sign
        for stratum in (_ALL, voice.stratum):
            self._have[split, stratum] += sign * _milliseconds(voice)

    def cost(self, group: Sequence[Voice], split: Split) -> float:
        """How much further from the shares everything is once the group is in that split."""
        if not self._share[split]:
            return float("inf")
        added: Counter[tuple[str, ...]] = Counter()
        for voice in group:
            for stratum in (_ALL, voice.stratum):
                added[stratum] += _milliseconds(voice)
        total = 0.0
        for stratum, more in added.items():
            if wanted := self._share[split] * self._whole[stratum]:
                over = self._have[split, stratum] - wanted
                total += ((over + more) ** 2 - over**2) / wanted
        return total


def _dealt(fresh: Sequence[Sequence[Voice]], fit: _Fit, wanted: Sequence[Split]) -> list[Split]:
    """A split for each group, largest first; the smallest ones go where nobody is yet."""
    chosen: list[Split] = []
    for number, group in enumerate(fresh):
        empty = [split for split in wanted if not fit.voices[split]]
        open_to = empty if empty and len(fresh) - number <= len(empty) else SPLITS
        chosen.append(min(open_to, key=lambda split: fit.cost(group, split)))
        for voice in group:
            fit.put(voice, chosen[-1])
    for _ in range(ROUNDS):
        moved = False
        for number, group in enumerate(fresh):
            here = chosen[number]
            for voice in group:
                fit.put(voice, here, -1)
            leaves_it_empty = here in wanted and not fit.voices[here]
            best = here if leaves_it_empty else min(SPLITS, key=lambda split: fit.cost(group, split))
            if fit.cost(group, here) - fit.cost(group, best) < 1:
                best = here
            for voice in group:
                fit.put(voice, best)
            moved = moved or best != here
            chosen[number] = best
        if not moved:
            break
    return chosen


def _wanted(voices: int, shares: Splits) -> tuple[Split, ...]:
    """Splits that must not stay empty."""
    wanted: list[Split] = ["train"]
    if voices >= FEWEST_FOR_TEST and shares.test:
        wanted.append("test")
    if voices >= FEWEST_FOR_ALL and shares.validation:
        wanted.append("validation")
    return tuple(wanted)


def _milliseconds(voice: Voice) -> int:
    return max(1, round(voice.seconds * 1000))


def _groups(voices: Mapping[str, Voice]) -> list[list[Voice]]:
    """Voices that are heard together, directly or through others."""
    groups: list[list[Voice]] = []
    seen: set[str] = set()
    for identifier in sorted(voices):
        reached, waiting = [], [identifier]
        while waiting:
            each = waiting.pop()
            if each in seen or each not in voices:
                continue
            seen.add(each)
            reached.append(voices[each])
            waiting += sorted(voices[each].with_)
        if reached:
            groups.append(sorted(reached, key=lambda voice: voice.id))
    return groups


def _rank(key: str, group: Sequence[Voice]) -> bytes:
    return hmac.new(key.encode(), group[0].id.encode(), hashlib.sha256).digest()
