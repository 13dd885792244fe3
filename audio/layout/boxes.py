"""MP4, M4A, 3GP and QuickTime (ISO/IEC 14496-12): boxes, an index of samples, and edit lists that may hide all."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from audio.layout.parts import FilePart, Piece

_LARGEST_INDEX = 64 * 2**20
_MOST_BOXES = 200_000  # twenty hours in fragments of a second have fewer
_AFTER_THE_HEAD = (b"moov", b"mdat", b"moof")


@dataclass(frozen=True, slots=True)
class _Box:
    """kind; of the whole: start, end; of what it holds: body"""

    kind: bytes
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class _Track:
    """size: of its samples, None where the index doesn't say; shown: share of its time that the edit list keeps

    edits: where the edit list's box stands, None without one; hides: it leaves out everything, or has a length of 0
    """

    sound: bool
    size: int | None
    shown: float
    edits: int | None
    hides: bool


def iso_part(file: BinaryIO, at: int, size: int) -> tuple[tuple[FilePart, ...], int, int]:
    """The movie that begins at `at`, where it ends, and 0: what it holds and doesn't name is the part's own."""
    top: list[_Box] = []
    end = at
    for box in _file_boxes(file, at, size):
        if box.kind == b"ftyp" and any(each.kind in _AFTER_THE_HEAD for each in top):
            break
        top.append(box)
        end = box.end
    if not top:
        return (FilePart((range(at, size),)),), size, 0
    index = next((box for box in top if box.kind == b"moov"), None)
    fragmented = any(box.kind == b"moof" for box in top)
    if index is None or fragmented or index.end - index.start > _LARGEST_INDEX:
        return (FilePart((range(at, end),)),), end, 0
    file.seek(index.start)
    tracks = _tracks(file.read(index.end - index.start))
    data = sum(box.end - box.body for box in top if box.kind == b"mdat")
    pieces = _without(tuple(index.start + t.edits for t in tracks if t.edits and t.hides), at, end)
    return (FilePart(pieces, _unread(tracks, data)),), end, 0


def _unread(tracks: list[_Track], data: int) -> int:
    """Bytes of media that no track names, and of sound that edit lists leave out."""
    if not tracks or any(track.size is None for track in tracks):
        return 0
    named = sum(track.size or 0 for track in tracks)
    hidden = sum(
        (track.size or 0) * (1 - track.shown)
        for track in tracks
        if track.sound and not track.hides and track.shown < 1
    )
    return max(0, data - named) + round(hidden)


def _without(edits: tuple[int, ...], at: int, end: int) -> tuple[Piece, ...]:
    """The movie with these edit lists called free space, so that all of their tracks is played."""
    pieces: list[Piece] = []
    for box in edits:
        pieces += [range(at, box + 4), b"free"]
        at = box + 8
    return (*pieces, range(at, end))


def _file_boxes(file: BinaryIO, at: int, size: int) -> Iterator[_Box]:
    for _ in range(_MOST_BOXES):
        if at + 8 > size:
            return
        file.seek(at)
        box = _box(file.read(16), 0, size - at)
        if box is None:
            return
        yield _Box(box.kind, at, at + box.body, at + box.end)
        at += box.end


def _boxes(content: bytes, start: int, end: int) -> Iterator[_Box]:
    while start + 8 <= end and (box := _box(content[start : start + 16], start, end)) is not None:
        yield box
        start = box.end


def _box(head: bytes, at: int, end: int) -> _Box | None:
    """The box whose first bytes are `head`, cut off at `end`; None where these are no box."""
    size, body, kind = int.from_bytes(head[:4], "big"), 8, head[4:8]
    if size == 1:
        size, body = int.from_bytes(head[8:16], "big"), 16
    if size == 0:
        size = end - at
    if size < body or not all(32 <= letter < 127 or letter == 0xA9 for letter in kind):
        return None
    return _Box(kind, at, at + body, min(end, at + size))


def _find(content: bytes, box: _Box, *path: bytes) -> _Box | None:
    """The first box inside `box` by its path of kinds."""
    for kind in path:
        found = next((inner for inner in _boxes(content, box.body, box.end) if inner.kind == kind), None)
        if found is None:
            return None
        box = found
    return box


def _tracks(content: bytes) -> list[_Track]:
    """Of a moov box with its head."""
    movie = next(_boxes(content, 0, len(content)))
    head = _find(content, movie, b"mvhd")
    clock = _clock(content, head)[0] if head else 0
    return [
        _track(content, box, clock) for box in _boxes(content, movie.body, movie.end) if box.kind == b"trak"
    ]


def _track(content: bytes, track: _Box, movie_clock: int) -> _Track:
    handler = _find(content, track, b"mdia", b"hdlr")
    sound = handler is not None and content[handler.body + 8 : handler.body + 12] == b"soun"
    sizes = _find(content, track, b"mdia", b"minf", b"stbl", b"stsz")
    total = _samples_size(content, sizes) if sizes else None
    edits, head = _find(content, track, b"edts"), _find(content, track, b"mdia", b"mdhd")
    listed = _find(content, edits, b"elst") if edits else None
    if edits is None or listed is None or head is None:
        return _Track(sound, total, 1.0, None, hides=False)
    clock, length = _clock(content, head)
    entries = [(span, start) for span, start in _edits(content, listed) if start >= 0]
    seconds = length / clock if clock else 0.0
    kept = sum(
        max(0.0, min(span / movie_clock, seconds - start / clock))
        for span, start in entries
        if movie_clock and clock
    )
    shown = min(1.0, (kept + 0.1) / seconds) if seconds else 1.0  # encoders' priming is left out rightly
    nothing = any(span == 0 for span, _ in entries) or kept < 0.01 * seconds
    return _Track(sound, total, shown, edits.start, hides=sound and nothing)


def _clock(content: bytes, head: _Box) -> tuple[int, int]:
    """Ticks a second and length in ticks, of mvhd and mdhd."""
    at, wide = head.body, content[head.body : head.body + 1] == b"\1"
    ticks = at + (20 if wide else 12)
    length = 8 if wide else 4
    return (
        int.from_bytes(content[ticks : ticks + 4], "big"),
        int.from_bytes(content[ticks + 4 : ticks + 4 + length], "big"),
    )


def _edits(content: bytes, listed: _Box) -> Iterator[tuple[int, int]]:
    """(length in the movie's ticks, start in the track's; -1 for a pause)"""
    wide = content[listed.body : listed.body + 1] == b"\1"
    width = 8 if wide else 4
    at = listed.body + 8
    while at + 2 * width + 4 <= listed.end:
        span = int.from_bytes(content[at : at + width], "big")
        start = int.from_bytes(content[at + width : at + 2 * width], "big", signed=True)
        yield span, start
        at += 2 * width + 4


def _samples_size(content: bytes, sizes: _Box) -> int:
    each = int.from_bytes(content[sizes.body + 4 : sizes.body + 8], "big")
    count = int.from_bytes(content[sizes.body + 8 : sizes.body + 12], "big")
    if each:
        return each * count
    table = content[sizes.body + 12 : min(sizes.end, sizes.body + 12 + 4 * count)]
    return int(np.frombuffer(table[: len(table) // 4 * 4], ">u4").sum(dtype=np.uint64))
