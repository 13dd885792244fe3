"""How sure a word's edges are: of words scored 0.9, nine in ten lie within 50 ms of where a person would put them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from audio.align.align import AlignedWord
from audio.align.corpus.model import Path
from audio.align.features import RATE

Evidence = npt.NDArray[np.float64]

# Logistic regression over words of six languages with known times. Left out in turn, each language is scored by the
# others' constants as well as by these: bench/alignment_corpus.py
BIAS = -2.4
WEIGHTS = (-0.9, 0.48, -0.57)
_NEAREST = 0.005  # seconds, half a frame: aligners that agree better than that agree by chance


def word_scores(evidence: Evidence) -> tuple[float, ...]:
    """0 to 1 for each row of evidence.

    >>> word_scores(np.array([[0.0, 3.0, -5.0], [2.0, 0.0, -1.0]]))
    (0.8688, 0.0258)
    """
    chances = 1 / (1 + np.exp(-(BIAS + evidence @ np.array(WEIGHTS))))
    return tuple(round(float(chance), 4) for chance in chances)


def evidence_of(
    path: Path,
    usual: tuple[float, float],
    found: Sequence[tuple[int, int]],
    reference: Sequence[AlignedWord],
) -> Evidence:
    """What is known of each word: (words, 3).

    How much worse its clip fits than usual, in deviations; how much it would cost to move its edges, as a logarithm;
    and how far the reference aligner puts them from `found`, in logarithms of seconds. usual: of the model
    """
    excess = (float(path.gap.mean()) - usual[0]) / max(usual[1], 1e-6)
    apart = [
        max(abs(start - word.start), abs(end - word.end)) / RATE
        for (start, end), word in zip(found, reference, strict=True)
    ]
    return np.stack(
        [np.full(len(apart), excess), np.log1p(path.margin), np.log(_NEAREST + np.array(apart))], axis=1
    )
