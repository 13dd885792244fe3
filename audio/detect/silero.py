"""Silero v6 with its own post-processing: what most of the field uses today."""

from math import log

from audio.detect.interface import RATE, Samples
from audio.detect.levels import Levels
from audio.detect.network import HOP, SileroScores
from audio.detect.states import SpeechStates, StateRules
from audio.interval import Interval

# silero-vad 6, utils_vad.get_speech_timestamps: its defaults
RULES = StateRules(
    hop=HOP,
    enter=0.0,  # log-odds of 0.5
    leave=log(0.35 / 0.65),
    min_silence=RATE * 100 // 1000,
    min_speech=RATE * 250 // 1000,
    before=RATE * 30 // 1000,
    after=RATE * 30 // 1000,
)


class SileroDetector:
    """The network's opinion each 32 ms, hysteresis, gaps under 100 ms closed, speech under 250 ms dropped."""

    def __init__(self) -> None:
        self._scores = SileroScores()
        self._states = SpeechStates(RULES)
        self._levels = Levels()

    @property
    def settled(self) -> int:
        return self._states.settled

    def feed(self, samples: Samples) -> list[Interval]:
        self._levels.feed(samples)
        return self._states.push(self._scores.feed(samples).tolist())

    def finish(self) -> list[Interval]:
        self._levels.finish()
        spoken = self._states.push(self._scores.finish().tolist())
        return spoken + self._states.finish(self._levels.heard)

    def quietest(self, span: Interval) -> int:
        return self._levels.quietest(span)
