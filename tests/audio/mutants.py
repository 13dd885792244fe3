"""Damaged copies of recordings and joins of several, the same ones every time."""

import random
import resource
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from pathlib import Path

from audio.files import measure_file
from audio.limits import Limits
from audio.recipe import Recipe
from tests.audio.odd_files import made, mp3

SECONDS = 1.5
SPEEX = Path(__file__).parent / "files"


def mutants(content: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Cut off, only the head, flipped bytes, runs of zeros, pieces in the wrong place."""
    dice = random.Random(seed)
    for number in range(count):
        yield _KINDS[number % len(_KINDS)](bytearray(content), dice)


@cache
def bases() -> tuple[bytes, ...]:
    """Short recordings in every container and in several rates, channels and codings: what mutants are made of."""
    lossless = [
        made(kind, SECONDS, rate, channels, subtype)
        for kind, (rate, channels, subtype) in product(
            ("wav", "aiff", "caf", "w64", "rf64"),
            ((8_000, 1, "PCM_16"), (44_100, 2, "PCM_24"), (16_000, 1, "FLOAT")),
        )
    ]
    phones = [
        made(kind, SECONDS, rate, channels)
        for kind, rate, channels in (
            ("flac", 16_000, 1),
            ("flac", 44_100, 2),
            ("m4a", 44_100, 1),
            ("m4a", 44_100, 2),
            ("aac", 44_100, 1),
            ("ogg", 48_000, 1),
            ("ogg", 48_000, 2),
            ("webm", 48_000, 1),
            ("mka", 44_100, 1),
            ("amr", 8_000, 1),
            ("3gp", 8_000, 1),
            ("au", 16_000, 1),
            ("sph", 16_000, 2),
            ("wma", 44_100, 1),
            ("wma", 44_100, 2),
        )
    ]
    mp3s = [
        mp3(SECONDS, rate, kbits, channels)
        for rate, kbits, channels in ((44_100, 64, 1), (16_000, 32, 2), (8_000, 16, 1))
    ]
    speex = [path.read_bytes() for path in sorted(SPEEX.glob("*.spx"))]
    return (*lossless, *phones, *mp3s, *speex)


def all_mutants(count: int, seed: int) -> Iterator[bytes]:
    """Of every base in turn: flips, cuts, zeros, pieces in the wrong place, and joins with another, damaged or not."""
    dice = random.Random(seed)
    sources = bases()
    for number in range(count):
        content = sources[number % len(sources)]
        kind = dice.choice((*_KINDS, _joined(sources), _joined(sources), _joined_and_damaged(sources)))
        yield kind(bytearray(content), dice)


def _joined(sources: Sequence[bytes]) -> Callable[[bytearray, random.Random], bytes]:
    return lambda content, dice: bytes(content) + dice.choice(sources)


def _joined_and_damaged(sources: Sequence[bytes]) -> Callable[[bytearray, random.Random], bytes]:
    def join(content: bytearray, dice: random.Random) -> bytes:
        first, second = (
            dice.choice(_KINDS)(bytearray(each), dice) for each in (content, dice.choice(sources))
        )
        return first + second

    return join


def weigh(path: Path, recipe: Recipe, limits: Limits) -> tuple[float, tuple[str, ...], int]:
    """What `boli measure` says of a file: its seconds and reasons; and the child's highest memory so far, bytes."""
    found = measure_file(path, recipe, limits)
    return found.duration, found.reasons, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _cut_off(content: bytearray, dice: random.Random) -> bytes:
    return bytes(content[: dice.randrange(1, len(content))])


def _head(content: bytearray, dice: random.Random) -> bytes:
    return bytes(content[: dice.randrange(1, min(200, len(content)))])


def _flips(content: bytearray, dice: random.Random) -> bytes:
    for _ in range(dice.choice((1, 5, 50))):
        content[dice.randrange(len(content))] = dice.randrange(256)
    return bytes(content)


def _flips_in_header(content: bytearray, dice: random.Random) -> bytes:
    for _ in range(dice.choice((1, 3, 10))):
        content[dice.randrange(min(120, len(content)))] = dice.randrange(256)
    return bytes(content)


def _zeros(content: bytearray, dice: random.Random) -> bytes:
    start = dice.randrange(len(content))
    length = dice.randrange(1, 2000)
    content[start : start + length] = bytes(min(length, len(content) - start))
    return bytes(content)


def _splice(content: bytearray, dice: random.Random) -> bytes:
    a, b = sorted(dice.randrange(len(content)) for _ in range(2))
    return bytes(content[:a] + content[b:] + content[a:b])


_KINDS = (_cut_off, _head, _flips, _flips_in_header, _zeros, _splice)
