"""How much a version holds, by everything that matters to whoever trains on it, as it is now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.tables import Clip, ReleaseItem, Speaker
from portal.datasets.editions import Edition
from releases.rows import SPLITS

Fact = Literal["split", "language", "gender", "age_band", "district", "dialect"]
FACTS: tuple[Fact, ...] = get_args(Fact)


@dataclass(frozen=True, slots=True)
class FactAmount:
    """The amount of sound with one value of a fact. value: None where the fact is not known; seconds by split"""

    value: str | None
    clips: int
    speakers: int
    seconds: float
    by_split: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Amounts:
    """by_fact: the largest first, but splits in their order; facts that nobody gave are left out"""

    total: FactAmount
    by_fact: Mapping[Fact, Sequence[FactAmount]]


@dataclass(frozen=True, slots=True)
class _SpeakerPart:
    """What a speaker (or several who speak together) holds in one language."""

    facts: Mapping[Fact, str | None]
    speakers: tuple[str, ...]
    split: str
    clips: int
    seconds: float


def amounts(session: Session, edition: Edition) -> Amounts:
    """Counted from the catalogue, so that what was taken out of a version is not counted."""
    by_pseudonym = {
        row.pseudonym: row
        for row in session.execute(
            select(
                Speaker.pseudonym, Speaker.gender, Speaker.age_band, Speaker.district, Speaker.dialect
            ).where(Speaker.project_id == edition.project)
        )
    }
    parts = []
    for language, speaker, split, clips, seconds in session.execute(
        select(
            Clip.language,
            ReleaseItem.speaker,
            ReleaseItem.split,
            func.count(),
            func.sum(Clip.seconds),
        )
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .where(ReleaseItem.release_id == edition.id, ReleaseItem.erased_at.is_(None))
        .group_by(Clip.language, ReleaseItem.speaker, ReleaseItem.split)
    ):
        # A pseudonym may hold a plus itself: several voices are several only where it is none.
        voices = (speaker,) if speaker in by_pseudonym else tuple(speaker.split("+"))
        known = [by_pseudonym[voice] for voice in voices if voice in by_pseudonym]
        facts: dict[Fact, str | None] = {
            "split": split,
            "language": language,
            "gender": _shared(row.gender for row in known),
            "age_band": _shared(row.age_band for row in known),
            "district": _shared(row.district for row in known),
            "dialect": _shared(row.dialect for row in known),
        }
        parts.append(_SpeakerPart(facts, voices, split, clips, seconds))
    by_fact: dict[Fact, Sequence[FactAmount]] = {}
    for fact in FACTS:
        amounts_of_fact = _by(fact, parts)
        if any(each.value is not None for each in amounts_of_fact):
            by_fact[fact] = amounts_of_fact
    return Amounts(_amount(None, parts), by_fact)


def _by(fact: Fact, parts: Iterable[_SpeakerPart]) -> Sequence[FactAmount]:
    found: dict[str | None, list[_SpeakerPart]] = defaultdict(list)
    for part in parts:
        found[part.facts[fact]].append(part)
    amounts_of_fact = [_amount(value, those) for value, those in found.items()]
    if fact == "split":
        return sorted(amounts_of_fact, key=lambda each: [*SPLITS, each.value].index(each.value))
    return sorted(amounts_of_fact, key=lambda each: (each.value is None, -each.seconds, each.value or ""))


def _amount(value: str | None, parts: Iterable[_SpeakerPart]) -> FactAmount:
    clips, seconds, speakers = 0, 0.0, set[str]()
    by_split: dict[str, float] = dict.fromkeys(map(str, SPLITS), 0.0)
    for part in parts:
        clips += part.clips
        seconds += part.seconds
        speakers.update(part.speakers)
        by_split[part.split] = by_split.get(part.split, 0.0) + part.seconds
    return FactAmount(value, clips, len(speakers), seconds, by_split)


def _shared(values: Iterable[str | None]) -> str | None:
    """What all voices have in common, as the published rows say it."""
    different = set(values)
    return different.pop() if len(different) == 1 else None
