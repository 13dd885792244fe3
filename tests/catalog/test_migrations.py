"""Migrations that have been released never change, and carry every row of a released catalogue along."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Enum,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
)

from catalog.database import WRITES, Catalog, migrate
from catalog.migrating import MIGRATIONS
from catalog.tables import Base

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RELEASED = MIGRATIONS / "released.tsv"


def releases() -> Iterator[Mapping[str, str]]:
    with RELEASED.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


@pytest.mark.parametrize("release", releases(), ids=lambda release: release["release"])
def test_a_released_migration_is_what_it_was(release: Mapping[str, str]) -> None:
    [file] = (MIGRATIONS / "versions").glob(f"{release['revision']}_*.py")

    assert hashlib.sha256(file.read_bytes()).hexdigest() == release["sha256"]


@pytest.mark.parametrize("release", releases(), ids=lambda release: release["release"])
def test_a_catalogue_of_a_release_with_rows_in_every_table_is_brought_to_the_newest_with_all_of_them(
    release: Mapping[str, str], catalog_url: str
) -> None:
    catalog = Catalog(create_engine(make_url(catalog_url)))
    if not catalog.is_postgresql:  # as an opened catalogue is: a table that rows refer to can't be made anew
        event.listen(
            catalog.engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON")
        )
    _upgrade(catalog, release["revision"])
    before = _fill_every_table(catalog)

    migrate(catalog)

    with catalog.reading() as session:
        for mapper in Base.registry.mappers:
            name = mapper.class_.__tablename__
            if name in before:
                assert len(session.scalars(select(mapper.class_)).all()) >= before[name], name
    assert len(before) >= 30
    catalog.close()


def _upgrade(catalog: Catalog, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with catalog.engine.execution_options(**{WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _fill_every_table(catalog: Catalog) -> dict[str, int]:
    """Two rows in each table; how many there are, by table."""
    there = MetaData()
    there.reflect(catalog.engine)
    tables = [table for table in there.sorted_tables if table.name != "alembic_version"]
    with catalog.engine.begin() as connection:
        for table in tables:
            for number in (1, 2):
                connection.execute(table.insert(), _row(table, number))
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables
        }


def _row(table: Table, number: int) -> dict[str, Any]:
    now = Base.metadata.tables.get(table.name)
    columns = {} if now is None else dict(now.columns)
    return {column.name: _value(column, columns.get(column.name), number) for column in table.columns}


def _value(column: Column[Any], now: Column[Any] | None, number: int) -> object:
    """What fits the column, the same in rows that refer to each other."""
    if isinstance(column.type, Boolean) or (now is not None and isinstance(now.type, Boolean)):
        return number == 1
    if now is not None and isinstance(now.type, Enum):
        # a leased slot has an end, as every row here has every value
        return "leased" if "leased" in now.type.enums else now.type.enums[0]
    if isinstance(column.type, JSON):
        return {} if now is None or "dict" in str(now.type.python_type) else []
    if isinstance(column.type, DateTime):
        return NOON
    if isinstance(column.type, Integer | Float):
        return number + (column.name == "end")  # an interval ends after it starts
    if isinstance(column.type, LargeBinary):
        return bytes([number])
    return f"row-{number}"


def test_what_is_released_is_part_of_the_one_line_of_migrations() -> None:
    files = sorted(path.name[:4] for path in Path(MIGRATIONS / "versions").glob("[0-9]*.py"))

    assert files == [f"{number:04d}" for number in range(1, len(files) + 1)]
    assert {release["revision"] for release in releases()} <= set(files)
