"""WAV, RF64, BW64, Wave64, AIFF and CAF: chunks with a size each, which a recorder that died never came back to write.

A file whose sizes are right and whose sound is one chunk is left as it is. Where sound goes on behind the size, or
comes in several chunks, or another file was joined, a head of our own is put before all of the sound.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from audio.layout.marks import W64_RIFF, kind_at, next_start, tag_length, zeros_before
from audio.layout.parts import FilePart, Piece

_UNKNOWN = 0x7FFF0000  # recorders that never came back leave 2**31 - 1 or 2**32 - 1 or so
_MOST_CHUNKS = 50_000
_LARGEST_KEPT = 1 << 20
_W64_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")
_KNOWN = frozenset(
    b"fmt ,data,fact,LIST,list,JUNK,junk,PAD ,FLLR,bext,iXML,id3 ,ID3 ,cue ,PEAK,smpl,inst,ds64,axml,chna,"
    b"COMM,SSND,FVER,NAME,AUTH,ANNO,MARK,INST,APPL,COMT,AESD,ID3 ,desc,kuki,pakt,chan,free,info,strg,mark,uuid".split(
        b","
    )
)
_BEGINNINGS = (b"RIFF", b"RIFX", b"RF64", b"BW64", b"FORM", b"caff", b"riff")


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How chunks are written. order: of bytes; pad: sizes are rounded up to it; before: bytes of `sound` that are none

    shape: the chunk that says how samples are stored
    """

    kind: str
    order: str
    head: int
    name: int
    wide: bool
    pad: int
    shape: bytes
    sound: bytes
    before: int
    counts_itself: bool = False


@dataclass(slots=True)
class _Stretch:
    """Sound of one shape. stale: the sizes in the file do not lead to all of it; missing: bytes they promise"""

    shape: bytes
    more: list[tuple[bytes, bytes]] = field(default_factory=list)
    sound: list[range] = field(default_factory=list)
    stale: bool = False
    missing: int = 0


def chunked_parts(file: BinaryIO, at: int, size: int) -> tuple[tuple[FilePart, ...], int, int]:
    """The recording that begins at `at`, where it ends, and how many bytes of padding are in it."""
    dialect = _dialect(file, at)
    stretches, end, lost = _walk(file, at, size, dialect)
    filled = [stretch for stretch in stretches if stretch.sound]
    plain = len(filled) == 1 and len(filled[0].sound) == 1 and not filled[0].stale
    if plain or not filled or any(_needs_a_table(dialect, stretch) for stretch in filled):
        return (FilePart((range(at, end),), missing=sum(each.missing for each in filled)),), end, lost
    return tuple(FilePart(tuple(_rebuilt(dialect, stretch))) for stretch in filled), end, lost


def _dialect(file: BinaryIO, at: int) -> _Dialect:
    file.seek(at)
    first = file.read(4)
    if first == b"FORM":
        return _Dialect("aiff", ">", 12, 4, False, 2, b"COMM", b"SSND", 8)
    if first == b"caff":
        return _Dialect("caf", ">", 8, 4, True, 1, b"desc", b"data", 4)
    if first == W64_RIFF[:4]:
        return _Dialect("w64", "<", 40, 16, True, 8, b"fmt ", b"data", 0, counts_itself=True)
    return _Dialect("riff", ">" if first == b"RIFX" else "<", 12, 4, False, 2, b"fmt ", b"data", 0)


def _walk(file: BinaryIO, at: int, size: int, dialect: _Dialect) -> tuple[list[_Stretch], int, int]:
    stretches: list[_Stretch] = []
    long_size: int | None = None  # RF64 keeps it in a chunk of its own
    position, lost = at + dialect.head, 0
    for _ in range(_MOST_CHUNKS):
        if position >= size:
            break
        found = _chunk(file, position, size, dialect)
        if found is None:
            ending = _after_the_chunks(file, position, size, stretches)
            return stretches, ending[0], lost + ending[1]
        name, body, length = found
        if name == dialect.sound:
            body += dialect.before
            length -= dialect.before
            if length in (0xFFFFFFFF, -1 - dialect.before) and long_size:
                length = long_size
            unknown = length <= 0 or (length >= _UNKNOWN and body + length > size)
            end = next_start(file, body, size) if unknown else min(size, body + length)
            if end > body:
                stretches = stretches or [_Stretch(b"")]
                stretches[-1].sound.append(range(body, end))
                stretches[-1].stale |= _stops_a_decoder(dialect, length)
                stretches[-1].missing += 0 if unknown else max(0, body + length - size)
            position = end if unknown else end + -length % dialect.pad
            continue
        content = _content(file, body, length)
        if name == b"ds64" and len(content) >= 16:
            long_size = struct.unpack("<Q", content[8:16])[0]
        elif name == dialect.shape and (not stretches or stretches[-1].shape != content):
            stretches.append(_Stretch(content))
        elif name in (b"kuki", b"chan") and stretches:
            stretches[-1].more.append((name, content))
        position = body + length + -length % dialect.pad
    return stretches, min(position, size), lost


def _stops_a_decoder(dialect: _Dialect, length: int) -> bool:
    """Whether a decoder takes this size for no sound at all; what is unknown in a WAV, and -1 in CAF, it reads on."""
    until_the_end = dialect.kind == "riff" or (dialect.kind == "caf" and length == -1 - dialect.before)
    return length <= 0 and not until_the_end


