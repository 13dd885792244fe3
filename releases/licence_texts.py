"""The licences of a version in full, each in a file named by its SPDX identifier (as REUSE 3.3 lays them out).

The texts are those of the SPDX licence list.
"""

from collections.abc import Iterable
from pathlib import Path

FOLDER = "LICENSES"
_TEXTS = Path(__file__).with_name("licences")


def licence_text(licence: str) -> str | None:
    """Of an SPDX identifier; None for one that we do not carry."""
    path = _TEXTS / f"{licence}.txt"
    return path.read_text("utf-8") if path.parent == _TEXTS and path.is_file() else None


def write_licences(folder: Path, licences: Iterable[str]) -> tuple[str, ...]:
    """Write what we carry of them below `folder`. Returns the paths from there."""
    written = []
    for licence in sorted(set(licences)):
        if text := licence_text(licence):
            path = folder / FOLDER / f"{licence}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(f"{FOLDER}/{licence}.txt")
    return tuple(written)
