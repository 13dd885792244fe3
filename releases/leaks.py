"""What a model might know of the test before it is tested: leaks.json, with every version."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property

from catalog.scratch_database import ScratchSet
from releases.near_duplicates import ClipPair
from releases.rows import Row, Split, SplitOf
from releases.sentences import said_in_train

LEAKS = "leaks.json"
MOST_SIMILAR = 1_000
"""Pairs that may be one voice, the likeliest, that a report names."""


@dataclass(frozen=True, slots=True, order=True)
class VoicePair:
    """Two clips under different pseudonyms that are one voice, as somebody found. likeness: by that source's measure"""

    clip: str
    like: str
    likeness: float


VoicePairs = Callable[[Sequence[Row]], Sequence[VoicePair]]
"""Rows to pairs of them that are one voice: by embeddings, by a coordinator who knows the people, by any source."""


def no_voice_pairs(rows: Sequence[Row]) -> Sequence[VoicePair]:
    """Where nobody compares voices."""
    return ()


@dataclass(frozen=True, slots=True)
class Leak:
    """The same sound from two speakers.

    clip, like:   of whom `clip` was accepted first
    across:       whether they would be in two splits
    held_back:    the one that is not in the version for that; None where both are
    """

    clip: str
    split: Split
    like: str
    like_split: Split
    shared_seconds: float
    bit_error: float
    across: bool
    held_back: str | None


@dataclass(frozen=True, slots=True)
class VoiceLeak:
    """One voice under two pseudonyms, as a pair of clips shows; across: whether these would be in two splits."""

    clip: str
    split: Split
    like: str
    like_split: Split
    likeness: float
    across: bool


@dataclass(frozen=True)
class LeakReport:
    """compared: clips whose sound was compared with that of other speakers; the others have no fingerprint kept

    other_voice:   clips held back because their voice is in another split under another pseudonym
    similar_voice: pairs in two splits that may be one voice, and are not sure enough to hold anything back for
    voices:        speakers whose voice is known by its embedding
    voice_compared: clips whose voice was compared with its speaker's other recordings
    not_their_voice: those of them in which another voice speaks
    said_in_train: for validation and test, clips whose very sentence stands in train too, by other voices
    said_elsewhere: how many are held back so that no sentence stands in two splits, where the project asks for that
    named_elsewhere: those of them that are in the pairs
    """

    clips: int
    compared: int
    same_sound: tuple[Leak, ...]
    said_in_train: Mapping[str, int]
    same_voice: tuple[VoiceLeak, ...] = ()
    other_voice: tuple[str, ...] = ()
    said_elsewhere: int = 0
    named_elsewhere: tuple[str, ...] = ()
    similar_voice: tuple[VoiceLeak, ...] = ()
    voices: int = 0
    voice_compared: int = 0
    not_their_voice: tuple[str, ...] = ()

    @cached_property
    def copies(self) -> frozenset[str]:
        return frozenset(leak.held_back for leak in self.same_sound if leak.held_back)

    @cached_property
    def leaking(self) -> frozenset[str]:
        """Clips held back for their sound or voice."""
        return self.copies.union(self.other_voice)

    @cached_property
    def not_there(self) -> frozenset[str]:
        """Clips of the pairs that the version does not hold."""
        return self.leaking.union(self.named_elsewhere)

    def kept_apart(self, elsewhere: ScratchSet) -> "LeakReport":
        """The same once no sentence stands in two splits. elsewhere: clips held back for that"""
        pairs: tuple[Leak | VoiceLeak, ...] = (*self.same_sound, *self.same_voice, *self.similar_voice)
        named = {clip for leak in pairs for clip in (leak.clip, leak.like) if clip in elsewhere}
        return replace(
            self,
            clips=self.clips - len(elsewhere),
            said_in_train=dict.fromkeys(self.said_in_train, 0),
            said_elsewhere=len(elsewhere),
            named_elsewhere=tuple(sorted(named)),
        )


def leak_report(
    rows: Iterable[Row],
    split_of: SplitOf,
    pairs: Sequence[ClipPair],
    *,
    compared: int,
    voices: Sequence[VoicePair] = (),
    similar: Sequence[VoicePair] = (),
) -> LeakReport:
    """Of two clips with the same sound in two splits, the one accepted later is held back.

    Of a voice under several pseudonyms, all clips are that are not in the split of its first one.
    similar: pairs that may be one voice; those in two splits are named, and nothing is held back for them
    rows:    gone through several times
    """
    found: tuple[ClipPair | VoicePair, ...] = (*pairs, *voices, *similar)
    in_order = _Ordered(rows, split_of, {clip for pair in found for clip in (pair.clip, pair.like)})
    sounds = [in_order.sound_leak(pair) for pair in pairs]
    copies = frozenset(leak.held_back for leak in sounds if leak.held_back)
    names = joined((in_order.speaker(pair.clip), in_order.speaker(pair.like)) for pair in voices)
    other_voice = _in_the_wrong_split(rows, split_of, names) - copies if names else frozenset[str]()
    kept = _Left(rows, copies | other_voice)
    said = said_in_train(kept, split_of)
    return LeakReport(
        clips=kept.count,
        compared=compared,
        same_sound=tuple(sounds),
        said_in_train=said,
        same_voice=tuple(map(in_order.voice_leak, voices)),
        other_voice=tuple(sorted(other_voice)),
        similar_voice=tuple(each for each in map(in_order.voice_leak, similar) if each.across)[:MOST_SIMILAR],
    )


