"""What the models of the corpus aligner hear: cepstra with their changes, put on the scale of the corpus."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from librosa.feature import delta, mfcc

from audio.align.features import Floats

CEPSTRA = 13
DIMENSIONS = 3 * CEPSTRA
FEWEST_FRAMES = 5
"""A change is measured over so many; shorter clips can't be heard."""
_DRAWN = 300.0  # frames: a clip of 3 s counts as much for its own scale as the whole corpus does


def hear(mel: Floats) -> Floats:
    """Cepstra, their change, and the change of that: (frames, DIMENSIONS).

    mel: (frames, bands) from mel_db, at least FEWEST_FRAMES. A wider change blurs the edges of words.
    """
    static = mfcc(S=mel.T, n_mfcc=CEPSTRA)
    first = delta(static, width=FEWEST_FRAMES, mode="nearest")
    second = delta(first, width=FEWEST_FRAMES, mode="nearest")
    return np.asarray(np.vstack([static, first, second]).T, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Scale:
    """Mean and variance of each dimension over a corpus. (d,)"""

    mean: Floats
    variance: Floats

    @staticmethod
    def of(clips: Sequence[Floats]) -> "Scale":
        joined = np.concatenate(clips)
        return Scale(joined.mean(axis=0), joined.var(axis=0) + np.float32(1e-3))

    def apply(self, frames: Floats) -> Floats:
        """A clip with mean 0 and variance 1, by its own statistics drawn towards the corpus'.

        One voice on one channel fills a clip; but a clip of one word has no mean worth the name.
        """
        count = len(frames)
        mean = (count * frames.mean(axis=0) + _DRAWN * self.mean) / (count + _DRAWN)
        variance = (count * frames.var(axis=0) + _DRAWN * self.variance) / (count + _DRAWN)
        return np.asarray((frames - mean) / np.sqrt(variance), dtype=np.float32)
