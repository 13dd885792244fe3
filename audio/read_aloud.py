"""A text as people hear it: recorded by somebody, or said by a machine; a small Opus file either way.

Both run in a sandbox: one decodes a stranger's file, the other hands a text to a C library.
"""

from pathlib import Path

import numpy as np
import regex
import soxr

from audio.align.espeak import speak
from audio.decode import open_recording
from audio.detect.interface import RATE
from audio.file_results import ReadAloud
from audio.limits import Limits
from audio.mono import Mono16k, Samples
from audio.render import preview_bytes

BITRATE = 20_000
"""Bits a second: a minute and a half is 225 kB, a few seconds on 2G."""
WPM = 130
"""Slower than espeak-ng's natural speed: what is said here is heard for the first time."""
PAUSE_SECONDS = 0.6
"""Between the lines of a text."""
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}\u200c\u200d'’]+")


def machine_reads(text: str, voice: str) -> ReadAloud:
    """The text as espeak-ng says it, line by line. Raises UnknownVoiceError, SynthesisError."""
    pause = np.zeros(round(PAUSE_SECONDS * RATE), dtype=np.float32)
    parts: list[Samples] = []
    for line in text.splitlines():
        if words := _WORD.findall(line):
            said = speak(words, voice, WPM)
            parts += [soxr.resample(said.samples, said.rate, RATE).astype(np.float32), pause]
    return _small(parts)


def person_reads(path: Path, limits: Limits) -> ReadAloud:
    """A recording in whatever form a phone makes. Raises UnusableRecording."""
    with open_recording(path, limits) as recording:
        mono = Mono16k(recording.info.sample_rate, recording.info.channels)
        parts = [mono.feed(block) for block in recording]
        parts.append(mono.finish())
    return _small(parts)


def _small(parts: list[Samples]) -> ReadAloud:
    return ReadAloud(preview_bytes(parts, RATE, BITRATE), sum(len(part) for part in parts) / RATE)
