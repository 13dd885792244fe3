"""Damaged copies of recordings, the same ones every time."""

import random
from collections.abc import Iterator


def mutants(content: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Cut off, only the head, flipped bytes, runs of zeros, pieces in the wrong place."""
    dice = random.Random(seed)
    for number in range(count):
        yield _KINDS[number % len(_KINDS)](bytearray(content), dice)


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
