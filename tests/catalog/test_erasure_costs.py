"""What an erasure asks of the database costs what the voice has given, whatever else is there."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from catalog.database import Catalog
from catalog.store import ObjectStore
from tests.catalog.test_consent import say_no
from tests.catalog.test_erasure import erase, second_speaker_id, send, store, talk

__all__ = ["second_speaker_id", "send", "store", "talk"]
LARGE = (
    "upload",
    "recording",
    "recording_speaker",
    "clip",
    "task",
    "slot",
    "submission",
    "transcript",
    "erased_object",
)
"""Tables that grow with what comes in."""


@pytest.fixture
def catalog_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """SQLite tells its plan without rows; the other database has the same indexes."""
    return f"sqlite:///{tmp_path_factory.mktemp('plans') / 'boli.sqlite'}"


def test_no_statement_of_an_erasure_reads_a_whole_table_of_what_came_in(
    catalog: Catalog, store: ObjectStore, talk: str, speaker_id: str
) -> None:
    say_no(catalog, speaker_id)

    with statements(catalog) as asked:
        erase(catalog, store)

    steps = {step for statement in asked for step in plan(catalog, statement)}
    assert not {step for step in steps if step.startswith(tuple(f"SCAN {table}" for table in LARGE))}
    subjects = "erased_object USING INDEX ix_erased_object_subject (erasure_id=? AND subject_id=?)"
    assert f"SEARCH {subjects}" in steps


@contextmanager
def statements(catalog: Catalog) -> Iterator[set[str]]:
    asked: set[str] = set()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            asked.add(statement)

    event.listen(catalog.engine, "before_cursor_execute", note)
    yield asked
    event.remove(catalog.engine, "before_cursor_execute", note)


def plan(catalog: Catalog, statement: str) -> list[str]:
    with catalog.engine.connect() as connection:
        blanks = (None,) * statement.count("?")
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", blanks)]
