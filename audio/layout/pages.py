"""Ogg (RFC 3533): a row of pages. A file of several recordings one after the other is called a chain."""

from typing import BinaryIO

from audio.layout.marks import kind_at, next_start
from audio.layout.parts import FilePart

_HEADER = 27
_FIRST_OF_STREAM = 2
_WINDOW = 1 << 14  # a page is mostly found again soon


def ogg_part(file: BinaryIO, at: int, size: int) -> tuple[tuple[FilePart, ...], int, int]:
    """The link of a chain that begins at `at`, where it ends, and how many bytes between its pages are no page."""
    position, lost, begun = at, 0, False
    while position < size:
        file.seek(position)
        header = file.read(_HEADER)
        if header[:5] != b"OggS\0" or len(header) < _HEADER:
            if kind_at(file, position) not in (None, "ogg"):
                break
            following = _next_page(file, position + 1, size)
            lost += following - position
            position = following
            continue
        if header[5] & _FIRST_OF_STREAM:
            if begun:
                break
        else:
            begun = True
        sizes = file.read(header[26])
        position = min(size, position + _HEADER + len(sizes) + sum(sizes))
    return (FilePart((range(at, position),)),), position, lost


def _next_page(file: BinaryIO, start: int, size: int) -> int:
    """Where the next page stands, or another recording; `size` where neither comes."""
    at = start
    while at < size:
        file.seek(at)
        found = file.read(min(_WINDOW, size - at) + 4).find(b"OggS\0")
        if found >= 0:
            return next_start(file, start, min(size, at + found))
        at += _WINDOW
    return next_start(file, start, size)
