"""How the beginning of a recording is known in the middle of a file, and the tags that may lie between two."""

import re
from collections.abc import Iterator
from typing import BinaryIO

W64_RIFF = bytes.fromhex("726966662e91cf11a5d628db04c10000")
ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")  # Windows Media
_WINDOW = 1 << 20
_SEARCHED = 4 << 20  # for frames behind what nobody knows
_LONGEST = 64  # bytes that a look at a beginning may need

# Each of the first bytes of a container, strict enough not to be met by chance in a gigabyte of compressed sound.
STARTS = {
    "riff": re.compile(rb"(?:RIFF|RIFX|RF64|BW64)....WAVE", re.DOTALL),
    "w64": re.compile(re.escape(W64_RIFF)),
    "aiff": re.compile(rb"FORM....AIF[FC]", re.DOTALL),
    "caf": re.compile(rb"caff\x00\x01\x00\x00desc", re.DOTALL),
    "iso": re.compile(rb"\x00\x00\x00[\x08-\xff]ftyp[ -~]{4}", re.DOTALL),
    "ogg": re.compile(rb"OggS\x00[\x02\x06]", re.DOTALL),
    "matroska": re.compile(rb"\x1a\x45\xdf\xa3.{1,44}?\x42\x82.(?:webm|matroska)", re.DOTALL),
    "flac": re.compile(rb"fLaC[\x00\x80]\x00\x00\x22", re.DOTALL),
    "amr": re.compile(rb"#!AMR(?:-WB)?\n"),
    "asf": re.compile(re.escape(ASF_HEADER)),
    "au": re.compile(
        rb"\.snd\x00\x00.{6}\x00\x00\x00[\x01-\x1b]\x00[\x00-\x05]..\x00\x00\x00[\x01-\xff]", re.DOTALL
    ),
    "nist": re.compile(rb"NIST_1A\n[ \d]{7}\n"),
}
_ANY = re.compile(b"|".join(b"(?:" + pattern.pattern + b")" for pattern in STARTS.values()), re.DOTALL)
_QUICK = re.compile(
    rb"R(?:IFF|IFX|F64)|BW64|riff\x2e\x91|FORM|caff\x00|ftyp|OggS\x00|\x1a\x45\xdf\xa3|fLaC|#!AMR"
    rb"|\x30\x26\xb2\x75|\.snd\x00|NIST_1A"
)
_FRAME = re.compile(rb"\xff[\xe2-\xff][\x00-\xef]", re.DOTALL)
_OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def kind_at(file: BinaryIO, at: int) -> str | None:
    """Which container begins at this byte; `stream` for bare MP3 and AAC frames; None where nothing does."""
    file.seek(at)
    head = file.read(_LONGEST)
    for kind, pattern in STARTS.items():
        if pattern.match(head):
            return kind
    if head[4:8] in _OLD_QUICKTIME and at == 0:
        return "iso"
    return "stream" if is_frame(head) else None


def next_start(file: BinaryIO, start: int, end: int, *, but: bytes | None = None) -> int:
    """Where after `start` the next container begins; `end` where none does. but: a first word that is none here"""
    for at, window in _windows(file, start, end):
        position = 0
        while quick := _QUICK.search(window, position):
            position = quick.end()
            first = quick.start() - (4 if quick.group() == b"ftyp" else 0)
            if first >= 0 and quick.group() != but and _ANY.match(window, first):
                return at + first
    return end


def next_frames(file: BinaryIO, start: int, end: int) -> int:
    """Where after `start` three frames of MPEG sound or AAC follow on each other; `end` where none do soon."""
    for at, window in _windows(file, start, min(end, start + _SEARCHED)):
        for found in _FRAME.finditer(window):
            if _frames_in_a_row(file, at + found.start(), end, 3):
                return at + found.start()
    return end


def tag_length(file: BinaryIO, at: int, end: int) -> int:
    """Bytes of a tag that begins at `at` (ID3, APE, a page of XML); 0 where none does."""
    file.seek(at)
    head = file.read(32)
    if head[:3] == b"ID3" and len(head) >= 10 and head[3] < 0xFF:
        return min(end - at, 10 + synchsafe(head[6:10]))
    if head[:3] == b"TAG" and end - at >= 128:
        return 128
    if head[:8] == b"APETAGEX" and len(head) == 32:
        has_header = int.from_bytes(head[20:24], "little") >> 29 & 1
        return min(end - at, int.from_bytes(head[12:16], "little") + (32 if has_header else 0))
    return end - at if head.startswith((b"<?xml", b"<x:xmpmeta")) else 0


def synchsafe(four: bytes) -> int:
    """ID3's sizes: 4 bytes of 7 bits.

    >>> synchsafe(bytes([0, 0, 2, 1]))
    257
    """
    return (four[0] & 127) << 21 | (four[1] & 127) << 14 | (four[2] & 127) << 7 | (four[3] & 127)


def zeros_before(file: BinaryIO, start: int, end: int) -> int:
    """How many zero bytes stand at the end of file[start:end]."""
    at = end
    while at > start:
        first = max(start, at - _WINDOW)
        file.seek(first)
        filled = len(file.read(at - first).rstrip(b"\0"))
        if filled:
            return end - (first + filled)
        at = first
    return end - start


def _windows(file: BinaryIO, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """The bytes from start to end, each window beginning with the last bytes of the one before."""
    at = start
    while at < end:
        file.seek(at)
        window = file.read(min(_WINDOW + _LONGEST, end - at))
        if not window:
            return
        yield at, window
        at += _WINDOW


def is_frame(head: bytes) -> bool:
    """A frame header of MPEG sound or of AAC in ADTS: eleven bits set, and no reserved value behind them."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    if head[1] & 0xF6 == 0xF0:  # ADTS: layer 0
        return head[2] >> 2 & 15 < 13
    return head[1] & 0x18 != 0x08 and head[1] & 0x06 != 0 and head[2] >> 4 < 15 and head[2] & 0x0C != 0x0C


def _frames_in_a_row(file: BinaryIO, at: int, end: int, count: int) -> bool:
    for _ in range(count):
        file.seek(at)
        head = file.read(8)
        if at >= end or not is_frame(head) or len(head) < 6:
            return False
        at += max(1, frame_length(head))
    return True


_MPEG_KBITS = {  # ISO/IEC 11172-3 and 13818-3, by (MPEG 1, layer): of index 1 to 14
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def frame_length(head: bytes) -> int:
    """Bytes from this frame's header (6 or more of its bytes) to the next one's; 0 where it doesn't say."""
    if head[1] & 0xF6 == 0xF0:  # ADTS
        return (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    newest, layer = head[1] & 8 != 0, 4 - (head[1] >> 1 & 3)
    rate = (44_100, 48_000, 32_000)[head[2] >> 2 & 3] >> {3: 0, 2: 1, 0: 2}[head[1] >> 3 & 3]
    index, padding = head[2] >> 4, head[2] >> 1 & 1
    if not index:
        return 0
    bits = 1000 * _MPEG_KBITS[newest, layer][index - 1]
    if layer == 1:
        return (12 * bits // rate + padding) * 4
    return (144 if newest or layer == 2 else 72) * bits // rate + padding
