"""Words to the samples in which they are said, by the models that a language's own clips taught."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audio.align.align import AlignedWord, AlignmentError, align_words
from audio.align.corpus.fit import worst_stretch
from audio.align.corpus.frames import FEWEST_FRAMES, hear
from audio.align.corpus.model import CorpusModel, Path
from audio.align.corpus.score import Evidence, evidence_of, word_scores
from audio.align.corpus.sounds import words_as_sounds
from audio.align.corpus.viterbi import NoWayError
from audio.align.features import HOP, RATE, Floats, mel_db
from audio.align.words import is_spoken

_EARLIER = HOP // 2
"""Between two words models change half a frame late: what changes the sound is inside the window before it is heard."""
_SAME_EDGE = round(0.08 * RATE)
"""The reference aligner sees better where sound begins and ends; further away than this it has seen something else."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Samples [start, end) whose sound is not what the words there say. words: the first and the last of them"""

    start: int
    end: int
    words: tuple[int, int]


@dataclass(frozen=True, slots=True)
class CorpusAlignment:
    """The words in time, the evidence behind their scores, and where the text is not what is said."""

    words: tuple[AlignedWord, ...]
    evidence: Evidence
    misfit: Misfit | None


def align_by_model(samples: Floats, words: Sequence[str], model: CorpusModel) -> CorpusAlignment:
    """Find when each word is said, as `align_words` does, which see; its findings are the second opinion.

    Raises AlignmentError, also where the words need more time than the clip has.
    """
    reference = align_words(samples, words, model.voice)
    if not reference:
        return CorpusAlignment((), np.empty((0, 0)), None)
    spoken = [word for word in words if is_spoken(word)]
    mel = mel_db(samples)
    if len(mel) < FEWEST_FRAMES:
        raise AlignmentError(f"models align clips of {FEWEST_FRAMES} frames and more, given: {len(mel)}.")
    try:
        path = model.path(words_as_sounds(spoken, model.voice), hear(mel))
    except NoWayError:
        raise AlignmentError(
            f"{len(spoken)} words can't be said in {len(mel)} frames of 10 ms. Is this the text of another clip?"
        ) from None
    found = edges(path.spans(), reference, len(samples))
    evidence = evidence_of(path, model.usual, found, reference)
    aligned = tuple(
        AlignedWord(word, start, end, score)
        for word, (start, end), score in zip(spoken, found, word_scores(evidence), strict=True)
    )
    return CorpusAlignment(aligned, evidence, _misfit(path, model, len(samples)))


def edges(
    spans: npt.NDArray[np.int64], reference: Sequence[AlignedWord], length: int
) -> list[tuple[int, int]]:
    """Frames to samples: between two words half a frame earlier, at both ends half-way to the reference aligner's.

    >>> edges(np.array([[10, 20], [20, 31]]), [AlignedWord("", 1600, 0, 1), AlignedWord("", 0, 9000, 1)], 10000)
    [(1560, 3040), (3040, 4880)]
    """
    last = len(spans) - 1
    found = []
    for number, (first, after) in enumerate(spans.tolist()):
        start, end = first * HOP - HOP // 2, after * HOP - HOP // 2
        start = start - _EARLIER if number else _outer(start, reference[0].start)
        end = end - _EARLIER if number < last else _outer(end, reference[-1].end)
        found.append((max(0, start), min(length, max(end, start + 1))))
    return found


def _outer(found: int, reference: int) -> int:
    return (found + reference) // 2 if abs(found - reference) <= _SAME_EDGE else found


def _misfit(path: Path, model: CorpusModel, length: int) -> Misfit | None:
    worst = worst_stretch(path.gap, model.usual)
    if worst.excess <= model.alarm:
        return None
    inside = np.flatnonzero((path.spans()[:, 0] < worst.end) & (path.spans()[:, 1] > worst.start))
    if not len(inside):  # all silence by the text: what is said there is missing from it, after this word
        after = max(0, int(np.searchsorted(path.spans()[:, 1], worst.start, side="right")) - 1)
        inside = np.array([after])
    return Misfit(worst.start * HOP, min(length, worst.end * HOP), (int(inside[0]), int(inside[-1])))
