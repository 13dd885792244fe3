"""A job to the bytes and open files in which it travels to a child."""

import errno
import io
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from audio.child import Request


@contextmanager
def packed(
    function: Callable[..., object], arguments: tuple[object, ...], writes: Path | None
) -> Iterator[Request]:
    """The job with every file that its arguments name, opened for reading as long as the context lasts."""
    memory = io.BytesIO()
    pickler = _PathsNoted(memory)
    pickler.dump((function, arguments))
    inputs: list[tuple[str, int]] = []
    descriptors: list[int] = []
    try:
        for path in pickler.paths:
            fault = _open_into(descriptors, path)
            inputs.append((path, fault))
        body = pickle.dumps((memory.getvalue(), inputs, os.fspath(writes) if writes else None))
        yield Request(body, tuple(descriptors), writes)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


class _PathsNoted(pickle.Pickler):
    """Notes every path that it packs, once each."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.paths: dict[str, None] = {}

    def persistent_id(self, value: object) -> None:
        if isinstance(value, Path):
            self.paths[os.fspath(value)] = None


def _open_into(descriptors: list[int], path: str) -> int:
    """0, and the file is open; or below zero the number of the error with which it can't be."""
    try:
        descriptor = os.open(
            path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        )  # a named pipe would wait for ever
    except OSError as error:
        return -(error.errno or errno.EIO)
    kind = os.fstat(descriptor).st_mode
    if not S_ISREG(kind):
        os.close(descriptor)
        return -(errno.EISDIR if S_ISDIR(kind) else errno.EINVAL)
    descriptors.append(descriptor)
    return 0
