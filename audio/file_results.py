"""What one step on one file finds. The fields are public names: they stand in people's scripts. Times are seconds.

Whoever reads these loads nothing that decodes or computes: that is for the child which made them.
"""

from dataclasses import dataclass

from audio.measure.values import Measures
from audio.measure.verdict import Finding


@dataclass(frozen=True, slots=True)
class Span:
    """From start to end, in seconds."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class SegmentedFile:
    """speech: what the detector heard, unpadded; segments: the utterances that would be cut."""

    file: str
    duration: float
    engine: str
    speech: tuple[Span, ...]
    segments: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class MeasuredFile:
    """The figures most asked for, and the codes of all that is wrong, worst first. None: not known."""

    file: str
    codec: str
    sample_rate: int
    channels: int
    duration: float
    snr_db: float | None
    clipped_share: float
    loudness_lufs: float | None
    speech_share: float
    bandwidth_hz: float
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    measures: Measures


@dataclass(frozen=True, slots=True)
class CleanedFile:
    """out: mono 16 kHz, as long as the original."""

    file: str
    out: str
    duration: float
    gain_db: float


@dataclass(frozen=True, slots=True)
class ReadAloud:
    """A text as people hear it (`audio.read_aloud`): Ogg Opus, mono; and how long it lasts."""

    opus: bytes
    seconds: float
