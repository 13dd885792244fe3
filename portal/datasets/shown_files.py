"""The files of a version as a person wants them: what to load first, the thousands of sounds as one line."""

from collections.abc import Sequence
from dataclasses import dataclass

from releases.versions import File, Version

MOST_SHOWN = 60
_FIRST = ("README.md", "CHANGES.md", "checksums.sha256", "croissant.json")


@dataclass(frozen=True, slots=True)
class ShownFiles:
    """files: to be listed; left_out: how many more there are but for sounds; bytes: of all files"""

    files: Sequence[File]
    left_out: int
    sounds: int
    sound_bytes: int
    bytes: int


def shown_files(version: Version) -> ShownFiles:
    sounds = [file for file in version.files if file.path.startswith("audio/")]
    others = sorted(
        (file for file in version.files if not file.path.startswith("audio/")),
        key=lambda file: (_FIRST.index(file.path) if file.path in _FIRST else len(_FIRST), file.path),
    )
    return ShownFiles(
        others[:MOST_SHOWN],
        max(0, len(others) - MOST_SHOWN),
        len(sounds),
        sum(file.size for file in sounds),
        sum(file.size for file in version.files),
    )
