"""A text as a row of states: silence that may be, the sounds of a word, silence that may be, ..."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audio.align.corpus.sounds import SILENCE, UNKNOWN, Word
from audio.align.features import Floats, Mask

PARTS = 3
"""States of a sound: how it begins, holds and ends."""
SHORT_COST = 1.0
"""Of leaving out the middle of a sound in fast speech."""
PAUSE_COST = 3.0
"""Of a silence between words, on top of how it sounds."""


@dataclass(frozen=True, slots=True)
class Graph:
    """One entry for each state, in the order said.

    model:     (states,), the number of its mixture
    word:      (states,), -1 for silence
    optional:  (states,), true where it may be passed over
    skip_cost: (states,), what passing over costs; below 0 it is staying that costs
    """

    model: npt.NDArray[np.int64]
    word: npt.NDArray[np.int64]
    optional: Mask
    skip_cost: Floats


def graph_of(words: Sequence[Word], numbers: Mapping[str, int]) -> Graph:
    """The states of a text.

    numbers: of each symbol the number of its model, UNKNOWN's for those that are not in it
    """
    rows: list[tuple[int, int, bool, float]] = []
    silence = PARTS * numbers[SILENCE]
    for number, sounds in enumerate(words):
        rows.append((silence, -1, True, -PAUSE_COST if number else 0.0))
        for symbol in sounds or (UNKNOWN,):
            first = PARTS * numbers.get(symbol, numbers[UNKNOWN])
            rows += [(first + part, number, part == 1, SHORT_COST) for part in range(PARTS)]
    rows.append((silence, -1, True, 0.0))
    model, word, optional, cost = zip(*rows, strict=True)
    return Graph(np.array(model), np.array(word), np.array(optional), np.array(cost, dtype=np.float32))
