"""What makes two recordings the same one: their bytes, or the samples that come out of them."""

import hashlib
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.handed import input_descriptor

_BLOCK = 1 << 20


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as lower-case hex, in constant memory.

    Raises OSError where the file can't be read (a fault of the disk: FFmpeg would call it a broken recording).
    """
    digest = hashlib.sha256()
    handed = input_descriptor(path)
    with path.open("rb") if handed is None else os.fdopen(handed, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


class SoundIdentity:
    """SHA-256 of decoded samples: the same for the same sound in any lossless container. Feed blocks, in order.

    Samples count as interleaved 24-bit integers in 32-bit words: one form for 8, 16, 24 bits and float. 16-bit sound
    stored as float gives the same bytes, since k / 32768 is exact in a float.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._digest = hashlib.sha256(f"pcm24 {rate} {channels}\n".encode())

    def feed(self, block: NDArray[np.float32]) -> None:
        """block: (channels, n), full scale is 1.0"""
        scaled = block * np.float32(2**23)
        np.clip(scaled, -(2.0**30), 2.0**30, out=scaled)
        whole = np.rint(scaled, out=scaled).astype("<i4")
        self._digest.update(np.ascontiguousarray(whole.T).data)

    def hexdigest(self) -> str:
        """Lower-case hex, of all that was fed."""
        return self._digest.hexdigest()


def clip_id(recording_sha256: str, start: int, end: int, recipe_id: str) -> str:
    """The name of a clip, from nothing but what it is made of: the same wherever and whenever it is cut.

    start, end: in samples of the original's time line

    >>> clip_id("00" * 32, 0, 16000, "field@1")
    'b7a9831381ffa80cdde5fb0b'
    """
    material = f"{recording_sha256} {start} {end} {recipe_id}"
    return hashlib.sha256(material.encode()).hexdigest()[:24]
