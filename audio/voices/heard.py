"""A recording's voice embedding, as it is heard: in constant memory and at bounded cost."""

import numpy as np

from audio.blocks import Blocks
from audio.detect.interface import RATE, Samples
from audio.interval import Interval
from audio.listen import Past
from audio.voices.compare import within
from audio.voices.embedding import HOP, PART, embed_parts, packed
from audio.voices.values import MODEL, HeardVoice
from audio.weights import Array

LENGTH = PART * HOP
MOST_PARTS = 16
AT_ONCE = 8


class VoiceMeter:
    """Push-style: 16 kHz sound with the speech found in it.

    Of the speech, one piece of 1.6 s after another is heard; once there are 16, every other one is let go, and of what
    follows only every second is heard, and so on: an hour costs little more than a minute.
    """

    def __init__(self) -> None:
        self._past = Past()
        self._speech = Blocks(LENGTH)
        self._last: Samples = np.zeros(0, np.float32)
        self._spoken = self._pieces = 0
        self._step = 1
        self._waiting: list[Samples] = []
        self._kept: list[Array] = []

    def feed(self, samples: Samples, speech: tuple[Interval, ...], settled: int) -> None:
        """samples: the next ones; speech: newly final; settled: nothing before this sample is asked for again"""
        self._past.add(samples)
        for interval in speech:
            self._hear(self._past.cut(interval))
        self._past.forget(settled)

    def finish(self) -> HeardVoice | None:
        """None where there is less than 1.6 s of speech: from that nobody knows a voice."""
        rest = self._speech.rest()
        if self._pieces and self._step == 1 and len(rest) >= LENGTH // 2:
            self._waiting.append(np.concatenate([self._last, rest])[-LENGTH:])
        self._settle()
        if not self._kept:
            return None
        mean = np.mean(np.stack(self._kept), axis=0)
        return HeardVoice(packed(mean), MODEL, self._spoken / RATE, within(np.stack(self._kept)))

    def _hear(self, speech: Samples) -> None:
        self._spoken += len(speech)
        for piece in self._speech.whole(speech).reshape(-1, LENGTH):
            if self._pieces % self._step == 0:
                self._waiting.append(piece)
            self._pieces += 1
            self._last = piece
            if len(self._waiting) == AT_ONCE:
                self._settle()

    def _settle(self) -> None:
        if self._waiting:
            self._kept += list(embed_parts(np.stack(self._waiting)))
            self._waiting = []
        if len(self._kept) >= MOST_PARTS:
            self._kept = self._kept[::2]
            self._step *= 2
