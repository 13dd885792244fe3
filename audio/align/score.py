"""How well each word's sound matches its reference: a number a person's attention can be sorted by."""

import numpy as np
import numpy.typing as npt

from audio.align.columns import Columns
from audio.align.features import Floats

_COMPARED = 400  # columns at most that a frame is compared with to know what chance would give
_CLIP_FRAMES = (
    30.0  # a word is also judged by its clip, as by so many frames more: ten frames alone are mostly luck
)
# Logistic regression of right texts against wrong ones of like length: bench/alignment.py
_NEARNESS, _HOLDING, _BIAS = 7.9, -12.2, -5.2


def word_scores(audio: Floats, columns: Columns, path: npt.NDArray[np.int64]) -> tuple[float, ...]:
    """0 to 1 for each word; 0 for one that the voice can't read.

    Judged by two things. Nearness: how many deviations nearer than chance a frame is to the column that it was given,
    measured on the reference as the voice said it, for one bent to the speaker is bent to wrong words too.
    Holding: the share of frames that hold the column before, since wrong words have to be stretched.
    """
    word = columns.word[path]
    said = word >= 0
    spoken = columns.features[columns.word >= 0]
    some = spoken[:: max(1, len(spoken) // _COMPARED)]
    frames = audio[said]
    found = np.linalg.norm(frames - columns.features[path[said]], axis=1)
    squared = (frames**2).sum(axis=1)[:, None] + (some**2).sum(axis=1)[None] - 2 * frames @ some.T
    chance = np.sqrt(np.maximum(squared, 0))
    nearness = (chance.mean(axis=1) - found) / (chance.std(axis=1) + 1e-6)
    held = (np.diff(path, prepend=-1) == 0)[said].astype(np.float64)
    count = len(columns.readable)
    own = np.bincount(word[said], minlength=count)
    evidence = (
        _BIAS + _NEARNESS * _by_word(nearness, word[said], own) + _HOLDING * _by_word(held, word[said], own)
    )
    scores = np.where(columns.readable, 1 / (1 + np.exp(-evidence)), 0.0)
    return tuple(round(float(score), 4) for score in scores)


def _by_word(
    values: npt.NDArray[np.floating], word: npt.NDArray[np.int64], own: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """The mean over each word's frames and over _CLIP_FRAMES frames of the clip's mean."""
    summed = np.bincount(word, weights=values, minlength=len(own))
    return np.asarray((summed + _CLIP_FRAMES * values.mean()) / (own + _CLIP_FRAMES))
