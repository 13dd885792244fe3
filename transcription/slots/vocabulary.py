"""Vocabulary: how many new words a clip is likely to bring, from what is known before anybody has written it down.

What the speaker was asked, who they are, what they do and where they come from: each is a trait that clips share.
The accepted texts of a language tell how many words the first, the second, the tenth clip of a prompt or of a speaker
brought that no other prompt or speaker had, and whether this prompt or this speaker brings more than is usual. A
sentence that everybody reads aloud brings nothing new the second time; a potter's work may bring words for long.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import log

STEPS = 8
"""Clips of one trait are distinguished by how many came before: 0, 1, 2 to 3, 4 to 7 … and from 64 on no more."""
FEW_MINUTES = 0.25
"""So much speech at a step weighs as much as what came out at the step before."""
FEW_WORDS = 10.0
"""So many words of one prompt or person weigh as much as what is usual for all."""


class Kind(StrEnum):
    """What clips may have in common that is known beforehand."""

    PROMPT = "prompt"
    SPEAKER = "speaker"
    OCCUPATION = "occupation"
    DIALECT = "dialect"
    ORIGIN = "origin"
    """The district that the speaker comes from."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One thing that is known of a clip, such as what its speaker was asked."""

    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class WrittenClip:
    """A clip whose text is accepted. words: in comparison form"""

    traits: tuple[Trait, ...]
    words: frozenset[str]
    minutes: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a clip promises. share: of the new words that a usual clip of its length brings; 1 is usual"""

    share: float
    trait: Trait | None = None
    """The one that tells the most, more or less than usual; None where nothing is known."""
    earlier: int = 0
    """Clips with that trait that come before."""

    def __str__(self) -> str:
        if self.trait is None:
            return "nothing is known of its words"
        return f"{self.share:.0%} of the usual new words expected: {_in_words(self.trait, self.earlier)}"


@dataclass(frozen=True, slots=True)
class Growth:
    """How new words came up in the accepted texts of a language."""

    curves: Mapping[Kind, tuple[float, ...]] = field(default_factory=dict)
    """New words a minute at each step, as a share of those of all the kind's clips."""
    factors: Mapping[Trait, float] = field(default_factory=dict)
    """How many more a prompt or a person brought than their clips usually would have."""

    def expect(self, traits: Iterable[Trait], earlier: Mapping[Trait, int]) -> Outlook:
        """What one more clip with these traits promises; the most telling of them decides."""
        best = Outlook(1.0)
        for trait in traits:
            before = earlier.get(trait, 0)
            curve = self.curves.get(trait.kind)
            if curve is None:
                continue  # no text has shown this kind yet
            share = curve[step(before)] * self.factors.get(trait, 1.0)
            if best.trait is None or abs(log(share)) > abs(log(best.share)):
                best = Outlook(share, trait, before)
        return best


def step(earlier: int) -> int:
    """
    >>> [step(n) for n in (0, 1, 2, 3, 4, 7, 8, 1000)]
    [0, 1, 2, 2, 3, 3, 4, 7]
    """
    return min(earlier.bit_length(), STEPS - 1)


def learn(written: Sequence[WrittenClip]) -> Growth:
    """written: in the order in which the texts were accepted"""
    curves: dict[Kind, tuple[float, ...]] = {}
    factors: dict[Trait, float] = {}
    for kind in Kind:
        brought = _brought(written, kind)
        minutes = sum(each.minutes for each in brought)
        new = sum(each.words for each in brought)
        if not minutes or not new:
            continue
        usual = new / minutes
        curve = _curve(brought, usual)
        curves[kind] = tuple(rate / usual for rate in curve)
        factors |= _factors(brought, curve)
    return Growth(curves, factors)


@dataclass(frozen=True, slots=True)
class _Brought:
    """What one clip brought for one of its traits: words that no other value of its kind, and no clip before, had."""

    trait: Trait
    earlier: int
    words: int
    minutes: float


def _brought(written: Sequence[WrittenClip], kind: Kind) -> list[_Brought]:
    owner: dict[str, Trait | None] = {}
    for text in written:
        for trait in text.traits:
            if trait.kind is kind:
                for word in text.words:
                    owner[word] = trait if owner.get(word, trait) == trait else None
    seen: dict[Trait, set[str]] = defaultdict(set)
    before: Counter[Trait] = Counter()
    found: list[_Brought] = []
    for text in written:
        for trait in text.traits:
            if trait.kind is kind:
                own = {word for word in text.words if owner[word] == trait}
                found.append(_Brought(trait, before[trait], len(own - seen[trait]), text.minutes))
                seen[trait] |= own
                before[trait] += 1
    return found


def _curve(brought: Sequence[_Brought], usual: float) -> list[float]:
    """New words a minute at each step; where few clips tell, the step before weighs in."""
    words, minutes = [0.0] * STEPS, [0.0] * STEPS
    for each in brought:
        words[step(each.earlier)] += each.words
        minutes[step(each.earlier)] += each.minutes
    curve: list[float] = []
    rate = usual
    for new, spoken in zip(words, minutes, strict=True):
        rate = (new + FEW_MINUTES * rate) / (spoken + FEW_MINUTES)
        curve.append(rate)
    return curve


def _factors(brought: Sequence[_Brought], curve: Sequence[float]) -> dict[Trait, float]:
    """Gamma–Poisson: the words that came, over those that were to be expected, both on a ground of few words."""
    words: Counter[Trait] = Counter()
    expected: dict[Trait, float] = defaultdict(float)
    for each in brought:
        words[each.trait] += each.words
        expected[each.trait] += curve[step(each.earlier)] * each.minutes
    return {trait: (words[trait] + FEW_WORDS) / (expected[trait] + FEW_WORDS) for trait in expected}


def _in_words(trait: Trait, earlier: int) -> str:
    """
    >>> _in_words(Trait(Kind.PROMPT, "market/2"), 7)
    '7 clips of the prompt market/2 come before it'
    """
    alike = {
        Kind.PROMPT: f"of the prompt {trait.value}",
        Kind.SPEAKER: "of the same voice",
        Kind.OCCUPATION: f"of people with the same work ({trait.value})",
        Kind.DIALECT: f"in the dialect {trait.value}",
        Kind.ORIGIN: f"of people from {trait.value}",
    }[trait.kind]
    if earlier == 0:
        return f"no clip {alike} comes before it"
    return f"{earlier} {'clip' if earlier == 1 else 'clips'} {alike} {'comes' if earlier == 1 else 'come'} before it"
