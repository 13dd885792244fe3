"""What the parent has handed to this child: the one input, open, and one place for results.

A child opens no file by its name (`audio.confine`). The functions of this room take paths all the same; here these
are looked up. In any other process, which nobody handed anything, a path is a path.
"""

import os
from pathlib import Path


class _Handed:
    def __init__(self, inputs: dict[str, int], writes: str | None, own: Path) -> None:
        """inputs: descriptor, or below zero the number of the error with which the parent could not open it"""
        self.inputs, self.writes, self.own = inputs, writes, own


_handed: _Handed | None = None


def take(inputs: dict[str, int], writes: str | None, own: Path) -> None:
    """From here on paths mean what was handed. writes: a file, or a folder of files; own: where they are put instead"""
    global _handed  # noqa: PLW0603 (a child does one job at a time)
    _handed = _Handed(inputs, writes, own)


def input_descriptor(path: Path) -> int | None:
    """An open descriptor at its start; None where this process may open `path` itself. Raises OSError."""
    if _handed is None:
        return None
    found = _handed.inputs.get(os.fspath(path))
    if found is None:
        return None  # its own folder, or a refusal by the kernel
    if found < 0:
        raise OSError(-found, os.strerror(-found), os.fspath(path))
    os.lseek(found, 0, os.SEEK_SET)
    return os.dup(found)


def output_path(path: Path) -> Path:
    """Where to write what is to stand at `path`."""
    if _handed is None or _handed.writes not in (os.fspath(path), os.fspath(path.parent)):
        return path
    return _handed.own / path.name
