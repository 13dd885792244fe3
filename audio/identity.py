"""What makes two recordings the same one: their bytes, or the samples that come out of them."""

import hashlib
from pathlib import Path

_BLOCK = 1 << 20


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as lower-case hex, in constant memory.

    Raises OSError where the file can't be read (a fault of the disk: FFmpeg would call it a broken recording).
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def clip_id(recording_sha256: str, start: int, end: int, recipe_id: str) -> str:
    """The name of a clip, from nothing but what it is made of: the same wherever and whenever it is cut.

    start, end: in samples of the original's time line

    >>> clip_id("00" * 32, 0, 16000, "field@1")
    'b7a9831381ffa80cdde5fb0b'
    """
    material = f"{recording_sha256} {start} {end} {recipe_id}"
    return hashlib.sha256(material.encode()).hexdigest()[:24]
