"""Any phone's recording to blocks of samples, in constant memory, however hostile the file.

FFmpeg (through PyAV) decodes everything, one way. Run it in the sandbox: some damaged files kill the decoder itself.
Delay and padding that encoders add are trimmed as FFmpeg does it; time is the count of samples that come out.
A file may hold several recordings, one joined to the other: they are decoded in order, in the form of the first.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from av.audio.frame import AudioFrame

from audio.demux import Tally, frames_of
from audio.errors import UnusableRecording
from audio.frames import Block, blocks_of, interleaved
from audio.layout import layout_of
from audio.limits import Limits
from audio.opened import open_input
from audio.origin import UNKNOWN_ORIGIN, Origin
from audio.reasons import AudioReason

_LOWEST_RATE, _HIGHEST_RATE = 4_000, 384_000  # beyond these a header is lying


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """The sound stream as its first samples show it.

    declared_seconds: what the container says, where it can be trusted; browsers' WebM and raw AAC or AMR say nothing
    origin: device and day, where the file says so
    """

    container: str
    codec: str
    sample_rate: int
    channels: int
    declared_seconds: float | None
    origin: Origin = UNKNOWN_ORIGIN


@dataclass(frozen=True, slots=True)
class DecodeSummary:
    """What a whole pass over a recording found.

    samples:          per channel, at the original's rate
    declared_seconds: what its containers promise together, None where they promise nothing
    truncated:        clearly shorter than that
    packets:          compressed pieces read
    damaged_packets:  of these, the ones that could not be decoded
    unread_bytes:     of the file that no packet, head or tag accounts for
    unread_seconds:   the time that they would take at the rate of what was read
    """

    samples: int
    declared_seconds: float | None
    truncated: bool
    packets: int
    damaged_packets: int
    unread_bytes: int
    unread_seconds: float


class OpenRecording:
    """An opened recording: iterate over it once, in blocks, then ask for its summary."""

    def __init__(self, path: Path, frames: Iterator[AudioFrame], tally: Tally, limits: Limits) -> None:
        self._path, self._frames, self._tally, self._limits = path, frames, tally, limits
        self._summary: DecodeSummary | None = None
        first = next(frames, None)
        if first is None:
            raise self._nothing_decoded()
        if first.format.is_planar and first.layout.nb_channels >= 8:
            self._frames = interleaved(chain([first], frames))
            first = next(self._frames)
        self._first = first
        # rate and channels from the first decoded frame: a header knows nothing of HE-AAC's doubled rate
        self.info = StreamInfo(
            tally.container,
            tally.codec,
            first.sample_rate,
            first.layout.nb_channels,
            tally.declared,
            tally.origin,
        )
        self._check_shape()

    @property
    def summary(self) -> DecodeSummary:
        """Known once every block has been read; RuntimeError before that."""
        if self._summary is None:
            raise RuntimeError("a recording's summary is known after its last block: iterate over it first")
        return self._summary

    def __iter__(self) -> Iterator[Block]:
        """Blocks of BLOCK_SECONDS (the last is shorter), each a new array.

        Raises UnusableRecording: too_long and over_limit as soon as the limit is passed; too_short, corrupt at the end.
        """
        info, limits, tally = self.info, self._limits, self._tally
        most = min(limits.max_seconds * info.sample_rate, limits.max_decoded_bytes / (4 * info.channels))
        samples = 0
        for block in blocks_of(self._frames, self._first, tally.lose_one):
            samples += block.shape[1]
            if samples > most:
                raise self._too_much(samples)
            yield block
        tally.damaged += self._lost_in_flac(samples)
        # priming and padding explain less than this
        truncated = tally.declared is not None and tally.missing > max(0.25, 0.01 * tally.declared)
        self._summary = DecodeSummary(
            samples=samples,
            declared_seconds=tally.declared,
            truncated=truncated,
            packets=tally.packets,
            damaged_packets=tally.damaged,
            unread_bytes=tally.unread,
            unread_seconds=tally.unread_seconds,
        )
        self._judge_decoded(samples)

    def _lost_in_flac(self, samples: int) -> bool:
        """FFmpeg skips a damaged FLAC frame without a word; the count in the header gives it away."""
        info = self.info
        return (
            info.container == "flac"
            and info.declared_seconds is not None
            and self._tally.damaged == 0
            and round(info.declared_seconds * info.sample_rate) > samples
        )

    def _check_shape(self) -> None:
        info, limits = self.info, self._limits
        if not _LOWEST_RATE <= info.sample_rate <= _HIGHEST_RATE:
            raise UnusableRecording(
                AudioReason.CORRUPT,
                f"{self._path.name!r} states {info.sample_rate} samples a second; "
                f"recorders use {_LOWEST_RATE} to {_HIGHEST_RATE}. Its header is broken: send it again.",
            )
        if info.channels > limits.max_channels:
            raise UnusableRecording(
                AudioReason.TOO_MANY_CHANNELS,
                f"{self._path.name!r} has {info.channels} channels; at most {limits.max_channels} are taken.",
            )
        if info.declared_seconds is not None and info.declared_seconds > limits.max_seconds:
            raise self._too_long(info.declared_seconds)

    def _judge_decoded(self, samples: int) -> None:
        if self._tally.damaged > self._tally.packets - self._tally.damaged:
            raise UnusableRecording(
                AudioReason.CORRUPT,
                f"{self._tally.damaged} of {self._tally.packets} packets of {self._path.name!r} can't be decoded. "
                "Send it again.",
            )
        seconds = samples / self.info.sample_rate
        if seconds < self._limits.min_seconds:
            raise UnusableRecording(
                AudioReason.TOO_SHORT,
                f"{self._path.name!r} holds {seconds:.3f} s of sound; "
                f"at least {self._limits.min_seconds:g} s is needed.",
            )

    def _nothing_decoded(self) -> UnusableRecording:
        if self._tally.damaged or self._tally.cut_short:
            return UnusableRecording(
                AudioReason.CORRUPT, f"nothing in {self._path.name!r} can be decoded. Send it again."
            )
        return UnusableRecording(
            AudioReason.EMPTY_FILE,
            f"{self._path.name!r} has a header and no sound: the recorder stopped at once.",
        )

    def _too_much(self, samples: int) -> UnusableRecording:
        seconds = samples / self.info.sample_rate
        if seconds > self._limits.max_seconds:
            return self._too_long(seconds)
        return UnusableRecording(
            AudioReason.OVER_LIMIT,
            f"{self._path.name!r} unpacks to more than {self._limits.max_decoded_bytes} bytes of samples. Split it.",
        )

    def _too_long(self, seconds: float) -> UnusableRecording:
        return UnusableRecording(
            AudioReason.TOO_LONG,
            f"{self._path.name!r} is {_clock(seconds)} long or longer; at most {_clock(self._limits.max_seconds)} "
            "is taken. Split it.",
        )


@contextmanager
def open_recording(path: Path, limits: Limits) -> Iterator[OpenRecording]:
    """Open the sound of `path`, whatever its name says it is.

    Raises UnusableRecording: unreadable, empty_file, refused_format, not_audio, corrupt, too_many_channels, too_long.
    """
    with open_input(path) as file:
        tally = Tally()
        layout = layout_of(file, file.seek(0, 2))
        with closing(frames_of(path, file, layout, tally)) as frames:
            yield OpenRecording(path, frames, tally, limits)


def _clock(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"
