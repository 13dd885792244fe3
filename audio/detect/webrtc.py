"""WebRTC's detector: Gaussian mixtures on six bands, hardly any work, twice the errors."""

import numpy as np
import webrtcvad

from audio.blocks import Blocks
from audio.detect.interface import RATE, Samples
from audio.detect.levels import Levels
from audio.detect.states import SpeechStates, StateRules
from audio.interval import Interval

FRAME = RATE * 30 // 1000
SIDE = 5
AGGRESSIVENESS = 2

# A frame's score is the share of voiced frames within 150 ms on either side. The collector that everybody uses
# (py-webrtcvad's example, 90 % of 300 ms) looks only back, and so ends 270 ms late.
RULES = StateRules(hop=FRAME, enter=0.5, leave=0.5, min_silence=FRAME * 5, min_speech=FRAME * 4)


class WebrtcDetector:
    """webrtcvad's 30 ms decisions, smoothed over 300 ms around each frame."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(AGGRESSIVENESS)
        self._blocks = Blocks(FRAME)
        self._levels = Levels()
        self._states = SpeechStates(RULES)
        self._votes = [0] * SIDE  # the first belongs to the frame SIDE before the next to be scored

    @property
    def settled(self) -> int:
        return self._states.settled

    def feed(self, samples: Samples) -> list[Interval]:
        self._levels.feed(samples)
        self._votes += [self._vote(block) for block in self._blocks.feed(samples)]
        return self._states.push(self._smooth())

    def finish(self) -> list[Interval]:
        self._levels.finish()
        rest = self._blocks.rest()
        if rest.size:
            self._votes.append(self._vote(np.pad(rest, (0, FRAME - rest.size))))
        self._votes += [0] * SIDE
        spoken = self._states.push(self._smooth())
        return spoken + self._states.finish(self._levels.heard)

    def quietest(self, span: Interval) -> int:
        return self._levels.quietest(span)

    def _smooth(self) -> list[float]:
        width = 2 * SIDE + 1
        ready = len(self._votes) - width + 1
        if ready <= 0:
            return []
        scores = np.convolve(self._votes, np.ones(width) / width, mode="valid").tolist()
        del self._votes[:ready]
        return scores

    def _vote(self, frame: Samples) -> int:
        pcm = np.clip(np.rint(frame * 32768.0), -32768, 32767).astype("<i2")
        return int(self._vad.is_speech(pcm.tobytes(), RATE))
