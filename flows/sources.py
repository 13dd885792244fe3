"""Where recordings come from: a folder, a zip archive, or everything below an s3:// prefix."""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from catalog.errors import UserError
from catalog.store import (
    Damaged,
    NotStored,
    ObjectStore,
    S3Options,
    StoreRefused,
    TooLarge,
    open_inbox,
)
from catalog.table_reader import MOST_BYTES
from flows.chat_lists import SENDERS, ChatLists, lists_of_chat
from flows.source import A_MOMENT_NS, TOO_LARGE, Found, Listed, Source, may_be_recording
from flows.steps.sidecar import ListFile, ListKind
from flows.whatsapp import is_chat
from flows.zip_source import ZipSource, bounded_lines, read_bounded


class SourceMissing(UserError):
    """There is no such folder or prefix."""


def open_source(address: str, *, scratch: Path, s3: S3Options) -> Source:
    """The source at the path of a folder or zip archive, `file:///folder` or `s3://bucket/prefix`.

    Raises SourceMissing, UnusableArchive.
    """
    if address.startswith("s3://"):
        return StoreSource(open_inbox(address, s3), scratch)
    path = Path(address.removeprefix("file://"))
    if path.is_file() and path.suffix.lower() == ".zip":
        return ZipSource(path.resolve(), scratch)
    if not path.is_dir():
        raise SourceMissing(
            f"there is no folder {str(path)!r}. Name the folder that holds the recordings, or a zip archive of them."
        )
    return FolderSource(path.resolve())


class FolderSource:
    """Files below a folder on this machine, as they were when it was opened."""

    def __init__(self, folder: Path, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self.folder = folder
        self._clock_ns = clock_ns
        self._odd: dict[str, Path] = {}
        """Where a file lies whose name is not the text that stands for it."""
        self._names: list[str] = []
        for name, path in _recordings_below(folder):
            self._names.append(name)
            if name.encode() != os.fsencode(path.relative_to(folder)):
                self._odd[name] = path
        self._chats = _chats_below(folder, self._names)
        aside = frozenset(name for chat in self._chats for name in chat.aside)
        self._names = sorted(name for name in self._names if name not in aside)

    @property
    def address(self) -> str:
        return str(self.folder)

    def names(self) -> Sequence[str]:
        return self._names

    def listing(self) -> Iterator[Listed]:
        now = self._clock_ns()
        for name in self._names:
            try:
                found = self._path(name).stat()
            except OSError:
                yield Listed(name, 0, None)
                continue
            changed = max(found.st_mtime_ns, found.st_ctime_ns)
            stamp = f"{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_ino}"
            # A file that was written a moment ago may be written again within the same tick of the disk's clock.
            yield Listed(name, found.st_size, stamp if now - changed > A_MOMENT_NS else None)

    def look(self, name: str) -> Found:
        try:
            # not Path.resolve, which makes a RuntimeError of a link to itself
            resolved = Path(os.path.realpath(self._path(name), strict=True))
            if not resolved.is_relative_to(self.folder):
                return Found(name, 0, None, "it is a link that leads out of the folder")
            if not resolved.is_file():
                what = (
                    "a folder that can't be read" if resolved.is_dir() else "a device or a pipe, not a file"
                )
                return Found(name, 0, None, f"it is {what}")
            with resolved.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                return Found(name, os.fstat(file.fileno()).st_size, digest)
        except OSError as error:
            return Found(name, 0, None, error.strerror or str(error))

    @contextmanager
    def read(self, file: Listed, keep_up_to: int) -> Iterator[tuple[Found, Path | None]]:
        yield self.look(file.name), self._path(file.name)

    def _path(self, name: str) -> Path:
        return self._odd.get(name) or self.folder / name

    def lists(self, kind: ListKind) -> list[ListFile]:
        own = [_read_list(self.folder, path) for path in sorted(_lists_below(self.folder, kind))]
        chats = self._chats if kind is ListKind.RECORDINGS else ()
        return [*own, *(each for chat in chats for each in chat.lists)]


class StoreSource:
    """Objects below a prefix of a store, by whatever keys their sender has chosen, as they were when it was listed."""

    def __init__(self, store: ObjectStore, scratch: Path) -> None:
        self.store = store
        self.scratch = scratch
        self._recordings: list[Listed] = []
        self._list_keys: list[str] = []
        for item in store.list(""):
            if any(kind.names(item.key) for kind in ListKind):
                self._list_keys.append(item.key)
            if may_be_recording(item.key):
                self._recordings.append(Listed(item.key, item.size, item.stamp))
        self._recordings.sort(key=lambda listed: listed.name)

    @property
    def address(self) -> str:
        return self.store.url

    def names(self) -> Sequence[str]:
        return [each.name for each in self._recordings]

    def listing(self) -> Iterator[Listed]:
        return iter(self._recordings)

    def look(self, name: str) -> Found:
        digest = hashlib.sha256()
        size = 0
        try:
            with self.store.open(name) as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
                    size += len(block)
        except (NotStored, StoreRefused, Damaged) as error:
            return Found(name, 0, None, str(error))
        return Found(name, size, digest.hexdigest())

    @contextmanager
    def read(self, file: Listed, keep_up_to: int) -> Iterator[tuple[Found, Path | None]]:
        """An object crosses the network once: what is hashed is what is kept."""
        if file.size > keep_up_to:
            yield self.look(file.name), None
            return
        self.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.scratch, prefix="source-") as folder:
            path = Path(folder) / "object"
            try:
                stored = self.store.fetch(file.name, path)
            except (NotStored, StoreRefused, Damaged) as error:
                yield Found(file.name, 0, None, str(error)), None
                return
            yield Found(file.name, stored.size, stored.sha256), path

    def lists(self, kind: ListKind) -> list[ListFile]:
        return [self._read_list(key) for key in self._list_keys if kind.names(key)]

    def _read_list(self, key: str) -> ListFile:
        try:
            return ListFile(key, self.store.get_bytes(key, max_bytes=MOST_BYTES))
        except TooLarge:
            return ListFile(key, None, TOO_LARGE)
        except (NotStored, StoreRefused, Damaged) as error:
            return ListFile(key, None, str(error))


