"""What a model might know of the test before it is tested: leaks.json, with every version."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from releases.near_duplicates import ClipPair
from releases.rows import SPLITS, Row, Split

LEAKS = "leaks.json"


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
class LeakReport:
    """compared: clips whose sound was compared with that of other speakers; the others have no fingerprint kept

    said_in_train: for validation and test, clips whose very text stands in train too, by other voices
    """

    clips: int
    compared: int
    same_sound: tuple[Leak, ...]
    said_in_train: Mapping[str, int]

    @property
    def held_back(self) -> frozenset[str]:
        return frozenset(leak.held_back for leak in self.same_sound if leak.held_back)


def leak_report(
    rows: Sequence[Row], splits: Mapping[str, Split], pairs: Sequence[ClipPair], *, compared: int
) -> LeakReport:
    """Of two clips with the same sound in two splits, the one accepted later is held back."""
    by_id = {row.id: row for row in rows}
    leaks = []
    for pair in pairs:
        first, second = sorted(
            (by_id[pair.clip], by_id[pair.like]), key=lambda row: (row.accepted_on, row.id)
        )
        across = splits[first.id] != splits[second.id]
        leaks.append(
            Leak(
                clip=first.id,
                split=splits[first.id],
                like=second.id,
                like_split=splits[second.id],
                shared_seconds=pair.shared_seconds,
                bit_error=pair.bit_error,
                across=across,
                held_back=second.id if across else None,
            )
        )
    gone = {leak.held_back for leak in leaks}
    kept = [row for row in rows if row.id not in gone]
    said = {(row.language, row.text) for row in kept if splits[row.id] == "train"}
    counts: dict[str, int] = {
        split: sum((row.language, row.text) in said for row in kept if splits[row.id] == split)
        for split in SPLITS[1:]
    }
    return LeakReport(len(kept), compared, tuple(leaks), counts)


def as_json(report: LeakReport) -> bytes:
    """leaks.json. It names clips of the version only: those that are held back are counted."""
    said = {
        "clips": report.clips,
        "compared": report.compared,
        "same_sound": [asdict(leak) for leak in report.same_sound if leak.held_back is None],
        "held_back": len(report.held_back),
        "said_in_train": dict(report.said_in_train),
        "speakers_in_two_splits": [],  # a version with one is not built
    }
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def without(report: bytes, clips: frozenset[str]) -> bytes:
    """leaks.json again, without what names a withdrawn clip."""
    said = json.loads(report)
    said["same_sound"] = [
        leak for leak in said["same_sound"] if leak["clip"] not in clips and leak["like"] not in clips
    ]
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()
