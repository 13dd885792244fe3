"""How much of a packet is its frame: FFmpeg hands on what lies between two frames as the first one's tail."""

from collections.abc import Callable
from typing import BinaryIO, TypeAlias

from av.audio.stream import AudioStream
from av.packet import Packet

from audio.layout.marks import frame_length, is_frame

_FLAC_HEAD = 64  # bytes that a frame's own head, its checks and an unlucky prediction may add
AudioPacket: TypeAlias = "Packet[AudioStream]"
Measure = Callable[[AudioPacket], int]


def frame_measure(container: str, reader: BinaryIO) -> Measure:
    """What tells the bytes of a packet that are sound, for containers that are nothing but frames.

    reader: the file from its first frame or head on
    """
    if container in ("mp3", "aac"):
        return _by_its_head
    if container == "flac":
        largest = _largest_flac_frame(reader)
        return lambda packet: min(packet.size, largest)
    return lambda packet: packet.size


def _by_its_head(packet: AudioPacket) -> int:
    head = bytes(memoryview(packet)[:8])
    if len(head) < 6 or not is_frame(head):
        return 0
    return min(packet.size, frame_length(head) or packet.size)


def _largest_flac_frame(reader: BinaryIO) -> int:
    """From STREAMINFO (RFC 9639, 8.2): the largest frame, or what the largest block may take unpacked."""
    reader.seek(0)
    head = reader.read(1 << 16)
    at = head.find(b"fLaC")
    info = head[at + 8 : at + 42] if at >= 0 else b""
    if len(info) < 34:
        return 1 << 24
    stated = int.from_bytes(info[7:10], "big")
    block = int.from_bytes(info[2:4], "big")
    channels, bits = (info[12] >> 1 & 7) + 1, ((info[12] & 1) << 4 | info[13] >> 4) + 1
    return stated or block * channels * (bits + 1) // 8 + _FLAC_HEAD
