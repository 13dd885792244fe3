"""What every store promises, and which keys it takes."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from catalog.store.errors import InvalidKey

MAX_KEY_BYTES = 900  # S3 takes 1024, and a store's own prefix comes before the key
MAX_SEGMENT_BYTES = 240  # file systems take 255


@dataclass(frozen=True, slots=True)
class Stored:
    """One object in a store.

    size:   bytes
    sha256: of the bytes, as recorded when they were written; None where nobody recorded it (an object put
            there by other hands, or an S3 listing, which doesn't tell)
    stamp:  what a listing says that changes whenever the content does (S3's ETag); None where it says nothing
    """

    key: str
    size: int
    sha256: str | None
    stamp: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of an object, a marker that hides older ones, or an upload that was never finished.

    version:   as the store calls it; empty where it keeps one of each object
    size:      bytes; None where there are none to count
    at:        when it was written
    unfinished: a multipart upload that crashed on its way: `version` is its id
    """

    key: str
    version: str
    size: int | None
    at: datetime
    unfinished: bool = False


class StoreReader(Protocol):
    """The reading half of a store, which is all that a copy of a dataset needs: a portal can stand for it too.

    Every method raises `InvalidKey`, `StoreUnavailable` or `StoreRefused`; what else it raises stands beside it.
    """

    @property
    def url(self) -> str: ...

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """So many bytes of an object from `start` on; fewer where it ends before. Compared with nothing.

        Raises `NotStored`.
        """

    def get_bytes(self, key: str, max_bytes: int, *, sha256: str | None = None) -> bytes:
        """Read a small object whole, compared.

        sha256: what it must hold; None compares with what the store has recorded, if anything
        Raises `NotStored`, `TooLarge`, `Damaged`.
        """

    def fetch(self, key: str, path: Path, *, sha256: str | None = None) -> Stored:
        """Copy an object to a file, which appears whole and compared, or not at all.

        sha256: what it must hold; None compares with what the store has recorded, if anything
        Raises `NotStored`, `Damaged`.
        """

    def head(self, key: str) -> Stored | None:
        """What is known of an object without reading it; None where there is none."""

    def exists(self, key: str) -> bool: ...

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Every object whose key starts with `prefix`, each once; in what order is the store's own affair."""


class ObjectStore(StoreReader, Protocol):
    """Bytes by key, whole or absent: a reader never sees half an object.

    Every method raises `InvalidKey`, `StoreUnavailable`, `StoreFull` or `StoreRefused`; what else it raises
    stands beside it. A store can be pickled: the other process opens its own.
    """

    def put_file(self, key: str, path: Path, *, sha256: str | None = None) -> Stored:
        """Store a file, in the place of what the key held. Durable when this returns.

        Does nothing where the same bytes are there already.
        sha256: what the caller believes the file to hold; `Damaged` where it holds something else
        """

    def put_bytes(self, key: str, data: bytes) -> Stored:
        """As `put_file`, from memory."""

    def create(self, key: str, data: bytes) -> Stored:
        """Store under a key that holds nothing: of any number of racing callers one succeeds.

        Raises `AlreadyExists` for all others. A caller whose success was not reported (a lost reply, a
        retry) still learns that it was the one.
        """

    def open(self, key: str) -> BinaryIO:
        """Read in a stream; only the folder store's can seek. Raises `NotStored`."""

    def delete(self, key: str) -> int:
        """Erase: every version, delete marker and unfinished upload. Returns how many there were; 0 is fine."""

    def versions(self, prefix: str = "") -> Iterator[StoredVersion]:
        """Everything the store keeps under keys that start with `prefix`, hidden or half-way ones too."""

    def erase(self, versions: Sequence[StoredVersion]) -> None:
        """Destroy exactly these, durably; what is gone already is fine."""

    def presign(self, key: str, seconds: int, *, download_name: str | None = None) -> str | None:
        """A link that lets anybody read this object for a while.

        None where the store has no links of its own (a folder): the portal then serves `open(key)`.
        download_name: has the browser save a file of that name instead of playing it
        """

    def abort_stale_uploads(self, started_before: datetime) -> int:
        """Drop what crashed writers left half-way. Returns how many; `started_before` knows its time zone."""


def checked_key(key: str) -> str:
    """The key, where every kind of store can hold it and read it back the same.

    Raises `InvalidKey` for what climbs out of a folder, hides in it, or changes on the way.
    """
    segments = key.split("/")
    if any(segment == "" or segment.startswith(".") for segment in segments):
        raise _invalid(key, "is made of names between single slashes, none starting with a dot")
    return _checked_text(key, segments)


def checked_prefix(prefix: str) -> str:
    """The start of a key, down to any letter; empty for all keys."""
    segments = prefix.split("/")
    if any(segment == "" for segment in segments[:-1]) or any(
        segment.startswith(".") for segment in segments
    ):
        raise _invalid(prefix, "is made of names between single slashes, none starting with a dot")
    return _checked_text(prefix, segments)


def _checked_text(key: str, segments: list[str]) -> str:
    is_plain = key.isascii() and key.isprintable()  # most keys are, and there are millions of them
    if "\\" in key or (not is_plain and any(unicodedata.category(letter) in ("Cc", "Cs") for letter in key)):
        raise _invalid(key, "holds no backslash, control character or half a character")
    if not unicodedata.is_normalized("NFC", key):  # some file systems and proxies would change it to that
        raise _invalid(key, "is in Unicode's normal form C")
    if len(key.encode()) > MAX_KEY_BYTES or any(len(each.encode()) > MAX_SEGMENT_BYTES for each in segments):
        raise _invalid(key, f"has at most {MAX_KEY_BYTES} bytes, each name in it {MAX_SEGMENT_BYTES}")
    return key


def _invalid(key: str, rule: str) -> InvalidKey:
    shown = key if len(key) <= 120 else f"{key[:120]}…"
    return InvalidKey(f"a key {rule}, given: {shown!r}. Build keys with catalog.keys.")
