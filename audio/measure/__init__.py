"""What a recording is worth: measures first, and apart from them the verdict that a recipe's thresholds give."""

from audio.measure.source import SourceInfo, SourceMeter
from audio.measure.speech import SpeechMeter
from audio.measure.values import FileMeasures, Measures, SourceMeasures, SpeechMeasures
from audio.measure.verdict import Finding, verdict

__all__ = [
    "FileMeasures",
    "Finding",
    "Measures",
    "SourceInfo",
    "SourceMeasures",
    "SourceMeter",
    "SpeechMeasures",
    "SpeechMeter",
    "verdict",
]
