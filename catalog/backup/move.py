"""A catalogue or a store moved to another place, and compared."""

import tempfile
from pathlib import Path

from catalog.backup.objects import Copied, copy_objects, listed
from catalog.backup.rows import DamagedRows, Tell, read_rows, row_digests, write_rows
from catalog.database import Catalog
from catalog.store import ObjectStore


def move_rows(source: Catalog, target: Catalog, *, scratch: Path, tell: Tell | None = None) -> int:
    """Every row into an empty catalogue. Returns how many. Raises NotEmpty, DamagedRows.

    A move that was stopped leaves the other one empty, and one that was finished is found to be the same.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as temporary:
        folder = Path(temporary)
        tables = write_rows(source, folder, tell)
        if set(row_digests(target)) != set(tables):
            read_rows(target, folder, tables, tell)
    if set(row_digests(target)) != set(tables):
        raise DamagedRows(
            "the rows there are not the rows here. Nothing may write here during a move: stop `boli up`, "
            "empty the other database, and give the command again."
        )
    return sum(each.rows for each in tables)


def move_objects(
    source: ObjectStore, target: ObjectStore, *, scratch: Path, tell: Tell | None = None
) -> Copied:
    """Every object that is not there yet, each compared with its SHA-256."""
    with tempfile.TemporaryDirectory(dir=scratch) as temporary:
        folder = Path(temporary)
        total = sum(1 for _ in source.list())
        return copy_objects(
            source, target, listed(source, folder), total, folder, from_key=str, to_key=str, tell=tell
        )
