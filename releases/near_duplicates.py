"""The same sound under two names: clips of different speakers that are copies of each other, by fingerprint.

A session that was joined from others' clips, or sent in again under another pseudonym, would put one sound into train
and test. The fingerprints that ingest keeps of whole recordings are cut to the clips; clips that share a few of their
words are looked at closely. No sound is read.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.fingerprint import HOP, RATE, Fingerprint, is_near_duplicate, landmarks, likeness
from catalog.tables import Recording, RecordingFingerprint
from releases.rows import Row
from releases.scratch_arrays import ScratchArrays

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


@dataclass(frozen=True, slots=True)
class Compared:
    """pairs: each once, the smaller id first; clips: how many have a fingerprint, and so were compared"""

    pairs: tuple[ClipPair, ...]
    clips: int


Prints = Callable[[Sequence[str]], Iterator[tuple[str, Fingerprint]]]
"""Recordings to those of them that have a fingerprint, each with it."""
_LANDMARK = np.dtype([("word", "<u4"), ("owner", "<u4"), ("speaker", "<u4")])
_PAIR = np.dtype("<u8")


def near_duplicates(session: Session, project_id: str, rows: Sequence[Row]) -> Compared:
    """Every pair of clips of different speakers that are copies. Recordings without a fingerprint are not compared."""
    of_project = (
        select(RecordingFingerprint.recording_id)
        .join(Recording, Recording.id == RecordingFingerprint.recording_id)
        .where(Recording.project_id == project_id)
    )
    if session.scalars(of_project.limit(1)).first() is None:
        return Compared((), 0)
    return alike(rows, lambda recordings: _prints(session, project_id, recordings))


def alike(rows: Sequence[Row], prints_of: Prints) -> Compared:
    """The same, wherever the fingerprints come from; those of a few recordings are held at a time."""
    found: list[ClipPair] = []
    with ScratchArrays(_LANDMARK) as marks, ScratchArrays(_PAIR) as shared:
        clips = _gather(rows, prints_of, marks)
        for some in marks.each():
            for pairs in _neighbours(some):
                shared.add(pairs, pairs)
        for keys in shared.each():
            pairs, counts = np.unique(keys, return_counts=True)
            likely = pairs[counts >= SHARED_WORDS]
            for start in range(0, len(likely), AT_A_TIME):
                found += _looked_at(rows, prints_of, likely[start : start + AT_A_TIME])
    return Compared(tuple(sorted(found)), clips)


def _gather(rows: Sequence[Row], prints_of: Prints, marks: ScratchArrays) -> int:
    """The landmarks of every clip that has a fingerprint. Returns how many have one."""
    speakers: dict[str, int] = {}
    clips = 0
    for start in range(0, len(rows), AT_A_TIME):
        by_recording: dict[str, list[tuple[int, Row]]] = defaultdict(list)
        for owner, row in enumerate(rows[start : start + AT_A_TIME], start):
            by_recording[row.recording].append((owner, row))
        for recording, whole in prints_of(sorted(by_recording)):
            for owner, row in by_recording[recording]:
                words = np.array(landmarks(clip_print(row, whole)), np.uint32)
                found = np.empty(len(words), _LANDMARK)
                found["word"], found["owner"] = words, owner
                found["speaker"] = speakers.setdefault(row.speaker, len(speakers))
                marks.add(words, found)
                clips += 1
    return clips


def _neighbours(marks: NDArray[np.void]) -> Iterator[NDArray[np.uint64]]:
    """Pairs of clips of different speakers with a landmark in common, each as one number."""
    marks = marks[np.lexsort((marks["owner"], marks["word"]))]
    for step in range(1, min(NEIGHBOURS, len(marks) - 1) + 1):
        one, other = marks[:-step], marks[step:]
        apart = (one["word"] == other["word"]) & (one["speaker"] != other["speaker"])
        yield one["owner"][apart].astype(np.uint64) << np.uint64(32) | other["owner"][apart]


def _looked_at(rows: Sequence[Row], prints_of: Prints, pairs: NDArray[np.uint64]) -> Iterator[ClipPair]:
    """Those of the pairs that are copies."""
    owners = [(int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in pairs]
    clips = {owner: rows[owner] for owner in sorted({owner for pair in owners for owner in pair})}
    prints = dict(prints_of(sorted({row.recording for row in clips.values()})))
    for one, other in owners:
        first, second = sorted((clips[one], clips[other]), key=lambda row: row.id)
        closely = likeness(
            clip_print(first, prints[first.recording]), clip_print(second, prints[second.recording])
        )
        if closely is not None and is_near_duplicate(closely):
            yield ClipPair(first.id, second.id, round(closely.shared_seconds, 3), round(closely.bit_error, 4))


def clip_print(row: Row, whole: Fingerprint) -> Fingerprint:
    """The stretch of a recording's fingerprint that lies in a clip."""
    first = round(row.start / row.original_rate * RATE / HOP)
    last = round(row.end / row.original_rate * RATE / HOP)
    return Fingerprint(whole.words[4 * first : 4 * last], whole.levels[first:last])


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
