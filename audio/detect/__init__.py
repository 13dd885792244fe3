"""Where in a recording somebody speaks."""

from audio.detect.engine import open_detector
from audio.detect.interface import RATE, SpeechDetector

__all__ = ["RATE", "SpeechDetector", "open_detector"]
