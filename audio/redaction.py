"""Sound made unhearable: spans replaced by a soft tone of the same length, or everything but one span left out."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import soundfile
from numpy.typing import NDArray

from audio.detect.interface import RATE
from audio.peaks import PeakMeter
from audio.render import flac_bytes, preview_bytes

Samples = NDArray[np.float32]  # mono, (n,), full scale is 1.0

TONE_HZ = 440.0
TONE_LEVEL = 0.03
"""-30 dBFS: heard as a mark, startles nobody, well below speech."""
FADE_SECONDS = 0.005
"""A step in the sound would click; the fade lies inside the span, so nothing of what is hidden is left."""
MilliSpan = tuple[int, int]
"""Start and end in milliseconds."""


@dataclass(frozen=True, slots=True)
class MendedRenditions:
    """What a clip's files become. seconds: length of the cut"""

    cut: bytes
    clean: bytes
    preview: bytes
    peaks: bytes
    seconds: float

    @property
    def cut_sha256(self) -> str:
        return hashlib.sha256(self.cut).hexdigest()

    @property
    def clean_sha256(self) -> str:
        return hashlib.sha256(self.clean).hexdigest()


def bleeped(samples: Samples, rate: int, spans: Iterable[MilliSpan]) -> Samples:
    """A copy in which no sample of the spans is left; of the same length.

    >>> quiet = bleeped(np.ones(16_000, dtype=np.float32), 16_000, [(250, 500)])
    >>> float(abs(quiet[4000:8000]).max()) <= TONE_LEVEL, float(quiet[3999]), float(quiet[8000])
    (True, 1.0, 1.0)
    """
    changed = samples.copy()
    for start, end in spans:
        first, last = _at(start, rate), min(_at(end, rate), len(samples))
        if first < last:
            changed[first:last] = _tone(last - first, rate)
    return changed


def trimmed(samples: Samples, rate: int, kept: MilliSpan) -> Samples:
    """What lies in the span, and nothing else."""
    return samples[_at(kept[0], rate) : _at(kept[1], rate)].copy()


def mended_renditions(
    cut: bytes, clean: bytes, spans: Sequence[MilliSpan], *, keep: bool, bitrate: int, peaks_per_second: int
) -> MendedRenditions:
    """Every rendition of a clip made anew from the two that have all its sound. The same arguments, the same bytes.

    cut, clean: FLAC files of ours, never a stranger's
    keep:       leave everything out but the one span; else make the spans unhearable
    bitrate:    of the preview, bits a second
    Raises soundfile.LibsndfileError.
    """
    fine, fine_rate = _mended(cut, spans, keep)
    heard, heard_rate = _mended(clean, spans, keep)
    if heard_rate != RATE:
        raise ValueError(f"a cleaned rendition has {RATE} samples a second, given {heard_rate}")
    meter = PeakMeter(RATE, peaks_per_second)
    meter.feed(heard)
    return MendedRenditions(
        cut=flac_bytes(fine, fine_rate),
        clean=flac_bytes(heard, RATE),
        preview=preview_bytes([heard], RATE, bitrate),
        peaks=meter.finish().to_json().encode(),
        seconds=len(fine) / fine_rate,
    )


def _mended(file: bytes, spans: Sequence[MilliSpan], keep: bool) -> tuple[Samples, int]:
    samples, rate = soundfile.read(io.BytesIO(file), dtype="float32")
    if keep:
        return trimmed(samples, rate, spans[0]), rate
    return bleeped(samples, rate, spans), rate


def _tone(length: int, rate: int) -> Samples:
    time = np.arange(length) / rate
    fade = max(1, min(round(FADE_SECONDS * rate), length // 2))
    ramp = np.minimum(1.0, np.minimum(np.arange(length), np.arange(length)[::-1]) / fade)
    tone: Samples = (TONE_LEVEL * ramp * np.sin(2 * np.pi * TONE_HZ * time)).astype(np.float32)
    return tone


def _at(milliseconds: int, rate: int) -> int:
    return milliseconds * rate // 1000
