"""How long a container says that its sound is, where that can be believed.

FFmpeg's own figure is a guess by bit rate for some containers, and for a cut-off WAV it is what is left.
"""

import struct
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

# Raw AAC and AMR declare nothing. Ogg states where it ends on its last page, which tells nothing of what was cut off.
_SAY_NOTHING = frozenset({"aac", "amr", "amrnb", "amrwb", "ogg"})
_UNKNOWN_SIZE = (
    0x7FFF0000  # recorders that never came back to fill in the size leave 2**31 - 1 or 2**32 - 1 or so
)


def declared_seconds(path: Path, container: InputContainer, stream: AudioStream) -> float | None:
    """Seconds of sound that the file promises, without encoder priming; None where it promises nothing."""
    kind = container.format.name
    if kind in _SAY_NOTHING or (kind == "mp3" and not _has_mp3_count(path)):
        return None
    if kind == "wav" and stream.codec_context.name.startswith("pcm_"):
        written = _wav_seconds(path)
        if written is not None:
            return written
    if stream.duration is not None and stream.time_base is not None:
        # an edit list counts the encoder's priming as time before the start
        priming = max(stream.start_time or 0, 0) if kind.startswith("mov") else 0
        return float((stream.duration - priming) * stream.time_base)
    return None if container.duration is None else container.duration / av.time_base


def _has_mp3_count(path: Path) -> bool:
    """Whether the encoder left a frame that counts the others: Xing, Info or VBRI."""
    with path.open("rb") as file:
        file.seek(_after_id3(file.read(10)))
        head = file.read(4096)
    return any(mark in head for mark in (b"Xing", b"Info", b"VBRI"))


def _after_id3(head: bytes) -> int:
    """Where sound begins behind an ID3v2 tag, whose size is 4 bytes of 7 bits."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    return 10 + ((head[6] & 127) << 21 | (head[7] & 127) << 14 | (head[8] & 127) << 7 | (head[9] & 127))


def _wav_seconds(path: Path) -> float | None:
    """From the size of the data chunk and the bytes a second of the fmt chunk, for plain RIFF."""
    bytes_a_second = 0
    with path.open("rb") as file:
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
                bytes_a_second = struct.unpack("<I", file.read(size)[8:12].ljust(4, b"\0"))[0]
                file.seek(size & 1, 1)
            else:
                file.seek(size + (size & 1), 1)
    return None
