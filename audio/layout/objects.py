"""ASF, the container of Windows Media: objects with a size each; what stands behind the last of them is a finding."""

from typing import BinaryIO

from audio.layout.marks import ASF_HEADER, next_start
from audio.layout.parts import FilePart

_HEAD = 24  # an identifier of 16 bytes and a size of 8
_MOST_OBJECTS = 1_000
_OBJECTS = frozenset(  # at the top level, ASF specification 01.20.03, section 10.1
    (
        ASF_HEADER,
        bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c"),  # data
        bytes.fromhex("90080033b1e5cf1189f400a0c90349cb"),  # simple index
        bytes.fromhex("d329e2d6da35d111903400a0c90349be"),  # index
        bytes.fromhex("f803b1fead12644c840f2a1d2f7ad48c"),  # media object index
        bytes.fromhex("d03fb73c4a0c0348953dedf7b6228f0c"),  # timecode index
    )
)


def asf_part(file: BinaryIO, at: int, size: int) -> tuple[tuple[FilePart, ...], int, int]:
    """The recording that begins at `at` and where it ends: behind its objects, or where another begins.

    An object that is cut off, or whose size a recorder never came back to write, reaches to there.
    """
    position = at
    for _ in range(_MOST_OBJECTS):
        file.seek(position)
        head = file.read(_HEAD)
        if head[:16] not in _OBJECTS or (position > at and head.startswith(ASF_HEADER)):
            break
        length = int.from_bytes(head[16:], "little")
        if len(head) < _HEAD or not _HEAD <= length <= size - position:
            position = next_start(file, position + 16, size)
            break
        position += length
    return (FilePart((range(at, position),)),), position, 0
