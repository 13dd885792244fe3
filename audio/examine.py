"""A first look at a recording: does it decode, how long is it, is it the same sound as another."""

from dataclasses import dataclass
from pathlib import Path

from audio.decode import DecodeSummary, StreamInfo, open_recording
from audio.limits import Limits


@dataclass(frozen=True, slots=True)
class Examined:
    """What one pass of the decoder tells."""

    info: StreamInfo
    summary: DecodeSummary


def examine(path: Path, limits: Limits) -> Examined:
    """Decode the whole of `path` and keep none of it. Raises UnusableRecording."""
    with open_recording(path, limits) as recording:
        for _ in recording:
            pass
        return Examined(recording.info, recording.summary)
