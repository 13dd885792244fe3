"""The recipe's engine by its name."""

from audio.detect.adaptive import AdaptiveDetector
from audio.detect.interface import SpeechDetector
from audio.detect.silero import SileroDetector
from audio.detect.webrtc import WebrtcDetector
from audio.recipe import DetectionRules


def open_detector(rules: DetectionRules) -> SpeechDetector:
    """A fresh detector: one for each recording, because it remembers what it heard."""
    match rules.engine:
        case "webrtc":
            return WebrtcDetector()
        case "silero":
            return SileroDetector()
        case "default":
            return AdaptiveDetector()
