"""Backups in a folder or a bucket: one mirror of the store's objects, and the catalogue's rows of each time.

    objects/<key>                  every object, copied once
    catalogs/<time>/<table>.jsonl.gz
    catalogs/<time>/objects.tsv.gz what the store held: size, SHA-256, key
    catalogs/<time>/backup.json    written last: a backup without it was interrupted and does not count

The rows are read first: an object is written before the row that names it, so a mirror made later has all of them.
"""

import gzip
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from catalog.backup.mirror import erase_from_mirror
from catalog.backup.objects import OBJECTS, Copied, copy_objects, listed, mirror_key
from catalog.backup.rows import TableRows, Tell, file_name, read_rows, revision, write_rows
from catalog.database import Catalog
from catalog.errors import UserError
from catalog.store import ObjectStore, Stored

CATALOGS = "catalogs/"
COMMIT = "backup.json"
LISTING = "objects.tsv.gz"
_LARGEST_COMMIT = 1_000_000
_NAME = "%Y%m%dT%H%M%S.%fZ"
"""A backup's name is its time, so that names in order are backups in order."""


class NoBackup(UserError):
    """There is no backup, or none of that name."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup. revision: of the catalogue's tables; objects, object_bytes: that the store held"""

    name: str
    at: str
    boli: str
    revision: str
    tables: tuple[TableRows, ...]
    objects: int
    object_bytes: int

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.tables)


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What one run did. erased: objects of voices that were taken back, gone from the mirror; dropped: old backups"""

    backup: Backup
    copied: Copied
    erased: int
    dropped: tuple[str, ...]


def back_up(
    catalog: Catalog,
    store: ObjectStore,
    target: ObjectStore,
    *,
    now: datetime,
    keep: timedelta,
    scratch: Path,
    tell: Tell | None = None,
) -> BackedUp:
    """Write a backup; only objects that the mirror lacks are copied. Killed at any moment, the next one goes on.

    keep: how long the rows of earlier backups are kept; the newest always is
    """
    name = now.strftime(_NAME)
    with tempfile.TemporaryDirectory(dir=scratch) as temporary:
        folder = Path(temporary)
        tables = write_rows(catalog, folder, tell)
        objects, object_bytes = _write_listing(store, folder / LISTING, folder)
        copied = copy_objects(
            store,
            target,
            read_listing(folder / LISTING),
            objects,
            folder,
            from_key=str,
            to_key=mirror_key,
            known_prefix=OBJECTS,
            tell=tell,
        )
        for path in (*(folder / file_name(each.table) for each in tables), folder / LISTING):
            target.put_file(f"{CATALOGS}{name}/{path.name}", path)
    backup = Backup(name, now.isoformat(), version("boli"), revision(), tables, objects, object_bytes)
    target.create(f"{CATALOGS}{name}/{COMMIT}", TypeAdapter(Backup).dump_json(backup))
    erased = erase_from_mirror(catalog, store, target)
    return BackedUp(backup, copied, erased, _drop_old(target, backup, now - keep))


def backups(target: ObjectStore) -> tuple[Backup, ...]:
    """All that were finished, oldest first."""
    commits = sorted(each.key for each in target.list(CATALOGS) if each.key.endswith(f"/{COMMIT}"))
    return tuple(_read_commit(target, key) for key in commits)


def choose(target: ObjectStore, name: str | None) -> Backup:
    """The backup of a name; None for the newest. Raises NoBackup."""
    there = backups(target)
    chosen = [each for each in there if name in (None, each.name)]
    if not chosen:
        known = ", ".join(each.name for each in there) or "none yet: `boli backup make` makes one"
        raise NoBackup(f"there is no backup {name or ''} at {target.url}; there is: {known}.")
    return chosen[-1]


def restore(
    target: ObjectStore,
    backup: Backup,
    catalog: Catalog,
    store: ObjectStore,
    *,
    scratch: Path,
    tell: Tell | None = None,
) -> Copied:
    """Bring a backup's objects and then its rows into an empty catalogue and a store. Killed, it is given again.

    Rows come last and in one transaction: a catalogue with rows has all of its objects.
    Raises NotEmpty, OtherTables, DamagedRows, Damaged.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as temporary:
        folder = Path(temporary)
        for name in (LISTING, *(file_name(each.table) for each in backup.tables)):
            target.fetch(f"{CATALOGS}{backup.name}/{name}", folder / name)
        copied = copy_objects(
            target,
            store,
            read_listing(folder / LISTING),
            backup.objects,
            folder,
            from_key=mirror_key,
            to_key=str,
            tell=tell,
        )
        read_rows(catalog, folder, backup.tables, tell)
    return copied


def read_listing(path: Path) -> Iterator[Stored]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            size, sha256, key = line.rstrip("\n").split("\t", 2)
            yield Stored(key, int(size), sha256 or None)


def _write_listing(store: ObjectStore, path: Path, scratch: Path) -> tuple[int, int]:
    objects = object_bytes = 0
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=4) as file:
        for each in listed(store, scratch):
            file.write(f"{each.size}\t{each.sha256 or ''}\t{each.key}\n")
            objects, object_bytes = objects + 1, object_bytes + each.size
    return objects, object_bytes


def _drop_old(target: ObjectStore, newest: Backup, before: datetime) -> tuple[str, ...]:
    dropped = []
    for each in backups(target):
        if each.name != newest.name and datetime.fromisoformat(each.at) < before:
            target.delete(f"{CATALOGS}{each.name}/{COMMIT}")
            for part in list(target.list(f"{CATALOGS}{each.name}/")):
                target.delete(part.key)
            dropped.append(each.name)
    return tuple(dropped)


def _read_commit(target: ObjectStore, key: str) -> Backup:
    try:
        return TypeAdapter(Backup).validate_json(target.get_bytes(key, _LARGEST_COMMIT))
    except ValidationError as error:
        raise NoBackup(
            f"{target.url}/{key} is not what Boli writes there: {error.errors(include_url=False)[0]['msg']}. "
            "Take another backup, or the version of Boli that wrote it."
        ) from error
