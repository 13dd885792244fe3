"""Unicode's "do not use" tables: sequences that look like a letter but are not stored as it (आॅ for ऑ)."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("do_not_emit.txt")


@cache
def do_not_emit() -> Mapping[str, str]:
    """Sequence to the letter that is meant, both in NFC. Source: UAX #44, DoNotEmit.txt.

    >>> do_not_emit()["\\u0906\\u0945"]
    'ऑ'
    """
    lines = (line.partition("#")[0].strip() for line in _TABLE.read_text("utf-8").splitlines())
    pairs = (line.split(";") for line in lines if line)
    return {_characters(sequence): _characters(meant) for sequence, meant in pairs}


def _characters(code_points: str) -> str:
    return unicodedata.normalize("NFC", "".join(chr(int(point, 16)) for point in code_points.split()))
