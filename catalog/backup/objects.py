"""Objects from one store to another: only what is not there yet, each compared with its SHA-256."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from catalog.backup.rows import Tell
from catalog.keys import store_id_key
from catalog.store import NotStored, ObjectStore, Stored

AT_ONCE = 8
OBJECTS = "objects/"


@dataclass(frozen=True, slots=True)
class Copied:
    """looked_at: objects that should be there; copied: of these, the new ones; gone: erased while it went on"""

    looked_at: int
    copied: int
    copied_bytes: int
    gone: int


def copy_objects(
    source: ObjectStore,
    target: ObjectStore,
    objects: Iterable[Stored],
    total: int,
    scratch: Path,
    *,
    from_key: Callable[[str], str],
    to_key: Callable[[str], str],
    known_prefix: str = "",
    tell: Tell | None = None,
) -> Copied:
    """Bring `objects` to `target`. What is there in the same size is left, but for the few keys whose content changes.

    from_key, to_key: where an object of a key lies in the one and the other
    known_prefix:     of all keys at the target, which are listed once
    """
    looked_at = copied = copied_bytes = gone = 0
    with _Known(scratch) as known, ThreadPoolExecutor(AT_ONCE) as pool:
        known.add((each.key, each.size) for each in target.list(known_prefix))

        def bring(each: Stored) -> int | None:
            with tempfile.TemporaryDirectory(dir=scratch) as folder:
                path = Path(folder) / "object"
                try:
                    found = source.fetch(from_key(each.key), path, sha256=each.sha256)
                except NotStored:  # a voice was taken back, or a sweep came by
                    return None
                target.put_file(to_key(each.key), path, sha256=found.sha256)
                return found.size

        left = iter(objects)
        while some := list(islice(left, 16 * AT_ONCE)):
            new = [each for each in some if changes(each.key) or known.size_of(to_key(each.key)) != each.size]
            for size in pool.map(bring, new):
                if size is None:
                    gone += 1
                else:
                    copied, copied_bytes = copied + 1, copied_bytes + size
            looked_at += len(some)
            if tell:
                tell("objects", looked_at, max(total, looked_at), "")
    return Copied(looked_at, copied, copied_bytes, gone)


def mirror_key(key: str) -> str:
    """Where an object lies in a backup."""
    return f"{OBJECTS}{key}"


def changes(key: str) -> bool:
    """Whether an object of this key is ever written again: a dataset's lists and cards are, sound and parts never."""
    return key.startswith("datasets/") and "/parts/" not in key


class _Known:
    """Keys with their sizes, on disk: ten million of them fit in no memory that a small machine has."""

    def __init__(self, scratch: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(dir=scratch)
        self._rows = sqlite3.connect(Path(self._folder.name) / "known.sqlite", isolation_level=None)
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute("PRAGMA synchronous = OFF")
        self._rows.execute("CREATE TABLE known (key TEXT PRIMARY KEY, size INTEGER) WITHOUT ROWID")

    def __enter__(self) -> "_Known":
        return self

    def __exit__(self, *_: object) -> None:
        self._rows.close()
        self._folder.cleanup()

    def add(self, keys: Iterable[tuple[str, int]]) -> None:
        left = iter(keys)
        while some := list(islice(left, 10_000)):
            self._rows.execute("BEGIN")
            self._rows.executemany("INSERT OR REPLACE INTO known VALUES (?, ?)", some)
            self._rows.execute("COMMIT")

    def size_of(self, key: str) -> int | None:
        with closing(self._rows.execute("SELECT size FROM known WHERE key = ?", (key,))) as found:
            row = found.fetchone()
        return row[0] if row else None


def listed(store: ObjectStore, scratch: Path) -> Iterator[Stored]:
    """Every object of a store, listed to the end before the first is given: a copy must not meet its own writes.

    But for the store's id: a copy of it is another.
    """
    with tempfile.TemporaryFile("w+", dir=scratch, encoding="utf-8") as file:
        for each in store.list():
            if each.key == store_id_key():
                continue
            file.write(f"{each.size}\t{each.sha256 or ''}\t{each.key}\n")
        file.seek(0)
        for line in file:
            size, sha256, key = line.rstrip("\n").split("\t", 2)
            yield Stored(key, int(size), sha256 or None)
