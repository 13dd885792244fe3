"""Partial uploads: files on their way, one a transfer, on this machine's disk, each open to one request at a time."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from catalog.keys import PARTIAL_ENDING, partial_upload_name


class FileBusy(Exception):
    """Another request, maybe of another process, is at work on this file."""


class FileTooShort(Exception):
    """A file holds less than was counted: the disk has lost what it said was flushed."""


class PartFile:
    """An open file that nobody else writes to: locked until it is closed, or its process ends in whatever way."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self.path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    @property
    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def cut_to(self, offset: int) -> None:
        """Drop what lies behind `offset`: written, but never counted. Raises FileTooShort."""
        if self.size < offset:
            raise FileTooShort(f"{self.path.name} holds {self.size} bytes, {offset} were counted")
        os.ftruncate(self._descriptor, offset)

    def write(self, piece: bytes, at: int) -> None:
        """Write a piece where it belongs. Raises OSError: what lies behind the counted offset then means nothing."""
        rest = memoryview(piece)
        while rest:
            written = os.pwrite(self._descriptor, rest, at)
            rest, at = rest[written:], at + written

    def flush(self) -> None:
        """Return when the bytes would survive the power going."""
        os.fsync(self._descriptor)

    def pieces(self, size: int = 2**20) -> Iterator[bytes]:
        at = 0
        while piece := os.pread(self._descriptor, size, at):
            at += len(piece)
            yield piece


class PartialUploads:
    """The folder. Its files are named by transfers' ids, which we make: no name of a sender's reaches the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, transfer_id: str) -> None:
        """Make an empty file that survives the power going."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(
            self._path(transfer_id), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600
        )
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._flush_folder()

    def open(self, transfer_id: str) -> PartFile:
        """The file, made again if it is gone: whoever reads it compares its size. Raises FileBusy."""
        path = self._path(transfer_id)
        created = not path.exists()
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # The kernel's lock ends with its process: after kill -9 nobody waits for a lease to run out.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise FileBusy(transfer_id) from None
        if created:
            self._flush_folder()
        return PartFile(descriptor, path)

    def drop(self, transfer_id: str) -> None:
        """Remove the file, if it is there."""
        self._path(transfer_id).unlink(missing_ok=True)

    def ids(self) -> Iterator[tuple[str, float]]:
        """Every transfer with a file here, and when it was last written (seconds since 1970)."""
        for path in self._folder.glob(f"*{PARTIAL_ENDING}"):
            with _gone_is_fine():
                yield path.name.removesuffix(PARTIAL_ENDING), path.stat().st_mtime

    def free_bytes(self) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self._folder).free

    def _path(self, transfer_id: str) -> Path:
        return self._folder / partial_upload_name(transfer_id)

    def _flush_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        return
