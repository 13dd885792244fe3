"""What is known to be wrong or doubtful with clips that are published all the same: known-faults.jsonl.

Who trains leaves them out or listens first; nothing of it was good enough a reason to hold a clip back.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from releases.measures import Measures
from releases.rows import Row

FAULTS = "known-faults.jsonl"
QUIET_DB = 10.0
CLIPPED = 0.01
FAR_APART = 0.2
FENCE = 3.0
"""Of quartiles' distance beyond a quartile: far out, after Tukey, Exploratory Data Analysis (1977)."""
FEWEST = 20
"""Clips of a language before one of them can be far out."""

Code = Literal["low_score", "noisy", "clipped", "texts_far_apart", "odd_rate", "copy", "other_voice"]
MEANINGS: Mapping[Code, str] = {
    "low_score": "words fit their sound badly",
    "noisy": f"speech stands less than {QUIET_DB:g} dB over the noise",
    "clipped": f"{CLIPPED:.0%} of the samples or more are at full scale",
    "texts_far_apart": f"two people's texts differed by more than {FAR_APART:.0%} of the characters; a third decided",
    "odd_rate": "far more or far fewer characters a second than others of its language: the text may not be all of it",
    "copy": "another speaker's clip in the same split has the same sound (`duplicate_group`)",
    "other_voice": "its voice is not that of its speaker's other recordings: it may stand under another's pseudonym",
}


@dataclass(frozen=True, slots=True)
class FaultyClip:
    clip: str
    faults: tuple[Code, ...]


def known_faults(
    rows: Iterable[Row], not_their_voice: AbstractSet[str] = frozenset()
) -> Iterator[FaultyClip]:
    """Clips with something known against them, in the order of the rows. rows: gone through twice

    not_their_voice: clips in another voice than their speaker's other recordings
    """
    fences = _fences(rows)
    for row in rows:
        other: tuple[Code, ...] = ("other_voice",) if row.id in not_their_voice else ()
        if faults := (*_of(row, fences.get(row.language)), *other):
            yield FaultyClip(row.id, faults)


def write_faults(path: Path, found: Iterable[FaultyClip]) -> Mapping[Code, int]:
    """known-faults.jsonl: one clip a line. Returns how many clips have each, in the order of MEANINGS."""
    counts: Counter[Code] = Counter()
    with path.open("wb") as file:
        for each in found:
            counts.update(each.faults)
            file.write(json.dumps({"id": each.clip, "faults": list(each.faults)}).encode() + b"\n")
    return {code: counts[code] for code in MEANINGS if counts[code]}


def without(lines: bytes, clips: AbstractSet[str]) -> bytes:
    """known-faults.jsonl again, without withdrawn clips."""
    return b"".join(line for line in lines.splitlines(keepends=True) if json.loads(line)["id"] not in clips)


def _of(row: Row, fence: tuple[float, float] | None) -> Iterator[Code]:
    if row.alignment != "aligned":
        yield "low_score"
    if row.snr_db is not None and row.snr_db < QUIET_DB:
        yield "noisy"
    if row.clipped_share is not None and row.clipped_share >= CLIPPED:
        yield "clipped"
    if row.cer is not None and row.cer > FAR_APART:
        yield "texts_far_apart"
    if fence and row.speaking_rate is not None and not fence[0] <= row.speaking_rate <= fence[1]:
        yield "odd_rate"
    if row.duplicate_group:
        yield "copy"


def _fences(rows: Iterable[Row]) -> Mapping[str, tuple[float, float]]:
    """By language, between what speaking rates a clip is like the others."""
    rates = Measures()
    languages: set[str] = set()
    for row in rows:
        languages.add(row.language)
        rates.add([(row.language, row.speaking_rate)])
    fences = {}
    for language in languages:
        if rates.count(language) >= FEWEST:
            spread = rates.quantiles(language)
            first, third = spread["0.25"], spread["0.75"]
            fences[language] = (first - FENCE * (third - first), third + FENCE * (third - first))
    return fences