def _recordings_below(folder: Path) -> Iterator[tuple[str, Path]]:
    closed: list[Path] = []  # folders that can't be listed: each is reported as one thing that can't be read
    for parent, folders, files in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for file in files:
            path = Path(parent) / file
            name = _as_text(path.relative_to(folder))
            if may_be_recording(name):
                yield name, path
    for path in closed:
        yield _as_text(path.relative_to(folder)), path


def _as_text(path: Path) -> str:
    """A name that is no UTF-8 still gets a name that a database can hold."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _lists_below(folder: Path, kind: ListKind) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent) / file for file in files if kind.names(file))


def _chats_below(folder: Path, names: Sequence[str]) -> list[ChatLists]:
    """What the chats among the files say, each of its own folder. A chat is no link, nor are its senders."""
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for file in sorted(files):
            path = Path(parent) / file
            if not is_chat(file) or path.is_symlink() or not path.is_file():
                continue
            below = _as_text(path.parent.relative_to(folder))
            beside = next(
                (each for each in (path.with_name(SENDERS), folder / SENDERS) if each.is_file()), None
            )
            senders = ListFile(SENDERS, read_bounded(beside)) if beside else None
            with path.open("rb") as stream:
                found.append(
                    lists_of_chat("" if below == "." else below, bounded_lines(stream), names, senders)
                )
    return found


def _read_list(folder: Path, path: Path) -> ListFile:
    name = _as_text(path.relative_to(folder))
    resolved = Path(os.path.realpath(path))
    if not (resolved.is_relative_to(folder) and resolved.is_file()):
        what = "a pipe, or a link that leads nowhere or out of the folder"
        return ListFile(name, None, f"it is {what}. Put the list itself there.")
    try:
        if resolved.stat().st_size > MOST_BYTES:
            return ListFile(name, None, TOO_LARGE)
        return ListFile(name, resolved.read_bytes())
    except OSError as error:
        return ListFile(name, None, f"it can't be read: {error.strerror}. Check who may read it.")
