"""Opening, migrating, reading and writing, the same on both databases."""

import multiprocessing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from catalog import audit, postgres_bounds
from catalog.database import Catalog, CatalogUnavailable, open_catalog
from catalog.tables import AuditEvent, Base, ProjectRow
from catalog.turns import Turn, take_turn
from tests.catalog.conftest import NOON
from tests.waiting import PATIENCE_SECONDS


def test_the_migrations_make_exactly_the_tables_that_the_code_speaks_of(catalog: Catalog) -> None:
    with catalog.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)

    assert differences == []


def test_opening_a_catalogue_again_changes_nothing(catalog: Catalog, catalog_url: str) -> None:
    again = open_catalog(catalog_url)

    with again.reading() as session:
        assert session.scalars(select(ProjectRow.id)).all() == ["telangana"]
    again.close()


def test_a_transaction_that_fails_leaves_nothing_behind(catalog: Catalog) -> None:
    with pytest.raises(RuntimeError, match="half-way"), catalog.writing() as session:
        session.add(ProjectRow(id="half", title="Half", created_at=NOON))
        session.flush()
        raise RuntimeError("half-way")

    with catalog.reading() as session:
        assert session.get(ProjectRow, "half") is None


def test_a_time_without_its_zone_is_refused_and_one_with_it_comes_back_as_the_same_moment(
    catalog: Catalog,
) -> None:
    with catalog.reading() as session:
        assert session.get_one(ProjectRow, "telangana").created_at == NOON

    with pytest.raises(Exception, match="carries its zone"), catalog.writing() as session:
        session.add(ProjectRow(id="nowhere", title="Nowhere", created_at=NOON.replace(tzinfo=None)))


def test_writers_in_four_processes_wait_for_each_other_and_lose_nothing(
    catalog: Catalog, catalog_url: str
) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_count_up, args=(catalog_url, str(number))) for number in range(4)]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=PATIENCE_SECONDS)

    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    with catalog.reading() as session:
        counts = [
            event.detail["count"] for event in session.scalars(select(AuditEvent)) if event.action == "count"
        ]
    assert sorted(counts) == list(range(40))


def test_a_lock_of_postgresql_is_waited_for_so_long_and_taken_from_who_does_nothing_with_it(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_bounds, "LOCK_SECONDS", 0.2)
    impatient = open_catalog(postgres_url)
    monkeypatch.setattr(postgres_bounds, "LOCK_SECONDS", 60.0)
    monkeypatch.setattr(postgres_bounds, "IDLE_SECONDS", 1.0)
    other = open_catalog(postgres_url)

    with pytest.raises(CatalogUnavailable, match="held for too long"), other.writing() as session:
        take_turn(session, Turn.ACCEPTANCE)
        with pytest.raises(CatalogUnavailable, match="held for too long"), impatient.writing() as second:
            take_turn(second, Turn.ACCEPTANCE)
        with open_catalog(postgres_url).writing() as third:
            take_turn(third, Turn.ACCEPTANCE)
            third.add(ProjectRow(id="third", title="Third", created_at=NOON))
        session.execute(select(ProjectRow.id))

    with impatient.reading() as session:
        assert session.scalars(select(ProjectRow.id)).all() == ["third"]
    impatient.close()
    other.close()


def _count_up(url: str, name: str) -> None:
    """Read, then write what was read plus one: without the lock at the start two would count the same."""
    catalog = open_catalog(url)
    for _ in range(10):
        with catalog.writing() as session:
            if catalog.is_postgresql:
                session.connection().exec_driver_sql("LOCK TABLE audit_event IN EXCLUSIVE MODE")
            so_far = [event for event in session.scalars(select(AuditEvent)) if event.action == "count"]
            audit.record(
                session,
                at=NOON,
                actor=name,
                action="count",
                subject=("test", name),
                detail={"count": len(so_far)},
            )
    catalog.close()


def test_a_database_that_is_not_there_is_one_sentence_without_the_password() -> None:
    with pytest.raises(CatalogUnavailable) as refusal:
        open_catalog("postgresql+psycopg://boli:secret@127.0.0.1:1/boli")

    assert "BOLI_DATABASE_URL" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_another_kind_of_database_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(CatalogUnavailable, match="SQLite or PostgreSQL, given mysql"):
        open_catalog("mysql://boli@localhost/boli")


def test_a_locked_database_is_told_with_the_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.database.LOCK_WAIT_SECONDS", 0.1)
    url = f"sqlite:///{tmp_path / 'boli.sqlite'}"
    first, second = open_catalog(url), open_catalog(url)

    with first.writing() as holder:
        holder.scalars(select(ProjectRow.id)).all()
        with pytest.raises(CatalogUnavailable, match="locked by another process"), second.writing() as waiter:
            waiter.scalars(select(ProjectRow.id)).all()

    first.close()
    second.close()
