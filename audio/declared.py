"""How long a container says that its sound is, where that can be believed.

FFmpeg's own figure is a guess by bit rate for some containers, and for a cut-off WAV it is what is left.
"""

import struct
from typing import BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from audio.layout.marks import synchsafe

# Raw AAC and AMR declare nothing. Ogg states where it ends on its last page, which tells nothing of what was cut off.
_SAY_NOTHING = frozenset({"aac", "amr", "amrnb", "amrwb", "ogg"})
_UNKNOWN_SIZE = (
    0x7FFF0000  # recorders that never came back to fill in the size leave 2**31 - 1 or 2**32 - 1 or so
)


def declared_seconds(file: BinaryIO, container: InputContainer, stream: AudioStream) -> float | None:
    """Seconds of sound that the file promises, without encoder priming; None where it promises nothing."""
    kind = container.format.name
    if kind in _SAY_NOTHING:
        return None
    if kind == "mp3":
        return _mp3_seconds(file)
    if kind == "wav" and stream.codec_context.name.startswith("pcm_"):
        written = _wav_seconds(file)
        if written is not None:
            return written
    if stream.duration is not None and stream.time_base is not None:
        # an edit list counts the encoder's priming as time before the start
        priming = max(stream.start_time or 0, 0) if kind.startswith("mov") else 0
        return float((stream.duration - priming) * stream.time_base)
    return None if container.duration is None else container.duration / av.time_base


def _mp3_seconds(file: BinaryIO) -> float | None:
    """From the frame in which an encoder counted the others (Xing, Info or VBRI), where it left one."""
    file.seek(0)
    head = file.read(10)
    file.seek(10 + synchsafe(head[6:10]) if head[:3] == b"ID3" and len(head) == 10 else 0)
    frame = file.read(4096)
    rate_index, version = (frame[2] >> 2 & 3, frame[1] >> 3 & 3) if len(frame) > 2 else (3, 1)
    if frame[:1] != b"\xff" or rate_index == 3 or version == 1:
        return None
    for mark, at in ((b"Xing", 8), (b"Info", 8), (b"VBRI", 14)):
        found = frame.find(mark, 0, 512)
        if found < 0 or (mark != b"VBRI" and not frame[found + 7] & 1):
            continue
        count = int.from_bytes(frame[found + at : found + at + 4], "big")
        rate = (44_100, 48_000, 32_000)[rate_index] >> {3: 0, 2: 1, 0: 2}[version]
        return count * (1152 if version == 3 else 576) / rate if count else None
    return None


def _wav_seconds(file: BinaryIO) -> float | None:
    """From the size of the data chunk and the bytes a second of the fmt chunk, for plain RIFF."""
    bytes_a_second = 0
    file.seek(0)
    if file.read(4) != b"RIFF":
        return None
    file.seek(12)
    for _ in range(1000):
        header = file.read(8)
        if len(header) < 8:
            return None
        name, size = header[:4], struct.unpack("<I", header[4:])[0]
        if name == b"data":
            known = bytes_a_second > 0 and 0 < size < _UNKNOWN_SIZE
            return size / bytes_a_second if known else None
        if name == b"fmt ":
            bytes_a_second = struct.unpack("<I", file.read(min(size, 64))[8:12].ljust(4, b"\0"))[0]
            file.seek(size - min(size, 64) + (size & 1), 1)
        else:
            file.seek(size + (size & 1), 1)
    return None
