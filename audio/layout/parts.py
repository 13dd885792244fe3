"""A stretch of a file that is a recording of its own, and a reader that shows it as if it were a file."""

import io
import os
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import BinaryIO

Piece = bytes | range
"""Bytes as they stand here, or as they stand in the file from start to stop."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """One recording inside a file, as pieces to be read one after the other.

    unread:  bytes between its ends that hold sound nobody can get at (an edit list leaves it out, no index names it)
    missing: bytes of sound that its sizes promise behind the end of the file
    """

    pieces: tuple[Piece, ...]
    unread: int = 0
    missing: int = 0

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a file in order; unread: bytes that belong to none of them, nor to tags and other known things."""

    parts: tuple[FilePart, ...]
    unread: int

    def is_plain(self, size: int) -> bool:
        """Whether the file of `size` bytes is one recording, to be opened as it is."""
        return len(self.parts) == 1 and self.parts[0].pieces == (range(size),)


class PartReader(io.RawIOBase):
    """A part as a file that can be read and sought; of a file that is open, which it leaves open."""

    def __init__(self, file: BinaryIO, part: FilePart) -> None:
        self._descriptor = file.fileno()
        self._pieces = part.pieces
        self._starts = [0, *accumulate(map(len, part.pieces))]
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._starts[-1]}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        view = memoryview(buffer).cast("B")
        number = bisect_right(self._starts, self._at) - 1
        if number >= len(self._pieces) or not len(view):
            return 0
        piece, inside = self._pieces[number], self._at - self._starts[number]
        count = min(len(view), len(piece) - inside)
        content = (
            piece[inside : inside + count]
            if isinstance(piece, bytes)
            else os.pread(self._descriptor, count, piece.start + inside)
        )
        view[: len(content)] = content
        self._at += len(content)
        return len(content)