class _Left:
    """Rows but for some clips. count: of those that were gone through"""

    def __init__(self, rows: Iterable[Row], without: AbstractSet[str]) -> None:
        self._rows, self._without = rows, without
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            if row.id not in self._without:
                self.count += 1
                yield row


class _Ordered:
    """Pairs of clips as leaks: the one that was accepted first, first. named: the clips of all pairs"""

    def __init__(self, rows: Iterable[Row], split_of: SplitOf, named: AbstractSet[str]) -> None:
        self._by_id = {row.id: row for row in rows if row.id in named} if named else {}
        self._split_of = split_of

    def speaker(self, clip: str) -> str:
        return self._by_id[clip].speaker

    def sound_leak(self, pair: ClipPair) -> Leak:
        first, split, second, other_split = self._pair(pair)
        across = split != other_split
        return Leak(
            clip=first,
            split=split,
            like=second,
            like_split=other_split,
            shared_seconds=pair.shared_seconds,
            bit_error=pair.bit_error,
            across=across,
            held_back=second if across else None,
        )

    def voice_leak(self, pair: VoicePair) -> VoiceLeak:
        first, split, second, other_split = self._pair(pair)
        return VoiceLeak(first, split, second, other_split, pair.likeness, split != other_split)

    def _pair(self, pair: ClipPair | VoicePair) -> tuple[str, Split, str, Split]:
        first, second = sorted((self._by_id[pair.clip], self._by_id[pair.like]), key=_age)
        return first.id, self._split_of(first), second.id, self._split_of(second)


def _age(row: Row) -> tuple[date, str]:
    return row.accepted_on, row.id


def _in_the_wrong_split(
    rows: Iterable[Row], split_of: SplitOf, voice_of: Mapping[str, str]
) -> frozenset[str]:
    """Clips of speakers who are one voice, but for those in the split of the first of them all."""
    by_voice: dict[str, list[tuple[tuple[date, str], Split]]] = defaultdict(list)
    for row in rows:
        if row.speaker in voice_of:
            by_voice[voice_of[row.speaker]].append((_age(row), split_of(row)))
    wrong: set[str] = set()
    for theirs in by_voice.values():
        _, home = min(theirs)
        wrong.update(clip for (_, clip), split in theirs if split != home)
    return frozenset(wrong)


def joined(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Each name to the first, by the alphabet, of all that pairs join it with.

    >>> joined([("b", "c"), ("a", "b"), ("x", "y")])
    {'a': 'a', 'b': 'a', 'c': 'a', 'x': 'x', 'y': 'x'}
    """
    parent: dict[str, str] = {}

    def first_of(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for pair in pairs:
        one, other = sorted(map(first_of, pair))
        parent[other] = one
    return {name: first_of(name) for name in sorted(parent)}


def duplicate_groups(report: LeakReport) -> Mapping[str, str]:
    """By clip, the name of the group of clips with its sound, of those that a version holds.

    A group is named after its first clip by a hash, so that it names nobody who withdraws.
    """
    kept = (leak for leak in report.same_sound if not {leak.clip, leak.like} & report.not_there)
    groups = joined((leak.clip, leak.like) for leak in kept)
    return {
        clip: f"duplicates-{hashlib.sha256(first.encode()).hexdigest()[:16]}"
        for clip, first in groups.items()
    }


def as_json(report: LeakReport) -> bytes:
    """leaks.json. It names clips of the version only: those that are held back are counted."""
    gone = report.not_there
    pairs = {
        name: [asdict(leak) for leak in leaks if not {leak.clip, leak.like} & gone]
        for name, leaks in (
            ("same_sound", report.same_sound),
            ("same_voice", report.same_voice),
            ("similar_voice", report.similar_voice),
        )
    }
    said = {
        "clips": report.clips,
        "compared": report.compared,
        **pairs,
        "held_back": len(report.leaking) + report.said_elsewhere,
        "said_in_train": dict(report.said_in_train),
        "held_back_for_their_sentence": report.said_elsewhere,
        "voices": report.voices,
        "voice_compared": report.voice_compared,
        "not_their_voice": len(set(report.not_their_voice) - gone),
        "speakers_in_two_splits": [],  # a version with one is not built
    }
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def without(report: bytes, clips: frozenset[str]) -> bytes:
    """leaks.json again, without what names a withdrawn clip."""
    said = json.loads(report)
    for name in ("same_sound", "same_voice", "similar_voice"):
        if name in said:
            said[name] = [
                leak for leak in said[name] if leak["clip"] not in clips and leak["like"] not in clips
            ]
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()
