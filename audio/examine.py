"""A first look at a recording: does it decode, how long is it, is it the same sound as another."""

from dataclasses import dataclass
from pathlib import Path

from audio.decode import DecodeSummary, StreamInfo, open_recording
from audio.identity import SoundIdentity
from audio.limits import Limits


@dataclass(frozen=True, slots=True)
class Examined:
    """What one pass of the decoder tells. sound_sha256: of the decoded samples"""

    info: StreamInfo
    summary: DecodeSummary
    sound_sha256: str


def examine(path: Path, limits: Limits) -> Examined:
    """Decode the whole of `path` and keep none of it. Raises UnusableRecording."""
    with open_recording(path, limits) as recording:
        info = recording.info
        identity = SoundIdentity(info.sample_rate, info.channels)
        for block in recording:
            identity.feed(block)
        return Examined(info, recording.summary, identity.hexdigest())
