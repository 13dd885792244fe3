"""Whose voice it is: a recording against the speaker's others, and against everybody else."""

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from audio.voices.embedding import centre, distinct, likeness, unpacked
from audio.voices.values import (
    FEWEST_OWN,
    NOT_THEIRS,
    SURE,
    KnownEmbeddings,
    VoiceComparison,
    reference_weight,
)
from audio.weights import Array

MOST_ALIKE = 3
FALSE_HINTS = 0.05
"""Share of speakers who may be said to sound like somebody they are not."""
FEWEST_BY_CHANCE = 20
REFERENCE = Path(__file__).parent / "resemblyzer" / "common.f2"


def compare(embedding: bytes, known: KnownEmbeddings) -> VoiceComparison:
    """A recording that has just come against what is known. All embeddings are of one model."""
    common, speakers = common_of(known.background), len(known.background)
    voice = distinct(unpacked(embedding), common)
    own = None
    if len(known.own) >= FEWEST_OWN:
        own = likeness(voice, distinct(centre([unpacked(each) for each in known.own]), common))
    alike = _alike(voice, known.others, common, least=SURE.of(speakers=speakers))
    return VoiceComparison(
        likeness=None if own is None else round(own, 3),
        is_other=own is not None and own < NOT_THEIRS.of(speakers=speakers),
        alike=alike,
    )


def own_comparisons(embeddings: Sequence[bytes], background: Sequence[bytes]) -> tuple[VoiceComparison, ...]:
    """Each recording of one speaker against the others that the speaker is said to have made.

    Twice: what is in another voice has no part in what the others are held against the second time.
    """
    if len(embeddings) <= FEWEST_OWN:
        return tuple(VoiceComparison(None, is_other=False, alike=()) for _ in embeddings)
    common = common_of(background)
    voices = np.stack([unpacked(embedding) for embedding in embeddings])
    line = NOT_THEIRS.of(speakers=len(background))
    theirs = np.ones(len(voices), bool)
    for _ in range(2):
        alike = _to_the_others(voices, theirs, common)
        if np.count_nonzero(alike >= line) <= FEWEST_OWN:
            break
        theirs = alike >= line
    return tuple(
        VoiceComparison(round(float(each), 3), is_other=bool(each < line), alike=()) for each in alike
    )


def _to_the_others(voices: Array, theirs: NDArray[np.bool_], common: Array) -> Array:
    """Likeness of each voice (n, 256) to those of `theirs` but for itself."""
    total = voices[theirs].sum(axis=0)
    rest = [total - voice if own else total for voice, own in zip(voices, theirs, strict=True)]
    return np.asarray(
        [
            likeness(distinct(voice, common), distinct(centre([others]), common))
            for voice, others in zip(voices, rest, strict=True)
        ],
        np.float32,
    )


def others_alike(
    speaker: str, of_each: Sequence[tuple[str, bytes]], background: Sequence[bytes]
) -> tuple[tuple[str, float], ...]:
    """Speakers who may be this one under another name, with how like they are. of_each: this one's embeddings too"""
    own = [unpacked(embedding) for each, embedding in of_each if each == speaker]
    if not own:
        return ()
    common = common_of(background)
    others = tuple(each for each in of_each if each[0] != speaker)
    return _alike(distinct(centre(own), common), others, common, least=SURE.of(speakers=len(background)))


def _alike(
    voice: Array, others: Sequence[tuple[str, bytes]], common: Array, *, least: float
) -> tuple[tuple[str, float], ...]:
    """others: of one speaker one after another"""
    found = []
    for speaker, theirs in groupby(others, key=lambda each: each[0]):
        other = distinct(centre([unpacked(each) for _, each in theirs]), common)
        found.append((speaker, round(likeness(voice, other), 3)))
    by_chance = chance_line(np.asarray([each[1] for each in found]), FALSE_HINTS / max(len(found), 1))
    line = max(least, by_chance)
    likely = sorted((each for each in found if each[1] >= line), key=lambda each: (-each[1], each[0]))
    return tuple(likely[:MOST_ALIKE])


def chance_line(likenesses: Array, rate: float) -> float:
    """The likeness that two people reach by chance in a share `rate` of comparisons; -1 where too few tell.

    likenesses: of many pairs, nearly all of two people each; those of one voice hardly move the median
    """
    if len(likenesses) < FEWEST_BY_CHANCE:
        return -1.0
    middle = float(np.median(likenesses))
    deviation = float(np.median(np.abs(likenesses - middle))) / NormalDist().inv_cdf(0.75)
    return middle + deviation * NormalDist().inv_cdf(1 - rate)


def within(pieces: Array) -> float | None:
    """Likeness of the two most different groups of a recording's pieces (n, 256); None where there are fewer than four.

    The pieces are put in order along the direction in which they differ most, and parted where the two sides are least
    alike, each at least two pieces and a tenth of all: one piece alone may be a laugh.
    """
    least = max(2, -(-len(pieces) // 10))
    if len(pieces) < 2 * least:
        return None
    common = _reference()
    apart = np.stack([distinct(piece, common) for piece in pieces])
    direction = np.linalg.svd(apart - apart.mean(axis=0), full_matrices=False)[2][0]
    ordered = apart[np.argsort(apart @ direction, kind="stable")]
    splits = range(least, len(ordered) - least + 1)
    found = min(likeness(centre(ordered[:at]), centre(ordered[at:])) for at in splits)
    return round(found, 3)


def common_of(background: Sequence[bytes]) -> Array:
    """What voices have in common (256,): the mean of a project's speakers, drawn to the reference while few."""
    weight = reference_weight(len(background))
    if not background:
        return _reference()
    own = np.mean(np.stack([unpacked(each) for each in background]), axis=0)
    return np.asarray(weight * _reference() + (1 - weight) * own, np.float32)


@cache
def _reference() -> Array:
    """The mean of many voices of several languages: it tells of nobody (`resemblyzer/README.md`)."""
    return unpacked(REFERENCE.read_bytes())