def _chunk(file: BinaryIO, position: int, size: int, dialect: _Dialect) -> tuple[bytes, int, int] | None:
    """Name, where its content begins, and its size as written; None where no chunk stands."""
    file.seek(position)
    head = file.read(dialect.name + (8 if dialect.wide else 4))
    if len(head) < dialect.name + (8 if dialect.wide else 4):
        return None
    name, body = head[:4], position + len(head)
    length: int = struct.unpack(dialect.order + ("q" if dialect.wide else "I"), head[dialect.name :])[0]
    if dialect.counts_itself:
        length -= len(head)
        if head[4:16] != _W64_TAIL:
            return None
    fits = 0 <= length <= size - body
    if name in _BEGINNINGS:
        return None
    named = all(32 <= letter < 127 for letter in name)
    known = name in _KNOWN and (length >= 0 or name == dialect.sound)
    return (name, body, length) if known or (named and fits) else None


def _content(file: BinaryIO, body: int, length: int) -> bytes:
    if not 0 < length <= _LARGEST_KEPT:
        return b""
    file.seek(body)
    return file.read(length)


def _after_the_chunks(file: BinaryIO, position: int, size: int, stretches: list[_Stretch]) -> tuple[int, int]:
    """What stands where a chunk should: another file, a tag, padding, or sound that goes on behind a stale size.

    Returns where this recording ends, and the bytes of it that are nothing.
    """
    if not stretches or not stretches[-1].sound:
        return size, 0
    sound = stretches[-1].sound[-1]
    for start in (position, sound.stop):  # some writers forget the byte of padding behind an odd size
        if kind_at(file, start) not in (None, "stream") or tag_length(file, start, size):
            return start, 0
    end = next_start(file, position, size)
    padding = zeros_before(file, position, end)
    if padding == end - position:
        return end, padding
    padding = padding if padding > (end - position) // 4 else 0  # less is a silence at the end
    goes_on = (
        sound.stop if position - sound.stop < 8 else position
    )  # an odd size leaves no padding in its midst
    align = max(1, int.from_bytes(stretches[-1].shape[12:14], "little"))
    whole = goes_on - (goes_on - sound.start) % align
    if not _is_like_sound(file, range(whole, end - padding), stretches[-1].shape):
        return end, end - position
    stretches[-1].sound.append(range(goes_on, end - padding))
    stretches[-1].stale = True
    return end, padding


def _is_like_sound(file: BinaryIO, stretch: range, shape: bytes) -> bool:
    """Whether 16-bit samples go on here: what is packed or ciphered is loud, and no sample is like its neighbour."""
    if len(shape) < 16 or struct.unpack("<H", shape[14:16])[0] != 16 or len(stretch) < 1024:
        return True
    file.seek(stretch.start)
    content = file.read(min(len(stretch), 1 << 17))
    samples = np.frombuffer(content[: len(content) // 2 * 2], "<i2").astype(np.float64)
    channels = max(1, struct.unpack("<H", shape[2:4])[0])
    power = float(np.mean(samples**2))
    alike = float(np.mean(samples[channels:] * samples[:-channels])) / max(power, 1.0)
    return power < (0.4 * 32768) ** 2 or abs(alike) > 0.2


def _needs_a_table(dialect: _Dialect, stretch: _Stretch) -> bool:
    """CAF's packets of varying size are found by a table behind the sound, which fits nothing but the whole."""
    return dialect.kind == "caf" and stretch.shape[16:20] == bytes(4)


def _rebuilt(dialect: _Dialect, stretch: _Stretch) -> Iterator[Piece]:
    """A head that leads to all of the sound, then the sound."""
    length = sum(map(len, stretch.sound))
    if dialect.kind == "caf":
        yield b"caff\0\1\0\0" + b"desc" + struct.pack(">q", len(stretch.shape)) + stretch.shape
        for name, content in stretch.more:
            yield name + struct.pack(">q", len(content)) + content
        yield b"data" + struct.pack(">q", -1) + bytes(4)
    elif dialect.kind == "aiff":
        shape = stretch.shape
        compressed = len(shape) > 18  # AIFF-C names its coding behind the rate
        frame = max(1, struct.unpack(">h", shape[:2])[0] * -(-struct.unpack(">h", shape[6:8])[0] // 8))
        shape = shape[:2] + struct.pack(">I", min(length // frame, 2**32 - 1)) + shape[6:]
        yield b"FORM" + struct.pack(">I", 2**31) + (b"AIFC" if compressed else b"AIFF")
        yield b"COMM" + struct.pack(">I", len(shape)) + shape + bytes(len(shape) % 2)
        yield b"SSND" + struct.pack(">I", min(length + 8, 2**32 - 2)) + bytes(8)
    else:
        count = struct.Struct(dialect.order + "I")
        yield (b"RIFX" if dialect.order == ">" else b"RIFF") + count.pack(2**32 - 1) + b"WAVE"
        yield b"fmt " + count.pack(len(stretch.shape)) + stretch.shape + bytes(len(stretch.shape) % 2)
        yield b"data" + count.pack(length if length < _UNKNOWN else 2**32 - 1)
    yield from stretch.sound
