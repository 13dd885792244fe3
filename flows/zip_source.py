"""A zip archive of recordings, such as a chat that WhatsApp exported, read where it lies.

Nothing of it is unpacked but one recording at a time, into a file of our own name; an entry's name is a label. What an
archive says of itself is not believed: how much it may hold is bounded before any of it is read.
"""

import hashlib
import io
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from catalog.errors import UserError
from catalog.table_reader import MOST_BYTES
from flows.chat_lists import NO_CHAT, SENDERS, ChatLists, lists_of_chat
from flows.source import A_MOMENT_NS, TOO_LARGE, Found, Listed, may_be_recording
from flows.steps.sidecar import ListFile, ListKind
from flows.whatsapp import LONGEST_LINE, is_chat

MOST_ENTRIES = 10_000
MOST_DIRECTORY = 8 * 2**20
"""Bytes: of names and sizes, before any recording."""
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x07"
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
"""What reading an entry raises: changed bytes, a password, a method of packing that Python has not."""


class UnusableArchive(UserError):
    """A zip archive that can't be read for certain."""


class ZipSource:
    """Recordings in a zip archive on this machine, as it was when it was opened."""

    def __init__(self, archive: Path, scratch: Path, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self.archive = archive
        self.scratch = scratch
        self._clock_ns = clock_ns
        self._entries = _entries(archive)
        chat = self._chat_lists()
        self._chat = chat.lists
        self._names = sorted(
            name for name in self._entries if may_be_recording(name) and name not in chat.aside
        )

    @property
    def address(self) -> str:
        """Without the archive's name, which says whose chat it is."""
        return f"{self.archive.parent}/zip-{hashlib.sha256(self.archive.name.encode()).hexdigest()[:16]}"

    def names(self) -> Sequence[str]:
        return self._names

    def listing(self) -> Iterator[Listed]:
        found = self.archive.stat()
        changed = max(found.st_mtime_ns, found.st_ctime_ns)
        of_archive = f"{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_ino}"
        steady = self._clock_ns() - changed > A_MOMENT_NS
        for name in self._names:
            entry = self._entries[name]
            stamp = f"{of_archive}-{entry.header_offset}-{entry.CRC:08x}"
            yield Listed(name, entry.file_size, stamp if steady else None)

    def look(self, name: str) -> Found:
        return self._copied(name, None)

    @contextmanager
    def read(self, file: Listed, keep_up_to: int) -> Iterator[tuple[Found, Path | None]]:
        if file.size > keep_up_to:
            yield self.look(file.name), None
            return
        self.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.scratch, prefix="source-") as folder:
            path = Path(folder) / "recording"
            with path.open("wb") as copy:
                found = self._copied(file.name, copy)
            yield found, path if found.sha256 is not None else None

    def lists(self, kind: ListKind) -> list[ListFile]:
        own = [self._list(name) for name in sorted(self._entries) if kind.names(name)]
        return [*own, *(self._chat if kind is ListKind.RECORDINGS else ())]

    def _copied(self, name: str, copy: IO[bytes] | None) -> Found:
        """Size and hash of an entry; never more bytes than it said. copy: where they go"""
        entry = self._entries[name]
        digest, size = hashlib.sha256(), 0
        try:
            with zipfile.ZipFile(self.archive) as archive, archive.open(entry) as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
                    size += len(block)
                    if copy is not None:
                        copy.write(block)
        except _UNREADABLE as error:
            return Found(name, 0, None, f"it can't be unpacked: {error}")
        return Found(name, size, digest.hexdigest())

    def _list(self, name: str) -> ListFile:
        entry = self._entries[name]
        if entry.file_size > MOST_BYTES:
            return ListFile(name, None, TOO_LARGE)
        data = io.BytesIO()
        found = self._copied(name, data)
        return ListFile(name, data.getvalue() if found.sha256 else None, found.fault)

    def _chat_lists(self) -> ChatLists:
        name = self.chat_name()
        if name is None:
            return NO_CHAT
        beside = self.archive.with_name(SENDERS)
        senders = ListFile(SENDERS, read_bounded(beside)) if beside.is_file() else None
        return lists_of_chat(name.rpartition("/")[0], self.lines(name), self._entries, senders)

    def entries(self) -> Sequence[str]:
        """Names of everything in it."""
        return list(self._entries)

    def chat_name(self) -> str | None:
        """Of the first chat in it: an export has one."""
        chats = sorted(filter(is_chat, self._entries), key=lambda name: (name.count("/"), name))
        return chats[0] if chats else None

    def lines(self, name: str) -> Iterator[str]:
        """Of a text in it. Raises UnusableArchive"""
        try:
            with zipfile.ZipFile(self.archive) as archive, archive.open(self._entries[name]) as stream:
                yield from bounded_lines(stream)
        except _UNREADABLE as error:
            raise UnusableArchive(
                f"the chat in this archive can't be unpacked: {error}. Export it again."
            ) from error


def read_bounded(path: Path) -> bytes:
    """The beginning of a list; no list of senders is larger."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES)


def bounded_lines(stream: IO[bytes]) -> Iterator[str]:
    """Lines of a text, each cut where it is longer than anything that is read of it."""
    most = LONGEST_LINE * 4  # bytes of a letter
    while line := stream.readline(most):
        yield line.decode("utf-8-sig", "replace").rstrip("\r\n")
        while len(line) == most and not line.endswith(b"\n"):
            line = stream.readline(most)


def _entries(archive: Path) -> dict[str, zipfile.ZipInfo]:
    """By a name that stays below the source, whatever the archive calls it. Raises UnusableArchive"""
    _refuse_unbounded(archive)
    try:
        with zipfile.ZipFile(archive) as opened:
            infos = opened.infolist()
    except _UNREADABLE as error:
        raise UnusableArchive(f"this is no whole zip archive: {error}. Export or copy it again.") from error
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        if info.is_dir():
            continue
        name = "/".join(
            part for part in info.filename.replace("\\", "/").split("/") if part not in ("", ".", "..")
        )
        while name in entries:
            name = f"again {name}"
        if name and not name.startswith("__MACOSX/"):
            entries[name] = info
    return entries


def _refuse_unbounded(archive: Path) -> None:
    """The directory of an archive is read into memory at once: not before it is known to be small."""
    with archive.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        begins = file.seek(max(0, size - 22 - 0xFFFF - 20))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or begins + at + 22 > size:
        raise UnusableArchive("this is no whole zip archive. Export or copy it again.")
    count = int.from_bytes(tail[at + 10 : at + 12], "little")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    if _END_64 in tail[max(0, at - 20) : at] or count > MOST_ENTRIES or directory > MOST_DIRECTORY:
        raise UnusableArchive(
            f"this archive holds more than {MOST_ENTRIES} files, or is larger than 4 GB. "
            "Unpack it and name the folder, or export the chat again in parts."
        )
