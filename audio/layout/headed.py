"""AU (Sun, NeXT) and NIST SPHERE: one head that says how much sound follows, then samples and nothing else."""

import re
import struct
from typing import BinaryIO

from audio.layout.marks import next_start
from audio.layout.parts import FilePart

_UNKNOWN_AU = (0, 0xFFFFFFFF)  # written to a pipe, or by a recorder that never came back
_LONGEST_NIST = 1 << 16
_NIST_FIELD = re.compile(
    rb"^(channel_count|sample_count|sample_n_bytes) -[is]\d* (\d{1,15})\s*$", re.MULTILINE
)


def headed_part(file: BinaryIO, at: int, size: int) -> tuple[tuple[FilePart, ...], int, int]:
    """The recording that begins at `at` and where it ends: where its head says, or else at the next recording."""
    file.seek(at)
    head = file.read(_LONGEST_NIST)
    length = _au_length(head) if head.startswith(b".snd") else _nist_length(head)
    following = next_start(file, at + 8, size)
    end = following if length is None else min(following, at + length)
    return (FilePart((range(at, end),)),), end, 0


def _au_length(head: bytes) -> int | None:
    """Bytes of head and sound together; None where the head leaves it open.

    >>> _au_length(b".snd" + struct.pack(">5I", 24, 320, 3, 8000, 1))
    344
    """
    start, length = struct.unpack(">II", head[4:12].ljust(8, b"\0"))
    return None if length in _UNKNOWN_AU else start + length


def _nist_length(head: bytes) -> int | None:
    r"""As above, from the fields of the head: text, a name, a type and a value in each line.

    >>> _nist_length(b"NIST_1A\n   1024\nsample_count -i 160\nsample_n_bytes -i 2\nend_head\n")
    1344
    """
    start = int(head[8:16]) if head[8:16].strip().isdigit() else 0
    found = {name: int(value) for name, value in _NIST_FIELD.findall(head[:start].partition(b"end_head")[0])}
    count = found.get(b"sample_count", 0) * found.get(b"sample_n_bytes", 0) * found.get(b"channel_count", 1)
    packed = b"embedded-" in head[:start]
    return start + count if start and count and not packed else None
