"""The frames of every part of a file, and the account of what was read, lost and never named."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard

from audio.containers import OPEN_OPTIONS, refuse_locked, refuse_unopened
from audio.declared import declared_seconds
from audio.errors import UnusableRecording
from audio.frames import FAULTS
from audio.layout import FilePart, Layout, PartReader
from audio.layout.marks import tag_length
from audio.origin import UNKNOWN_ORIGIN, Origin, origin_of
from audio.packets import Measure, frame_measure
from audio.tracks import sound_tracks, track_seconds

_FRAMES_ONLY = frozenset({"mp3", "aac", "flac", "amr"})  # frames in a row: what is none of them is lost
_LOCK_SEARCHED = 1 << 16  # bytes of a head
_GOOD_AMR = 0x04  # a bit of a frame's first byte: 0 where the frame is damaged (RFC 4867, 4.3.2)


@dataclass(slots=True)
class Tally:
    """What became of a file's bytes.

    container, codec:  of the first sound; origin: what its tags say
    packets, damaged:  compressed pieces read, and of these the ones that could not be decoded
    packet_bytes:      of frames in all of these
    unread:            bytes that no packet, head or tag accounts for
    other_tracks:      seconds of tracks beside the one that is used, which we could open too
    seconds:           decoded
    declared, missing: seconds that containers promise, and of these the ones that did not come
    cut_short:         a container broke off
    """

    container: str = ""
    codec: str = ""
    origin: Origin = UNKNOWN_ORIGIN
    packets: int = 0
    damaged: int = 0
    packet_bytes: int = 0
    unread: int = 0
    other_tracks: float = 0.0
    seconds: float = 0.0
    declared: float | None = None
    missing: float = 0.0
    cut_short: bool = False

    def lose_one(self) -> None:
        self.damaged += 1

    @property
    def unread_seconds(self) -> float:
        """What the unread bytes would last at the rate of what was read, and the tracks that are not used."""
        bytes_seconds = self.unread * self.seconds / self.packet_bytes if self.packet_bytes else 0.0
        return bytes_seconds + self.other_tracks


def frames_of(path: Path, file: BinaryIO, layout: Layout, tally: Tally) -> Generator[AudioFrame, None, None]:
    """Every frame that decodes, part after part; what one part can't give is counted where another gives sound.

    Raises UnusableRecording where none does: refused_format, not_audio, corrupt.
    """
    refusal: UnusableRecording | None = None
    tally.unread += layout.unread
    for part in layout.parts:
        seconds = tally.seconds
        try:
            yield from _of_part(path, file, part, tally)
        except UnusableRecording as finding:
            refusal = refusal or finding
        if tally.seconds == seconds:
            tally.unread += part.size
    if refusal is not None and not tally.seconds:
        raise refusal


def _of_part(path: Path, file: BinaryIO, part: FilePart, tally: Tally) -> Iterator[AudioFrame]:
    """The frames of the first track that has any."""
    number, count = 0, 1
    while number < count:
        with _opened(path, file, part) as container:
            tracks = sound_tracks(path, container)
            track, count = tracks[number], len(tracks)
            for other in container.streams:
                if other.index != track.index:
                    other.discard = Discard.all
            track.codec_context.thread_count = 1  # the same samples in the same order, and one core a child
            seconds, read = tally.seconds, tally.packet_bytes
            promised = declared_seconds(_reader(file, part), container, track)
            if not seconds:
                tally.container = container.format.name.split(",")[0]
                tally.codec = track.codec_context.codec.canonical_name
                tally.origin = origin_of({**track.metadata, **container.metadata})
            measure = frame_measure(container.format.name, _reader(file, part))
            for frame in _decode(container, track, tally, measure):
                if tally.seconds == seconds and promised is not None:
                    tally.declared = (tally.declared or 0.0) + promised
                tally.seconds += frame.samples / (frame.sample_rate or 1)
                yield frame
            heard = tally.seconds - seconds
            if heard:
                tally.other_tracks += sum(track_seconds(each) or heard for each in tracks[number + 1 :])
                lacking = part.missing * heard / max(1, tally.packet_bytes - read)
                if lacking and promised is None:
                    tally.declared = (tally.declared or 0.0) + heard + lacking
                tally.missing += max(0.0, lacking, promised - heard if promised is not None else 0.0)
                tally.unread += part.unread
                if container.format.name in _FRAMES_ONLY:
                    tally.unread += max(
                        0, part.size - (tally.packet_bytes - read) - _head_and_tags(file, part)
                    )
                return
        number += 1


def _decode(
    container: InputContainer, track: AudioStream, tally: Tally, measure: Measure
) -> Iterator[AudioFrame]:
    """Every frame of a track. A packet that can't be decoded is counted and passed over, as players do."""
    packets = container.demux(track)
    is_amr = track.codec_context.codec.canonical_name == "amr_nb"
    while True:
        try:
            packet = next(packets, None)
        except FAULTS:
            tally.cut_short = True  # the container itself is broken from here on
            return
        if packet is None:
            return
        if packet.size:
            tally.packets += 1
            tally.packet_bytes += measure(packet)
        try:
            frames = packet.decode()
        except FAULTS:
            tally.damaged += 1
            continue
        if is_amr and packet.size and not bytes(packet)[0] & _GOOD_AMR:
            tally.damaged += 1
        for frame in frames:
            if frame.samples > 0:
                yield frame


@contextmanager
def _opened(path: Path, file: BinaryIO, part: FilePart) -> Iterator[InputContainer]:
    """A part in FFmpeg: through our own descriptor where it is the whole file, so that no name is ever followed."""
    whole = part.pieces == (range(_size(file)),)
    options = dict(OPEN_OPTIONS)
    refuse_locked(path, _reader(file, part).read(_LOCK_SEARCHED))
    if whole:
        file.seek(0)
        options["fd"] = str(file.fileno())
    try:
        container: InputContainer = av.open(
            "fd:" if whole else _reader(file, part), mode="r", options=options, metadata_errors="ignore"
        )
    except MemoryError:
        raise
    except FAULTS as error:
        by_list = isinstance(error, av.error.ArgumentError) and "whitelist" in str(error)
        raise refuse_unopened(path, _reader(file, part).read(4096), refused_by_list=by_list) from error
    with container:
        yield container


def _head_and_tags(file: BinaryIO, part: FilePart) -> int:
    """Bytes of what stands before, between and behind frames and is no sound: tags, FLAC's metadata."""
    reader = _reader(file, part)
    at = known = 0
    while length := tag_length(reader, at, part.size):
        at, known = at + length, known + length
    reader.seek(at)
    first = reader.read(9)
    if first.startswith(b"#!AMR"):
        known += 9 if first.endswith(b"\n") else 6
    if first.startswith(b"fLaC"):
        at += 4
        known += 4
        for _ in range(128):
            reader.seek(at)
            head = reader.read(4)
            length = 4 + int.from_bytes(head[1:4], "big")
            at, known = at + length, known + length
            if not head or head[0] & 0x80:
                break
    for behind in (128, 128 + 32, 32):
        known += tag_length(reader, max(at, part.size - behind), part.size) if part.size - behind > at else 0
    return known


def _reader(file: BinaryIO, part: FilePart) -> BinaryIO:
    return cast(BinaryIO, PartReader(file, part))


def _size(file: BinaryIO) -> int:
    return file.seek(0, 2)
