"""A file to its parts: container by container, each by its own structure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import BinaryIO

from audio.layout.boxes import iso_part
from audio.layout.chunks import chunked_parts
from audio.layout.headed import headed_part
from audio.layout.marks import kind_at, next_frames, next_start, tag_length, zeros_before
from audio.layout.objects import asf_part
from audio.layout.pages import ogg_part
from audio.layout.parts import FilePart, Layout

MOST_PARTS = 1_000
_DECODERS_OWN = 4096  # bytes of nothing before the first frame, which a decoder passes over by itself
_LEAST_PADDING = 64  # zero bytes: fewer may be the end of a frame

Found = tuple[tuple[FilePart, ...], int, int]
"""The parts of one container, where it ends, and how many bytes inside belong to nothing."""


def layout_of(file: BinaryIO, size: int) -> Layout:
    """What lies where in an open file of `size` bytes. What nobody knows is left to the decoder as one part."""
    parts: list[FilePart] = []
    unread = at = begin = 0
    while at < size and len(parts) < MOST_PARTS:
        while (length := tag_length(file, at, size)) and at < size:
            at += length
        kind = kind_at(file, at) if at < size else None
        if kind is None:
            following = next_frames(file, at, next_start(file, at, size))
            if following >= size and not parts:
                break
            if parts or following - at > _DECODERS_OWN:
                unread += following - at
                begin = following
            at = following
            if at >= size or begin == at:
                continue
            kind = kind_at(file, at) or "stream"
        found, end, lost = _FINDERS[kind](file, at, size)
        if found[0].pieces == (range(at, end),):
            found = (replace(found[0], pieces=(range(begin, end),)),)  # its tag stays with it
        parts += found
        unread += lost
        begin = at = max(end, at + 1)
    if not parts:
        return Layout((FilePart((range(size),)),), 0)
    return Layout(tuple(parts), unread + max(0, size - at))


def _flow(file: BinaryIO, at: int, size: int) -> Found:
    """Frames one after the other, which end where another recording begins."""
    end = next_start(file, at + 8, size)
    return (FilePart((range(at, end),)),), end, 0


def _amr(file: BinaryIO, at: int, size: int) -> Found:
    """As above; a tail of zeros is room that a recorder took and did not fill: decoded, it is endless silence."""
    end = next_frames(file, at + 8, next_start(file, at + 8, size))
    padding = zeros_before(file, at, end)
    padding = padding if padding >= _LEAST_PADDING else 0
    return (FilePart((range(at, end - padding),)),), end, padding


def _matroska(file: BinaryIO, at: int, size: int) -> Found:
    end = next_start(file, at + 8, size, but=b"fLaC")  # which stands in its heads
    return (FilePart((range(at, end),)),), end, 0


_FINDERS: Mapping[str, Callable[[BinaryIO, int, int], Found]] = {
    "riff": chunked_parts,
    "w64": chunked_parts,
    "aiff": chunked_parts,
    "caf": chunked_parts,
    "iso": iso_part,
    "ogg": ogg_part,
    "matroska": _matroska,
    "flac": _flow,
    "amr": _amr,
    "asf": asf_part,
    "au": headed_part,
    "nist": headed_part,
    "stream": _flow,
}
