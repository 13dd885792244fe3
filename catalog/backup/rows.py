"""The catalogue's rows as files, one a table: written from SQLite or PostgreSQL, read into either."""

import gzip
import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlalchemy import types as sql

from catalog.database import WRITES, Catalog
from catalog.errors import UserError
from catalog.migrating import newest_revision
from catalog.tables import Base
from catalog.tables.base import UtcDateTime

AT_ONCE = 2_000
_BORN_WITH = ("audit_head",)
"""Tables that have a row from the start."""
_NEVER_COPIED = ("catalog_identity",)
"""Tables of one catalogue alone: a copy of it is another."""
Tell = Callable[[str, int, int, str], None]
"""How far a step has come: its name, done, in all, what is in hand."""


class NotEmpty(UserError):
    """There are rows already where a backup is to be restored."""


class OtherTables(UserError):
    """The rows are of tables that this version of Boli does not have."""


class DamagedRows(UserError):
    """What was read is not what was written."""


@dataclass(frozen=True, slots=True)
class TableRows:
    """One table's file. digest: of its rows in whatever order, so that two databases can be compared"""

    table: str
    rows: int
    digest: str


def write_rows(catalog: Catalog, folder: Path, tell: Tell | None = None) -> tuple[TableRows, ...]:
    """Every row of one moment, a gzipped file of JSON lines a table."""
    tables = _copied_tables()
    written = []
    with _snapshot(catalog) as connection:
        for number, table in enumerate(tables):
            if tell:
                tell("rows", number, len(tables), table.name)
            written.append(_write_table(connection, table, folder / file_name(table.name)))
    if tell:
        tell("rows", len(tables), len(tables), "")
    return tuple(written)


def read_rows(
    catalog: Catalog, folder: Path, expected: tuple[TableRows, ...], tell: Tell | None = None
) -> None:
    """Put the rows of files into an empty catalogue: all of them in one transaction, or none.

    Raises NotEmpty, OtherTables, DamagedRows.
    """
    tables = {table.name: table for table in _copied_tables()}
    if unknown := {each.table for each in expected} - set(tables):
        raise OtherTables(
            f"the backup has tables that this version of Boli doesn't know: {', '.join(sorted(unknown))}.\n"
            "Restore it with the version that made it, then upgrade."
        )
    counts = {each.table: each for each in expected}
    with catalog.engine.execution_options(**{WRITES: True}).begin() as connection:
        full = [
            name for name, table in tables.items() if name not in _BORN_WITH and _has_rows(connection, table)
        ]
        if full:
            raise NotEmpty(
                f"the catalogue already has rows ({', '.join(full[:3])} …).\n"
                "Restore into a new one: set BOLI_HOME, or BOLI_DATABASE_URL and BOLI_STORE_URL, to an empty place."
            )
        for name in _BORN_WITH:
            connection.execute(delete(tables[name]))
        for number, (name, table) in enumerate(tables.items()):
            if tell:
                tell("rows", number, len(tables), name)
            if name in counts:
                _read_table(connection, table, folder / file_name(name), counts[name])
    if tell:
        tell("rows", len(tables), len(tables), "")


def row_digests(catalog: Catalog) -> tuple[TableRows, ...]:
    """Of every table as it is now: what `write_rows` would say."""
    with _snapshot(catalog) as connection:
        return tuple(_write_table(connection, table, None) for table in _copied_tables())


def file_name(table: str) -> str:
    return f"{table}.jsonl.gz"


def revision() -> str:
    """Of the tables of this version."""
    return newest_revision()


def _copied_tables() -> tuple[Table, ...]:
    return tuple(table for table in Base.metadata.sorted_tables if table.name not in _NEVER_COPIED)


def _snapshot(catalog: Catalog) -> Any:
    """One moment for all tables: SQLite's read transaction is one by itself."""
    if catalog.is_postgresql:
        return catalog.engine.execution_options(isolation_level="REPEATABLE READ").begin()
    return catalog.engine.begin()


def _write_table(connection: Connection, table: Table, path: Path | None) -> TableRows:
    """path: None only counts and compares"""
    rows, digest = 0, 0
    result = connection.execution_options(yield_per=AT_ONCE).execute(select(table))
    with gzip.open(path, "wb", compresslevel=4) if path else _Nowhere() as file:
        for row in result.mappings():
            line = json.dumps(
                {name: _plain(value) for name, value in row.items()}, ensure_ascii=False, sort_keys=True
            ).encode()
            file.write(line + b"\n")
            rows += 1
            digest = _add(digest, line)
    return TableRows(table.name, rows, f"{digest:064x}")


def _read_table(connection: Connection, table: Table, path: Path, expected: TableRows) -> None:
    rows, digest = 0, 0
    with gzip.open(path, "rb") as file:
        while lines := list(islice(file, AT_ONCE)):
            values = []
            for line in lines:
                digest = _add(digest, line.rstrip(b"\n"))
                values.append(typed_row(table, json.loads(line)))
            connection.execute(insert(table), values)
            rows += len(values)
    if (rows, f"{digest:064x}") != (expected.rows, expected.digest):
        raise DamagedRows(
            f"{path.name} has {rows} rows, and not the {expected.rows} that were written.\n"
            "Take another backup: `boli backup list` names them."
        )
    _go_on_counting(connection, table)


def _go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL counts ids apart from the rows: the next one follows the last that was restored."""
    counted = table.autoincrement_column
    if connection.dialect.name != "postgresql" or counted is None:
        return
    last = connection.execute(select(func.max(counted))).scalar()
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": counted.name}
    ).scalar()
    if last is not None and sequence is not None:
        connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})


def _has_rows(connection: Connection, table: Table) -> bool:
    return connection.execute(select(table).limit(1)).first() is not None


def _add(digest: int, line: bytes) -> int:
    """A sum of hashes does not depend on the order, which no two databases share."""
    return (digest + int.from_bytes(hashlib.sha256(line).digest())) % 2**256


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value


def typed_row(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """What JSON gave, as the columns want it. A column that came later has its own default."""
    return {
        column.name: _value(column.type, row[column.name]) for column in table.columns if column.name in row
    }


def _value(kind: sql.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, sql.Enum):
        return kind.enum_class(value) if kind.enum_class else value
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sql.LargeBinary):
        return b64decode(value)
    return value


class _Nowhere:
    """A file that keeps nothing."""

    def __enter__(self) -> "_Nowhere":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def write(self, data: bytes) -> int:
        return len(data)


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of one file, as they were written."""
    with gzip.open(path, "rb") as file:
        for line in file:
            yield json.loads(line)
