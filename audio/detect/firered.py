"""FireRed's network as it hears a village recording: cleared of noise, at one level, with every band filled.

The network was taught on wide-band speech at ordinary loudness; through a phone's codec, which leaves nothing above
4 kHz, or on a faint voice, it hears nothing. So before it judges
- steady noise is lowered and the level set (`audio/detect/calm.py`);
- bands that a codec left empty are given what the ten bands below them have.
"""

import numpy as np

from audio.detect.calm import Calm, CalmRules
from audio.detect.firered_network import FireRedScorer, normalised
from audio.detect.interface import RATE, Samples
from audio.detect.mel import BANDS, MelEar
from audio.weights import Array

STRIDE = 3  # rows of 10 ms
HOP = RATE // 100 * STRIDE
CALM = CalmRules(
    bins=BANDS,
    grain=2,
    smooth_time=3,
    deepest_db=3.0,
    voice_db=100.0,  # of the sum over the bands, with samples as 16-bit whole numbers
    unit=1.0,
    most_gain_db=60.0,
)
TOGETHER = 4  # batches that the network hears at once: large products cost less
EMPTY_DB = 50.0  # below the bands that carry most
CARRYING = 40  # bands that count as those
NEIGHBOURS = slice(-12, -2)  # bands that an empty one is like; those at a codec's very edge are half empty


class FireRedScores:
    """How sure the network is of speech, for each 30 ms of what is fed. Log-odds come up to 26 seconds late."""

    def __init__(self) -> None:
        self._ear, self._calm, self._network = MelEar(HOP), Calm(CALM), FireRedScorer(STRIDE)
        self._loudest = np.zeros(BANDS, np.float32)
        self._waiting: list[Array] = []
        self.centre = self._ear.centre

    def feed(self, samples: Samples) -> Array:
        """Log-odds of speech (frames,) that became certain."""
        return self._judge([ready for powers in self._ear.feed(samples) for ready in self._hear(powers)])

    def finish(self) -> Array:
        """Log-odds for the rest."""
        ready = [each for powers in self._ear.finish() for each in self._hear(powers)]
        scores = self._judge([*ready, *self._calm.finish()])
        waiting, self._waiting = self._waiting, []
        return np.concatenate([scores, *map(self._network.feed, waiting), self._network.finish()])

    def _hear(self, powers: Array) -> list[Array]:
        often = np.partition(powers, len(powers) * 95 // 100, axis=0)[len(powers) * 95 // 100]
        self._loudest = np.maximum(self._loudest, often)
        return self._calm.feed(np.sqrt(powers))

    def _judge(self, batches: list[Array]) -> Array:
        scores = [np.zeros(0, np.float32)]
        for batch in batches:
            self._waiting.append(filled(normalised(np.square(batch)), self._loudest))
            if len(self._waiting) == TOGETHER:
                scores.append(self._network.feed(np.concatenate(self._waiting)))
                self._waiting = []
        return np.concatenate(scores)


def filled(rows: Array, loudest: Array) -> Array:
    """Normalised rows (n, 80) with the empty bands at the top filled. loudest: (80,) power, of all that was heard."""
    top = first_empty(loudest)
    if top < BANDS:
        rows[:, top:] = rows[:, top + NEIGHBOURS.start : top + NEIGHBOURS.stop].mean(axis=1, keepdims=True)
    return rows


def first_empty(loudest: Array) -> int:
    """The band from which on nothing is ever heard; 80 where there is none.

    >>> first_empty(np.asarray([1e6] * 60 + [1e-3] * 20, np.float32))
    60
    """
    middle = len(loudest) - CARRYING // 2
    carrying = float(np.sort(loudest)[middle - 1 : middle + 1].mean())  # their median
    full = np.flatnonzero(loudest >= carrying * 10 ** (-EMPTY_DB / 10))
    top = int(full[-1]) + 1 if full.size else BANDS
    return top if top >= CARRYING else BANDS
