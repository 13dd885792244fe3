"""The same sound under two names: clips of different speakers that are copies of each other, by fingerprint.

A session that was joined from others' clips, or sent in again under another pseudonym, would put one sound into train
and test. The fingerprints that ingest keeps of whole recordings are cut to the clips; clips that share a few of their
words are looked at closely. No sound is read.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.fingerprint import HOP, RATE, Fingerprint, is_near_duplicate, landmarks, likeness
from catalog.tables import Recording, RecordingFingerprint
from releases.rows import Row

SHARED_WORDS = 2
"""Landmarks that two clips have in common before they are compared: one alone is chance."""
NEIGHBOURS = 16
"""Clips with the same landmark that are looked at, from each of them: a word that is everywhere tells nothing."""
AT_A_TIME = 200


@dataclass(frozen=True, slots=True, order=True)
class ClipPair:
    """Two clips of different speakers with the same sound. bit_error: share of fingerprint bits that differ"""

    clip: str
    like: str
    shared_seconds: float
    bit_error: float


Prints = Callable[[Sequence[str]], Iterator[tuple[str, Fingerprint]]]
"""Recordings to those of them that have a fingerprint, each with it."""


def near_duplicates(session: Session, project_id: str, rows: Sequence[Row]) -> tuple[ClipPair, ...]:
    """Every pair, each once, the smaller id first. Recordings without a fingerprint are not compared."""
    return alike(rows, lambda recordings: _prints(session, project_id, recordings))


def alike(rows: Sequence[Row], prints_of: Prints) -> tuple[ClipPair, ...]:
    """The same, wherever the fingerprints come from; those of a few recordings are held at a time."""
    by_recording: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        by_recording[row.recording].append(index)
    words: list[NDArray[np.uint32]] = []
    owners: list[NDArray[np.int64]] = []
    for recording, whole in prints_of(sorted(by_recording)):
        for index in by_recording[recording]:
            marks = np.array(landmarks(clip_print(rows[index], whole)), np.uint32)
            words.append(marks)
            owners.append(np.full(len(marks), index))
    if not words:
        return ()
    candidates = _candidates(np.concatenate(words), np.concatenate(owners), rows)
    prints = dict(prints_of(sorted({rows[index].recording for pair in candidates for index in pair})))
    found = []
    for one, other in candidates:
        first, second = sorted((rows[one], rows[other]), key=lambda row: row.id)
        closely = likeness(
            clip_print(first, prints[first.recording]), clip_print(second, prints[second.recording])
        )
        if closely is not None and is_near_duplicate(closely):
            pair = ClipPair(
                first.id, second.id, round(closely.shared_seconds, 3), round(closely.bit_error, 4)
            )
            found.append(pair)
    return tuple(sorted(found))


def clip_print(row: Row, whole: Fingerprint) -> Fingerprint:
    """The stretch of a recording's fingerprint that lies in a clip."""
    first = round(row.start / row.original_rate * RATE / HOP)
    last = round(row.end / row.original_rate * RATE / HOP)
    return Fingerprint(whole.words[4 * first : 4 * last], whole.levels[first:last])


def _candidates(
    words: NDArray[np.uint32], owners: NDArray[np.int64], rows: Sequence[Row]
) -> list[tuple[int, int]]:
    """Pairs of clips of different speakers with enough landmarks in common."""
    order = np.lexsort((owners, words))
    words, owners = words[order], owners[order]
    names: Mapping[str, int] = {
        name: number for number, name in enumerate(sorted({row.speaker for row in rows}))
    }
    speakers = np.array([names[row.speaker] for row in rows])
    shared: Counter[tuple[int, int]] = Counter()
    for step in range(1, min(NEIGHBOURS, len(words) - 1) + 1):
        same = words[:-step] == words[step:]
        one, other = owners[:-step][same], owners[step:][same]
        apart = speakers[one] != speakers[other]
        shared.update(zip(one[apart].tolist(), other[apart].tolist(), strict=True))
    return sorted(pair for pair, count in shared.items() if count >= SHARED_WORDS)


def _prints(
    session: Session, project_id: str, recordings: Sequence[str]
) -> Iterator[tuple[str, Fingerprint]]:
    for start in range(0, len(recordings), AT_A_TIME):
        found = session.execute(
            select(RecordingFingerprint.recording_id, RecordingFingerprint.words, RecordingFingerprint.levels)
            .join(Recording, Recording.id == RecordingFingerprint.recording_id)
            .where(
                Recording.project_id == project_id,
                RecordingFingerprint.recording_id.in_(recordings[start : start + AT_A_TIME]),
            )
            .order_by(RecordingFingerprint.recording_id)
        )
        for recording, words, levels in found:
            yield recording, Fingerprint(words, levels)
