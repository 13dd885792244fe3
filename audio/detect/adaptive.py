"""The default detector: Silero's network hears the recording as in a quiet room, and pauses are judged by rhythm."""

from audio.detect.calm import Calm
from audio.detect.interface import RATE, Samples
from audio.detect.levels import Levels
from audio.detect.network import HOP, Array, Ear, SpeechScorer
from audio.detect.states import SpeechStates, StateRules
from audio.interval import Interval

# Chosen on hand-labelled speech by leaving one set out at a time: docs/benchmarks.md, "Sound".
RULES = StateRules(
    hop=HOP,
    enter=-0.35,  # log-odds: a likelihood of 0.41
    leave=-1.0,  # 0.27
    min_silence=RATE * 100 // 1000,
    min_speech=RATE * 250 // 1000,
    before=RATE * 30 // 1000,  # the network notices a beginning 30 ms late
    after=-RATE * 10 // 1000,  # and an end 10 ms
)
LONGEST_PAUSE = RATE * 800 // 1000
PAUSE_SHARE = 0.25


class AdaptiveDetector:
    """More accurate than Silero's own way on every set that we measured, at about the same cost."""

    def __init__(self) -> None:
        self._ear, self._calm, self._opinion = Ear(), Calm(), SpeechScorer()
        self._states = SpeechStates(RULES)
        self._rhythm = Rhythm()
        self._levels = Levels()

    @property
    def settled(self) -> int:
        return self._rhythm.settled(self._states.settled)

    def feed(self, samples: Samples) -> list[Interval]:
        self._levels.feed(samples)
        return [
            interval for batch in self._ear.feed(samples) for interval in self._judge(self._calm.feed(batch))
        ]

    def finish(self) -> list[Interval]:
        self._levels.finish()
        batches = [ready for batch in self._ear.finish() for ready in self._calm.feed(batch)]
        speech = self._judge([*batches, *self._calm.finish()])
        return speech + self._rhythm.join(self._states.finish(self._levels.heard))

    def quietest(self, span: Interval) -> int:
        return self._levels.quietest(span)

    def _judge(self, batches: list[Array]) -> list[Interval]:
        speech = [i for batch in batches for i in self._states.push(self._opinion.of(batch).tolist())]
        return self._rhythm.join(speech)


class Rhythm:
    """A pause that is short beside the speech around it belongs to an utterance; people label it so.

    Between two words said alone, 300 ms are silence; between two halves of a sentence they are breath. A pause
    counts as speech where it is at most a quarter of the shorter speech beside it, and at most 0.8 s.
    """

    def __init__(self) -> None:
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
            if self._end >= 0 and pause <= min(LONGEST_PAUSE, PAUSE_SHARE * beside):
                self._length += interval.end - self._end
                interval = Interval(self._end, interval.end)
            else:
                self._length = interval.length
            self._end = interval.end
            out.append(interval)
        return out
