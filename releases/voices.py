"""One voice under two pseudonyms, by embeddings: such speakers go into one split; who did not is in the leak report.

Embeddings are read for this alone; nothing that is published holds one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.voices.compare import chance_line, common_of
from audio.voices.embedding import centre, distinct, unpacked
from audio.voices.values import LIKELY, MODEL, SURE
from audio.weights import Array
from catalog.scratch_database import ScratchSet
from catalog.tables import Recording, VoiceEmbedding
from catalog.voices import MOST_BACKGROUND, of_each_speaker
from releases.leaks import VoicePair
from releases.rows import Row

OF_EACH = 10
"""Recordings that a speaker's voice is known by, those with most speech."""
MOST_SPEAKERS = 20_000
AT_ONCE = 1_000
FALSE_LIKELY = 0.05
"""Of pairs of two people, those who may be one by chance: they cost nothing but a split that both share, or a line."""
MOST_LIKELY = 40
"""Of one speaker, others who may be the same by chance: of thousands, two must be more alike to be named."""
FALSE_SURE = 0.01
"""Of speakers, those who are taken for another by chance: their clips may be held back."""


@dataclass(frozen=True, slots=True)
class AlikeSpeakers:
    """Two speakers, by id, who may be one. is_sure: like enough that they are taken for one"""

    first: str
    second: str
    likeness: float
    is_sure: bool


@dataclass(frozen=True, slots=True)
class KnownVoices:
    """speakers: whose voice is known; pairs: of them, the most alike first; other: recordings in another voice

    compared: recordings that were held against their speaker's others
    """

    speakers: int = 0
    pairs: tuple[AlikeSpeakers, ...] = ()
    compared: ScratchSet = field(default_factory=ScratchSet)
    other: frozenset[str] = frozenset()


def known_voices(session: Session, project_id: str) -> KnownVoices:
    """All that a project's embeddings say of who is who."""
    kept = of_each_speaker(session, project_id, model=MODEL, most=OF_EACH, speakers=MOST_SPEAKERS)
    compared = (
        select(Recording.id)
        .join(VoiceEmbedding, VoiceEmbedding.upload_id == Recording.upload_id)
        .where(Recording.project_id == project_id, VoiceEmbedding.likeness.is_not(None))
        .execution_options(yield_per=AT_ONCE)
    )
    by_speaker = {
        speaker: [embedding for _, embedding in theirs]
        for speaker, theirs in groupby(kept, key=lambda each: each[0])
    }
    return KnownVoices(
        speakers=len(by_speaker),
        pairs=alike_speakers(by_speaker),
        compared=ScratchSet(session.scalars(compared)),
        other=frozenset(session.scalars(compared.where(VoiceEmbedding.is_other))),
    )


def alike_speakers(by_speaker: Mapping[str, Sequence[bytes]]) -> tuple[AlikeSpeakers, ...]:
    """Every pair that may be one voice, each once, the most alike first. by_speaker: packed embeddings of one model"""
    if len(by_speaker) < 2:
        return ()
    names = sorted(by_speaker)
    background = [by_speaker[name][0] for name in names][:MOST_BACKGROUND]
    common = common_of(background)
    voices = np.stack(
        [distinct(centre([unpacked(each) for each in by_speaker[name]]), common) for name in names]
    )
    likely, sure = (each.of(speakers=len(background)) for each in (LIKELY, SURE))
    some = (voices[:AT_ONCE] @ voices[:AT_ONCE].T)[np.triu_indices(min(len(voices), AT_ONCE), 1)]
    likely = max(likely, chance_line(some, min(FALSE_LIKELY, MOST_LIKELY / len(voices))))
    sure = max(likely, sure, chance_line(some, 2 * FALSE_SURE / len(voices)))
    found = [
        AlikeSpeakers(names[one], names[other], round(likeness, 3), is_sure=likeness >= sure)
        for one, other, likeness in _pairs_over(voices, likely)
    ]
    return tuple(sorted(found, key=lambda pair: (-pair.likeness, pair.first, pair.second)))


def together(pairs: Sequence[AlikeSpeakers]) -> Mapping[str, frozenset[str]]:
    """By speaker, everybody who may be the same person: all of a group are alike with one another, not by a chain.

    pairs: the most alike first. One pair in twenty is wrong, so chains would soon bind everybody.

    >>> likely = [AlikeSpeakers("a", "b", 0.9, True), AlikeSpeakers("b", "c", 0.5, False)]
    >>> together(likely)["b"] == frozenset("ab") and "c" not in together(likely)
    True
    """
    alike = {frozenset((pair.first, pair.second)) for pair in pairs}
    groups: dict[str, frozenset[str]] = {}
    for pair in pairs:
        one = groups.get(pair.first, frozenset((pair.first,)))
        other = groups.get(pair.second, frozenset((pair.second,)))
        if one != other and all(frozenset((a, b)) in alike for a in one for b in other):
            groups.update(dict.fromkeys(one | other, one | other))
    return groups


def clip_pairs(
    pairs: Sequence[AlikeSpeakers], rows: Iterable[Row]
) -> tuple[tuple[VoicePair, ...], tuple[VoicePair, ...]]:
    """(sure, likely) pairs of speakers as pairs of clips: the first of each of those who speak alone.

    Sure are those whose whole group is alike with one another; what only a chain binds is likely.
    """
    if not pairs:
        return (), ()
    groups = together([pair for pair in pairs if pair.is_sure])
    first: dict[str, Row] = {}
    for row in rows:
        if len(row.voices) == 1:
            (voice,) = row.voices
            if voice not in first or (row.accepted_on, row.id) < (first[voice].accepted_on, first[voice].id):
                first[voice] = row
    found: dict[bool, list[VoicePair]] = defaultdict(list)
    for pair in pairs:
        if pair.first in first and pair.second in first:
            found[pair.second in groups.get(pair.first, ())].append(
                VoicePair(first[pair.first].id, first[pair.second].id, pair.likeness)
            )
    return tuple(found[True]), tuple(found[False])


def _pairs_over(voices: Array, least: float) -> list[tuple[int, int, float]]:
    """voices: (n, 256), each of length 1. A block of rows at a time, so that memory follows n."""
    found = []
    for start in range(0, len(voices), AT_ONCE):
        likeness = voices[start : start + AT_ONCE] @ voices.T
        for one, other in np.argwhere(likeness >= least).tolist():
            if start + one < other:
                found.append((start + one, other, float(likeness[one, other])))
    return found
