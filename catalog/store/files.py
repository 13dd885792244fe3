"""Local files at a store's edge: in pieces, by digest, appearing whole."""

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from catalog.store.errors import Damaged

PIECE = 2**20


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """A file from here to its end, a mebibyte at a time."""
    while piece := file.read(PIECE):
        yield piece


def digest(file: BinaryIO) -> str:
    """SHA-256 of a file from here to its end, in hexadecimal."""
    seen = hashlib.sha256()
    for piece in pieces(file):
        seen.update(piece)
    return seen.hexdigest()


@contextmanager
def appearing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes its name only when the block ends well; otherwise nothing is left of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with aside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def compare(key: str, seen: str | None, expected: str | None) -> None:
    """Raises Damaged where an object has another SHA-256 than it must have. expected: None takes any"""
    if expected is not None and seen != expected:
        raise Damaged(
            f"{key} must hold the bytes with SHA-256 {expected}, they have {seen}. Send the file again from its source."
        )
