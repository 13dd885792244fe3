"""Speakers to splits: by voice, in every stratum, once and for all."""

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.config.project import Splits
from releases.rows import SPLITS, Row, Split

FEWEST_FOR_TEST = 2
FEWEST_FOR_ALL = 3


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker as far as splitting is concerned.

    stratum: what they are counted with, such as ("te", "female")
    with_:   speakers heard in the same recordings, who must go where this one goes
    """

    id: str
    language: str
    stratum: tuple[str, ...]
    with_: frozenset[str] = frozenset()


def assign(
    voices: Sequence[Voice], frozen: Mapping[str, Split], shares: Splits, *, key: str
) -> dict[str, Split]:
    """A split for every voice that has none yet; those that have one keep it.

    Within a language each split gets its share of the voices (of people, not of hours), spread over the strata.
    Who goes where follows from a hash with `key`, so that nobody can choose and a rerun chooses the same.
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
        total = sum(len(group) for group in groups)
        targets = quotas(total, shares)
        strata = Counter(voice.stratum for group in groups for voice in group)
        have: Counter[Split] = Counter()
        have_of: Counter[tuple[Split, tuple[str, ...]]] = Counter()

        def put(group: list[Voice], split: Split) -> None:
            for voice in group:
                chosen.setdefault(voice.id, split)
                have[chosen[voice.id]] += 1  # noqa: B023  (called within this turn of the loop only)
                have_of[chosen[voice.id], voice.stratum] += 1  # noqa: B023

        fresh: list[list[Voice]] = []
        for group in groups:
            settled = sorted({chosen[voice.id] for voice in group if voice.id in chosen}, key=SPLITS.index)
            if settled:
                put(group, settled[0])
            else:
                fresh.append(group)
        for group in sorted(fresh, key=lambda each: _rank(key, each)):
            stratum = group[0].stratum
            needs = {
                split: (
                    targets[split] - have[split] >= len(group),
                    targets[split] * strata[stratum] / total - have_of[split, stratum],
                    targets[split] - have[split],
                )
                for split in SPLITS
            }
            put(group, max(SPLITS, key=lambda split: needs[split]))
    return chosen


def voices_of(rows: Iterable[Row], stratify_by: Sequence[str]) -> tuple[Voice, ...]:
    """The speakers of these rows, each counted with the language they speak most."""
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
        parts = (language if name == "language" else getattr(row, name) or "unknown" for name in stratify_by)
        found.append(Voice(voice, language, tuple(parts), frozenset(together[voice] - {voice})))
    return tuple(found)


def quotas(voices: int, shares: Splits) -> dict[Split, int]:
    """How many of a language's voices each split gets; together exactly all.

    >>> quotas(10, Splits())
    {'train': 8, 'validation': 1, 'test': 1}
    >>> quotas(2, Splits())
    {'train': 1, 'validation': 0, 'test': 1}
    """
    share: dict[Split, float] = {
        "train": shares.train,
        "validation": shares.validation,
        "test": shares.test,
    }
    got: dict[Split, int] = {split: int(voices * share[split] + 1e-9) for split in SPLITS}
    left = sorted(SPLITS, key=lambda split: (got[split] - voices * share[split], SPLITS.index(split)))
    for split in left[: voices - sum(got.values())]:
        got[split] += 1
    wanting: tuple[Split, ...] = ("train",)
    if voices >= FEWEST_FOR_TEST:
        wanting += ("test",)
    if voices >= FEWEST_FOR_ALL:
        wanting += ("validation",)
    for split in wanting:
        if share[split] > 0 and got[split] == 0:
            giver = max(SPLITS, key=lambda each: (got[each], -SPLITS.index(each)))
            if got[giver] > 1 or giver not in wanting:
                got[giver] -= 1
                got[split] += 1
    return got


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
