"""The default detector: two networks hear the recording as in a quiet room, and pauses are judged by rhythm."""

import numpy as np

from audio.detect.calm import Calm
from audio.detect.firered import HOP as FIRERED_HOP
from audio.detect.firered import FireRedScores
from audio.detect.fusion import HOP, Fusion, OpinionTrack
from audio.detect.interface import RATE, Samples
from audio.detect.levels import Levels
from audio.detect.network import HOP as SILERO_HOP
from audio.detect.network import Ear, SpeechScorer
from audio.detect.states import SpeechStates, StateRules
from audio.interval import Interval
from audio.weights import Array

# Chosen by leaving one set out at a time, and one convention of pauses: docs/benchmarks.md, "Speech detection".
SILERO_WEIGHT = 0.7  # FireRed's network has the rest
RULES = StateRules(
    hop=HOP,
    enter=-0.75,  # log-odds: a likelihood of 0.32
    leave=-1.25,  # 0.22
    min_silence=RATE * 120 // 1000,
    min_speech=RATE * 100 // 1000,
    before=RATE * 30 // 1000,
    after=-RATE * 50 // 1000,
)
LONGEST_PAUSE = RATE * 800 // 1000
PAUSE_SHARE = 0.2


class AdaptiveDetector:
    """More accurate than Silero's own way on every set that we measured, at about twice the cost."""

    def __init__(self) -> None:
        self._ear, self._calm, self._opinion = Ear(), Calm(), SpeechScorer()
        self._firered = FireRedScores()
        self._fusion = Fusion(
            OpinionTrack(hop=SILERO_HOP, centre=SILERO_HOP // 2),
            OpinionTrack(hop=FIRERED_HOP, centre=self._firered.centre),
            weight=SILERO_WEIGHT,
        )
        self._states = SpeechStates(RULES)
        self._rhythm = Rhythm()
        self._levels = Levels()

    @property
    def settled(self) -> int:
        return self._rhythm.settled(self._states.settled)

    def feed(self, samples: Samples) -> list[Interval]:
        self._levels.feed(samples)
        calm = [ready for batch in self._ear.feed(samples) for ready in self._calm.feed(batch)]
        return self._judge(self._fusion.feed(self._silero(calm), self._firered.feed(samples)))

    def finish(self) -> list[Interval]:
        self._levels.finish()
        calm = [ready for batch in self._ear.finish() for ready in self._calm.feed(batch)]
        opinions = self._fusion.feed(self._silero([*calm, *self._calm.finish()]), self._firered.finish())
        speech = self._judge([*opinions, *self._fusion.finish(self._levels.heard)])
        return speech + self._rhythm.join(self._states.finish(self._levels.heard))

    def _silero(self, batches: list[Array]) -> Array:
        return np.concatenate([np.zeros(0, np.float32), *map(self._opinion.of, batches)])

    def _judge(self, opinions: list[float]) -> list[Interval]:
        return self._rhythm.join(self._states.push(opinions))

    def quietest(self, span: Interval) -> int:
        return self._levels.quietest(span)


class Rhythm:
    """A pause that is short beside the speech around it belongs to an utterance; people label it so.

    Between two words said alone, 300 ms are silence; between two halves of a sentence they are breath. A pause
    counts as speech where it is at most a fifth of the shorter speech beside it, and at most 0.8 s.
    """

    def __init__(self, share: float = PAUSE_SHARE) -> None:
        self._share = share
        self._end = -1  # of the last speech
        self._length = 0  # of the last speech, with the pauses in it

    def settled(self, settled: int) -> int:
        """What is settled, given how far it was before pauses are judged."""
        return min(settled, self._end) if self._end >= 0 and settled - self._end <= LONGEST_PAUSE else settled

    def join(self, speech: list[Interval]) -> list[Interval]:
        """The same speech; what belongs to the one before begins where that ended."""
        out = []
        for interval in speech:
            pause = interval.start - self._end
            beside = min(self._length, interval.length)
            if self._end >= 0 and pause <= min(LONGEST_PAUSE, self._share * beside):
                self._length += interval.end - self._end
                interval = Interval(self._end, interval.end)
            else:
                self._length = interval.length
            self._end = interval.end
            out.append(interval)
        return out
