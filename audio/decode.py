"""Any phone's recording to blocks of samples, in constant memory, however hostile the file.

FFmpeg (through PyAV) decodes everything, one way. Run it in the sandbox: some damaged files kill the decoder itself.
Delay and padding that encoders add are trimmed as FFmpeg does it; time is the count of samples that come out.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard
from numpy.typing import NDArray

from audio.containers import CODECS, OPEN_OPTIONS, check_readable, refuse_unopened
from audio.declared import declared_seconds
from audio.errors import UnusableRecording
from audio.limits import Limits
from audio.reasons import AudioReason

Block = NDArray[np.float32]  # (channels, samples), full scale is 1.0
_Native = NDArray[Any]  # the same in the decoder's own type: int16, int32, uint8, float32 or float64

_FAULTS = (av.error.FFmpegError, ValueError, IndexError)  # what PyAV raises on damaged bytes
_SAMPLE_TYPES = {  # FFmpeg's names; the ones with a p keep channels apart
    name + apart: np.dtype(kind)
    for name, kind in (("u8", "u1"), ("s16", "i2"), ("s32", "i4"), ("flt", "f4"), ("dbl", "f8"))
    for apart in ("", "p")
}
BLOCK_SECONDS = 4
_LOWEST_RATE, _HIGHEST_RATE = 4_000, 384_000  # beyond these a header is lying


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """The sound stream as its first samples show it.

    declared_seconds: what the container says, where it can be trusted; browsers' WebM and raw AAC or AMR say nothing
    """

    container: str
    codec: str
    sample_rate: int
    channels: int
    declared_seconds: float | None


@dataclass(frozen=True, slots=True)
class DecodeSummary:
    """What a whole pass over a recording found.

    samples:         per channel, at the original's rate
    truncated:       clearly shorter than its container declares
    packets:         compressed pieces read
    damaged_packets: of these, the ones that could not be decoded
    """

    samples: int
    truncated: bool
    packets: int
    damaged_packets: int


class Recording:
    """An opened recording: iterate over it once, in blocks, then ask for its summary."""

    def __init__(self, path: Path, container: InputContainer, stream: AudioStream, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._packets = 0
        self._damaged = 0
        self._cut_short = False
        self._summary: DecodeSummary | None = None
        self._frames = self._decode(container, stream)
        first = next(self._frames, None)
        if first is None:
            raise self._nothing_decoded()
        if first.format.is_planar and first.layout.nb_channels >= 8:
            self._frames = _interleaved(chain([first], self._frames))
            first = next(self._frames)
        self._first = first
        self.info = _describe(path, container, stream, first)
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
        info, limits = self.info, self._limits
        most = min(limits.max_seconds * info.sample_rate, limits.max_decoded_bytes / (4 * info.channels))
        samples = 0
        for native in self._native_blocks():
            samples += native.shape[1]
            if samples > most:
                raise self._too_much(samples)
            yield self._as_float(native)
        self._damaged += self._lost_in_flac(samples)
        self._summary = DecodeSummary(samples, self._is_truncated(samples), self._packets, self._damaged)
        self._judge_decoded(samples)

    def _decode(self, container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
        """Every frame that decodes. A packet that doesn't is counted and passed over, as players do."""
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except MemoryError:
                raise
            except _FAULTS:
                self._cut_short = True  # the container itself is broken from here on
                return
            if packet is None:
                return
            self._packets += packet.size > 0
            try:
                frames = packet.decode()
            except MemoryError:
                raise
            except _FAULTS:
                self._damaged += 1
                continue
            for frame in frames:
                if frame.samples > 0:
                    yield frame

    def _native_blocks(self) -> Iterator[_Native]:
        """Frames joined to (channels, BLOCK_SECONDS) in the decoder's own sample type."""
        size = BLOCK_SECONDS * self.info.sample_rate
        shape = _shape(self._first)
        fifo = av.AudioFifo()
        for frame in chain([self._first], self._frames):
            for part in [frame] if _shape(frame) == shape else self._like_the_first(frame):
                part.pts = None  # time is the count of samples, whatever the container says
                fifo.write(part)
            if fifo.samples >= size:
                while (whole := fifo.read(size)) is not None:
                    yield _to_array(whole)
        if (rest := fifo.read(size, partial=True)) is not None:
            yield _to_array(rest)

    def _like_the_first(self, frame: AudioFrame) -> list[AudioFrame]:
        """A frame in the first one's rate, channels and type: joined MP3s change these half-way."""
        first = self._first
        try:
            # a new converter for every change: one holds on to the shape of its first frame
            convert = av.AudioResampler(format=first.format, layout=first.layout, rate=first.sample_rate)
            return [part for part in [*convert.resample(frame), *convert.resample(None)] if part.samples]
        except _FAULTS:
            self._damaged += 1
            return []

    def _as_float(self, native: _Native) -> Block:
        """Samples as float32. What is not a number (in float files) becomes silence and counts as damage."""
        block: Block
        if native.dtype.kind == "f":
            block = native.astype(np.float32, order="C")
            with np.errstate(over="ignore", invalid="ignore"):
                surely_finite = np.isfinite(block.sum())  # a quicker look than at every sample
            if not surely_finite and not np.isfinite(block).all():
                self._damaged += 1
                block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
            return block
        if native.dtype == np.uint8:
            block = (native.astype(np.float32, order="C") - np.float32(128)) / np.float32(128)
            return block
        block = native.astype(np.float32, order="C") / np.float32(2 ** (8 * native.dtype.itemsize - 1))
        return block

    def _is_truncated(self, samples: int) -> bool:
        declared = self.info.declared_seconds
        if declared is None:
            return False
        missing = declared - samples / self.info.sample_rate
        return missing > max(0.25, 0.01 * declared)  # priming and padding explain less than this

    def _lost_in_flac(self, samples: int) -> bool:
        """FFmpeg skips a damaged FLAC frame without a word; the count in the header gives it away."""
        info = self.info
        return (
            info.container == "flac"
            and info.declared_seconds is not None
            and self._damaged == 0
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
        if self._damaged > self._packets - self._damaged:
            raise UnusableRecording(
                AudioReason.CORRUPT,
                f"{self._damaged} of {self._packets} packets of {self._path.name!r} can't be decoded. Send it again.",
            )
        seconds = samples / self.info.sample_rate
        if seconds < self._limits.min_seconds:
            raise UnusableRecording(
                AudioReason.TOO_SHORT,
                f"{self._path.name!r} holds {seconds:.3f} s of sound; "
                f"at least {self._limits.min_seconds:g} s is needed.",
            )

    def _nothing_decoded(self) -> UnusableRecording:
        if self._damaged or self._cut_short:
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
def open_recording(path: Path, limits: Limits) -> Iterator[Recording]:
    """Open the sound stream of `path`, whatever its name says it is.

    Raises UnusableRecording: unreadable, empty_file, refused_format, not_audio, corrupt, too_many_channels, too_long.
    """
    check_readable(path)
    try:
        container = av.open(
            "file:" + os.fspath(path.absolute()),  # so that no name is taken for a protocol
            options=OPEN_OPTIONS,
            metadata_errors="ignore",
        )
    except MemoryError:
        raise
    except _FAULTS as error:
        refused = isinstance(error, av.error.ArgumentError) and "whitelist" in str(error)
        raise refuse_unopened(path, refused_by_list=refused) from error
    with container:
        stream = container.streams.best("audio")
        if stream is None and container.streams.audio:
            raise refuse_unopened(path, refused_by_list=False)  # a sound stream without a rate or channels
        if not isinstance(stream, AudioStream):
            raise UnusableRecording(
                AudioReason.NOT_AUDIO,
                f"{path.name!r} has no sound in it, only pictures or data. Send the recording.",
            )
        _check_codec(path, stream)
        for other in container.streams:
            if other.index != stream.index:
                other.discard = Discard.all
        stream.codec_context.thread_count = 1  # the same samples in the same order, and one core a child
        yield Recording(path, container, stream, limits)


def _check_codec(path: Path, stream: AudioStream) -> None:
    codec = stream.codec_context.name
    if codec not in CODECS:
        raise UnusableRecording(
            AudioReason.REFUSED_FORMAT,
            f"the sound in {path.name!r} is coded as {codec}, which we don't open. "
            "Send WAV, FLAC, MP3, M4A, AMR or Opus.",
        )


def _describe(path: Path, container: InputContainer, stream: AudioStream, first: AudioFrame) -> StreamInfo:
    """Rate and channels from the first decoded frame: a header knows nothing of HE-AAC's doubled rate."""
    return StreamInfo(
        container=container.format.name.split(",")[0],
        codec=stream.codec_context.codec.canonical_name,
        sample_rate=first.sample_rate,
        channels=first.layout.nb_channels,
        declared_seconds=declared_seconds(path, container, stream),
    )


def _shape(frame: AudioFrame) -> tuple[int, int, str]:
    return frame.sample_rate, frame.layout.nb_channels, frame.format.name


def _interleaved(frames: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
    """Frames of eight and more separate channels as interleaved ones.

    PyAV 18.1 looks for a null pointer behind the last channel's; FFmpeg puts none there from the eighth on, so that
    `AudioFrame.planes` reads stray memory.
    """
    for frame in frames:
        pack = av.AudioResampler(format=frame.format.packed, layout=frame.layout, rate=frame.sample_rate)
        yield from pack.resample(frame)
        yield from (rest for rest in pack.resample(None) if rest.samples)


def _to_array(frame: AudioFrame) -> _Native:
    """A frame as (channels, samples), whether its channels are interleaved or not; a view where that is possible."""
    kind = _SAMPLE_TYPES[frame.format.name]
    channels = frame.layout.nb_channels
    planes: tuple[Any, ...] = frame.planes  # buffers, which PyAV's annotations don't say
    if frame.format.is_planar and channels > 1:
        return np.stack([np.frombuffer(plane, kind, frame.samples) for plane in planes])
    interleaved: _Native = np.frombuffer(planes[0], kind, frame.samples * channels)
    return interleaved.reshape(frame.samples, channels).T


def _clock(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"
