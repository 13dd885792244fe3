"""A store in a folder: for one machine, for tests, for a disk that is carried to town."""

import errno
import hashlib
import os
import sys
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from catalog import tracing
from catalog.store.contract import Stored, StoredVersion, checked_key, checked_prefix
from catalog.store.errors import (
    AlreadyExists,
    NotStored,
    StoreFull,
    StoreRefused,
    StoreUnavailable,
    TooLarge,
)
from catalog.store.files import appearing, compare, digest, pieces

INCOMING = ".incoming"  # no key starts with a dot
DIGEST_ATTRIBUTE = "user.boli.sha256"


class FolderStore:
    """Objects as files of one file system, written aside, synced, then linked into place.

    The SHA-256 of an object is kept in an extended attribute of its file; on a file system without those it
    is not recorded, and only callers who bring the SHA-256 themselves can compare.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder  # made by the first write: reading needs no rights but to read

    @property
    def url(self) -> str:
        return self.folder.as_uri()

    @tracing.of_store
    def put_file(self, key: str, path: Path, *, sha256: str | None = None) -> Stored:
        with path.open("rb") as source:
            expected = sha256 or digest(source)
            source.seek(0)
            return self._put(key, pieces(source), size=os.fstat(source.fileno()).st_size, expected=expected)

    @tracing.of_store
    def put_bytes(self, key: str, data: bytes) -> Stored:
        return self._put(key, [data], size=len(data), expected=hashlib.sha256(data).hexdigest())

    @tracing.of_store
    def create(self, key: str, data: bytes) -> Stored:
        place = self._place(key)
        with self._incoming() as (path, file):
            stored = self._write(file, key, [data])
            with self._speaking(key):
                self._into_place(path, place, link=True)
        return stored

    def open(self, key: str) -> BinaryIO:
        place = self._place(key)
        with self._speaking(key):
            try:
                return place.open("rb")
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                raise _not_stored(key, self.url) from None

    @tracing.of_store
    def read_range(self, key: str, start: int, length: int) -> bytes:
        with self.open(key) as file, self._speaking(key):
            file.seek(start)
            return file.read(length)

    @tracing.of_store
    def get_bytes(self, key: str, max_bytes: int, *, sha256: str | None = None) -> bytes:
        with self.open(key) as file, self._speaking(key):
            data = file.read(max_bytes + 1)
            recorded = _recorded_digest(file.fileno())
        if len(data) > max_bytes:
            raise TooLarge(
                f"{key} is larger than the {max_bytes} bytes that its reader takes. Stream it instead."
            )
        compare(key, hashlib.sha256(data).hexdigest(), sha256 or recorded)
        return data

    @tracing.of_store
    def fetch(self, key: str, path: Path, *, sha256: str | None = None) -> Stored:
        seen = hashlib.sha256()
        size = 0
        with self.open(key) as source, appearing(path) as target:
            for piece in self._reading(key, source):
                seen.update(piece)
                size += len(piece)
                target.write(piece)
            compare(key, seen.hexdigest(), sha256 or _recorded_digest(source.fileno()))
        return Stored(key, size, seen.hexdigest())

    @tracing.of_store
    def head(self, key: str) -> Stored | None:
        try:
            with self.open(key) as file, self._speaking(key):
                return Stored(key, os.fstat(file.fileno()).st_size, _recorded_digest(file.fileno()))
        except NotStored:
            return None

    def exists(self, key: str) -> bool:
        return self.head(key) is not None

    def list(self, prefix: str = "") -> Iterator[Stored]:
        folder, _, _ = checked_prefix(prefix).rpartition("/")
        start = self.folder / folder if folder else self.folder
        for key in self._walk(start, f"{folder}/" if folder else ""):
            if key.startswith(prefix):
                stored = self.head(key)
                if stored is not None:  # else deleted while we walked
                    yield stored

    @tracing.of_store
    def delete(self, key: str) -> int:
        place = self._place(key)
        with self._speaking(key):
            try:
                place.unlink()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                return 0
            _sync(place.parent)
            self._drop_empty_folders(place.parent)
        return 1

    def versions(self, prefix: str = "") -> Iterator[StoredVersion]:
        folder, _, _ = checked_prefix(prefix).rpartition("/")
        start = self.folder / folder if folder else self.folder
        for key in self._walk(start, f"{folder}/" if folder else ""):
            if key.startswith(prefix):
                try:
                    found = (self.folder / key).stat()
                except FileNotFoundError:  # deleted while we walked
                    continue
                yield StoredVersion(key, "", found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def erase(self, versions: Sequence[StoredVersion]) -> None:
        places = [self._place(each.key) for each in versions]
        with self._speaking():
            for place in places:
                place.unlink(missing_ok=True)
            # A folder that goes with its files needs no sync of its own: that of the one above says so.
            left = {self._drop_empty_folders(folder) for folder in {place.parent for place in places}}
            for folder in left:
                if folder.is_dir():
                    _sync(folder)

    def presign(self, key: str, seconds: int, *, download_name: str | None = None) -> str | None:
        checked_key(key)
        return None

    def abort_stale_uploads(self, started_before: datetime) -> int:
        dropped = 0
        with self._speaking():
            for path in (self.folder / INCOMING).glob("*"):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < started_before.timestamp():
                        path.unlink()
                        dropped += 1
        return dropped

    def _put(self, key: str, data: Iterable[bytes], *, size: int, expected: str) -> Stored:
        place = self._place(key)
        if self._holds(key, size, expected):
            return Stored(key, size, expected)
        with self._incoming() as (path, file):
            stored = self._write(file, key, data)
            compare(key, stored.sha256, expected)
            with self._speaking(key):
                self._into_place(path, place, link=False)
        return stored

    def _holds(self, key: str, size: int, sha256: str) -> bool:
        """Whether the bytes on disk, read again, are these: so that a put mends what a bad disk has spoilt."""
        try:
            with self.open(key) as file, self._speaking(key):
                return os.fstat(file.fileno()).st_size == size and digest(file) == sha256
        except NotStored:
            return False

    @contextmanager
    def _incoming(self) -> Iterator[tuple[Path, FileIO]]:
        path = self.folder / INCOMING / uuid.uuid4().hex
        with self._speaking():
            path.parent.mkdir(parents=True, exist_ok=True)
            # unbuffered: closing it has nothing left to write, and so no error of its own
            file = path.open("xb", buffering=0)
        try:
            with file:
                yield path, file
        finally:
            path.unlink(missing_ok=True)

    def _write(self, file: FileIO, key: str, data: Iterable[bytes]) -> Stored:
        seen = hashlib.sha256()
        size = 0
        for piece in data:  # reading the caller's file is outside: its errors are the caller's
            seen.update(piece)
            size += len(piece)
            with self._speaking(key):
                rest = memoryview(piece)
                while rest:
                    rest = rest[file.write(rest) :]
        with self._speaking(key):
            _record_digest(file.fileno(), seen.hexdigest())
            os.fsync(file.fileno())
        return Stored(key, size, seen.hexdigest())

    def _into_place(self, path: Path, place: Path, *, link: bool) -> None:
        while True:
            self._make_folders(place.parent)
            try:
                if link:
                    os.link(path, place)
                else:
                    path.replace(place)
            except FileNotFoundError:
                if not path.exists():
                    raise
                continue  # a delete has just taken the empty folder away
            except FileExistsError:
                if place.is_dir():
                    raise
                if path.stat().st_nlink == 1:  # 2: our own link, whose reply a network file system lost
                    raise AlreadyExists(
                        f"{self._key(place)} is created only once, and it exists in {self.url}"
                    ) from None
            _sync(place.parent)
            return

    def _make_folders(self, folder: Path) -> None:
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            _sync(each.parent)

    def _drop_empty_folders(self, folder: Path) -> Path:
        """Returns the nearest folder that stays."""
        while folder != self.folder:
            try:
                folder.rmdir()
            except FileNotFoundError:  # somebody else was faster
                pass
            except OSError:  # not empty
                return folder
            folder = folder.parent
        return folder

    def _walk(self, folder: Path, prefix: str) -> Iterator[str]:
        with self._speaking():
            try:
                with os.scandir(folder) as found:
                    entries = [
                        (entry.name, entry.is_dir()) for entry in found if not entry.name.startswith(".")
                    ]
            except (FileNotFoundError, NotADirectoryError):
                return
        # "a.flac" comes before "a/b" in the order of whole keys, so folders are sorted with their slash
        for name in sorted(
            (f"{name}/" if is_folder else name for name, is_folder in entries), key=str.encode
        ):
            if name.endswith("/"):
                yield from self._walk(folder / name, f"{prefix}{name}")
            else:
                yield f"{prefix}{name}"

    def _reading(self, key: str, source: BinaryIO) -> Iterator[bytes]:
        with self._speaking(key):
            yield from pieces(source)

    def _place(self, key: str) -> Path:
        return self.folder / checked_key(key)

    def _key(self, place: Path) -> str:
        return place.relative_to(self.folder).as_posix()

    @contextmanager
    def _speaking(self, key: str = "") -> Iterator[None]:
        """Turn an error of the disk into one of the store's."""
        what = f"{key} in the store {self.url}" if key else f"the store {self.url}"
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise StoreFull(
                    f"{what} couldn't be written: {error.strerror}. "
                    "Make room or raise the quota, then run the same command again."
                ) from error
            if isinstance(error, PermissionError | NotADirectoryError | IsADirectoryError | FileExistsError):
                raise StoreRefused(
                    f"{what} couldn't be used: {error.strerror} ({error.filename}). "
                    "Check who owns the folder, and that no key is the folder of another."
                ) from error
            raise StoreUnavailable(
                f"{what} couldn't be reached: {error.strerror or error}. "
                "Check that its disk is mounted and healthy, then run the same command again."
            ) from error


def _not_stored(key: str, url: str) -> NotStored:
    return NotStored(f"{key} is not in the store {url}")


def _record_digest(file: int, sha256: str) -> None:
    if sys.platform == "linux":
        try:
            os.setxattr(file, DIGEST_ATTRIBUTE, sha256.encode())
        except OSError as error:
            if error.errno != errno.ENOTSUP:
                raise


def _recorded_digest(file: int) -> str | None:
    if sys.platform == "linux":
        try:
            return os.getxattr(file, DIGEST_ATTRIBUTE).decode()
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.ENODATA):
                raise
    return None


def _sync(folder: Path) -> None:
    """Make names in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
