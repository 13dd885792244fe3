"""Which of a container's tracks is the recording."""

from pathlib import Path

from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from audio.containers import CODECS, refuse_codings
from audio.errors import UnusableRecording
from audio.reasons import AudioReason


def sound_tracks(path: Path, container: InputContainer) -> list[AudioStream]:
    """The tracks whose coding we open, the likeliest first: phones put a second one, of a coding of their own, beside.

    Raises UnusableRecording: refused_format, not_audio, corrupt.
    """
    sounds = list(container.streams.audio)
    open_ones = [track for track in sounds if _codec(track) in CODECS]
    best = container.streams.best("audio")
    if not sounds:
        raise UnusableRecording(
            AudioReason.NOT_AUDIO,
            f"{path.name!r} has no sound in it, only pictures or data. Send the recording.",
        )
    if not open_ones:
        raise refuse_codings(path, {_codec(track) for track in sounds})
    if best is None and not any(track.codec_context.rate for track in open_ones):
        raise UnusableRecording(
            AudioReason.CORRUPT,
            f"{path.name!r} begins like a recording, but says neither its rate nor its channels. Send it again.",
        )
    chosen = best.index if best is not None else -1
    return sorted(
        open_ones, key=lambda track: (track.index != chosen, not _is_default(track), -track_seconds(track))
    )


def track_seconds(track: AudioStream) -> float:
    """How long a track says that it is; 0 where it doesn't say."""
    return float(track.duration * track.time_base) if track.duration and track.time_base else 0.0


def _codec(track: AudioStream) -> str:
    context: AudioCodecContext | None = track.codec_context  # None where no decoder is known
    return context.name if context is not None else "something without a name"


def _is_default(track: AudioStream) -> bool:
    return bool(track.disposition & Disposition.default)
