"""When each word of a text is said, found by comparison with espeak-ng's reading of it."""

from audio.align.align import AlignedWord, align_words
from audio.align.columns import AlignmentError
from audio.align.espeak import SynthesisError, UnknownVoiceError, voices
from audio.align.languages import NEAREST, Nearest, NoVoiceError, nearest_voice
from audio.align.words import split_words

__all__ = [
    "NEAREST",
    "AlignedWord",
    "AlignmentError",
    "Nearest",
    "NoVoiceError",
    "SynthesisError",
    "UnknownVoiceError",
    "align_words",
    "nearest_voice",
    "split_words",
    "voices",
]
