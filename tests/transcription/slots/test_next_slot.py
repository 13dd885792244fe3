"""The search for the next slot reads an index, however many slots there are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bench.queue_ground import START as MORNING
from bench.queue_ground import bench_project, fill, open_project_context
from transcription.context import ProjectContext
from transcription.queue import claim


@pytest.fixture
def context(tmp_path: Path) -> Iterator[ProjectContext]:
    opened = open_project_context(f"sqlite:///{tmp_path / 'boli.sqlite'}", bench_project())
    yield opened
    opened.catalog.close()


def test_on_sqlite_no_claim_looks_at_every_slot(context):
    (person,) = fill(context, clips=500, people=1)
    asked: list[tuple[str, Any]] = []
    event.listen(
        context.catalog.engine,
        "before_cursor_execute",
        lambda link, cursor, statement, values, *rest: asked.append((statement, values)),
    )

    claim(context, person, now=MORNING)

    searches = [
        (statement, values) for statement, values in asked if "FROM slot \nWHERE slot.state" in statement
    ]
    assert len(searches) >= 2  # ended leases, and open slots
    with context.catalog.engine.connect() as link:
        for statement, values in searches:
            plan = link.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            told = [row[3] for row in plan]
            assert not any("SCAN slot" in step and "USING" not in step for step in told), told
            assert any("USING INDEX ix_slot_" in step for step in told), told
