"""Opening what people sent, without ever waiting and without following what it says."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from audio.errors import UnusableRecording
from audio.handed import input_descriptor
from audio.reasons import AudioReason


@contextmanager
def open_input(path: Path) -> Iterator[BinaryIO]:
    """A regular, non-empty file that we may read.

    Raises UnusableRecording: empty_file, or unreadable (absent, a folder, a pipe, no permission).
    """
    try:
        handed = input_descriptor(path)
        file = open(path, "rb", opener=_without_waiting) if handed is None else os.fdopen(handed, "rb")  # noqa: SIM115
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        status = os.fstat(file.fileno())
        if not S_ISREG(status.st_mode):
            raise UnusableRecording(
                AudioReason.UNREADABLE, f"{path.name!r} is not a file. Give the path of a recording."
            )
        if status.st_size == 0:
            raise UnusableRecording(
                AudioReason.EMPTY_FILE,
                f"{path.name!r} holds no bytes: the upload or the recorder stopped before any sound.",
            )
        yield file


def _unreadable(path: Path, error: OSError) -> UnusableRecording:
    return UnusableRecording(
        AudioReason.UNREADABLE,
        f"{path.name!r} can't be read ({error.strerror}). Check that it is there and ours to read.",
    )


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a named pipe would wait for a writer for ever
