"""A first look at a recording: does it decode, how long is it, is it the same sound as another."""

from dataclasses import dataclass
from pathlib import Path

from audio.decode import DecodeSummary, StreamInfo, open_recording
from audio.fingerprint import Fingerprint, Fingerprinter
from audio.identity import SoundIdentity
from audio.limits import Limits
from audio.mono import Mono16k


@dataclass(frozen=True, slots=True)
class Examined:
    """What one pass of the decoder tells. sound_sha256: of the decoded samples; fingerprint: of how they sound"""

    info: StreamInfo
    summary: DecodeSummary
    sound_sha256: str
    fingerprint: Fingerprint


def examine(path: Path, limits: Limits) -> Examined:
    """Decode the whole of `path` and keep none of it. Raises UnusableRecording."""
    with open_recording(path, limits) as recording:
        info = recording.info
        identity = SoundIdentity(info.sample_rate, info.channels)
        mono, fingerprint = Mono16k(info.sample_rate, info.channels), Fingerprinter()
        for block in recording:
            identity.feed(block)
            fingerprint.feed(mono.feed(block))
        fingerprint.feed(mono.finish())
        return Examined(info, recording.summary, identity.hexdigest(), fingerprint.finish())
