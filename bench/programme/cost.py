"""What a piece of work costs the database: statements, rows or steps, and the tables that were read whole."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, text

from catalog.database import Catalog
from catalog.tables import Base

STEPS_AT_ONCE = 100
LARGE = 1_000
"""Rows from which on a table is too large to be read whole on a page."""


@dataclass
class Cost:
    """Of what ran inside `measured`.

    statements: SQL, transactions' begin and end left out
    work:       steps of SQLite's machine, or rows that PostgreSQL's plans read: what grows with a table that is read
                whole, on a machine of any speed
    scans:      large tables that a statement read from end to end
    """

    statements: list[str] = field(default_factory=list)
    work: int = 0
    scans: set[str] = field(default_factory=set)
    seconds: float = 0.0


@contextmanager
def measured(catalog: Catalog, large: frozenset[str]) -> Iterator[Cost]:
    """The cost of the block. large: names of tables that should not be read whole"""
    cost = Cost()
    asked: list[tuple[str, Any]] = []

    def note(
        connection: Any, _cursor: object, statement: str, parameters: Any, _context: object, many: bool
    ) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "PRAGMA", "SAVEPOINT")):
            cost.statements.append(statement)
            if not many and statement.lstrip().upper().startswith(("SELECT", "WITH")):
                asked.append((statement, parameters))
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.set_progress_handler(step, STEPS_AT_ONCE)

    def step() -> int:
        if not ended:
            cost.work += STEPS_AT_ONCE
        return 0

    event.listen(catalog.engine, "before_cursor_execute", note)
    ended: list[bool] = []
    began = time.perf_counter()
    try:
        yield cost
    finally:
        ended.append(True)
        cost.seconds = time.perf_counter() - began
        event.remove(catalog.engine, "before_cursor_execute", note)
        for statement, parameters in asked if large or catalog.is_postgresql else ():
            _explain(catalog, statement, parameters, cost, large)


def large_tables(catalog: Catalog, *, rows: int = LARGE) -> frozenset[str]:
    """Tables with more rows than that."""
    with catalog.engine.connect() as connection:
        return frozenset(
            table.name
            for table in Base.metadata.sorted_tables
            if connection.execute(text(f'SELECT 1 FROM "{table.name}" LIMIT 1 OFFSET {rows}')).first()
        )


def _explain(catalog: Catalog, statement: str, parameters: Any, cost: Cost, large: frozenset[str]) -> None:
    with catalog.engine.connect() as connection:
        if catalog.is_postgresql:
            rows = connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {_unlocked(statement)}", parameters
            )
            found: Any = rows.scalar_one()
            for node in _nodes((json.loads(found) if isinstance(found, str) else found)[0]["Plan"]):
                read = node.get("Relation Name")
                if read is not None:
                    passed_over = node.get("Rows Removed by Filter", 0) + node.get(
                        "Rows Removed by Index Recheck", 0
                    )
                    cost.work += round((node["Actual Rows"] + passed_over) * node["Actual Loops"])
                    if node["Node Type"] == "Seq Scan" and read in large:
                        cost.scans.add(read)
        else:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            cost.scans |= scanned(statement, [str(row[-1]) for row in plan]) & large


def scanned(statement: str, plan: Sequence[str]) -> set[str]:
    """Tables that SQLite reads from end to end, table or index, by its plan.

    >>> sorted(scanned("SELECT 1 FROM clip AS c JOIN task", ["SCAN c", "SEARCH task USING INDEX i (id=?)"]))
    ['clip']
    """
    if " LIMIT " in statement and not any("TEMP B-TREE" in line for line in plan):
        return set()  # it stops at the first rows that fit
    names = re.findall(r"^SCAN (\w+)", "\n".join(plan), re.MULTILINE)
    alias = {short: table for table, short in re.findall(r'(\w+)"? AS "?(\w+)', statement)}
    return {str(alias.get(name, name)) for name in names}


def _unlocked(statement: str) -> str:
    """Without the row locks, which a plan that is only looked at should not take."""
    return re.sub(r"\sFOR (NO KEY )?UPDATE.*$", "", statement, flags=re.DOTALL)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)
