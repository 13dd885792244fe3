"""The audit log's table over years on PostgreSQL: plain, partitioned by month, and bounded by the archive.

`python -m bench.audit_partitions --acts 1000000` makes three years of acts in a scratch database and times what the
product asks of the table (docs/decisions/audit-archive.md).
"""

import argparse
import time
from collections.abc import Sequence

import psycopg

from tests.servers import SharedServers

MONTHS = 36
COLUMNS = """
    id bigint NOT NULL, at timestamptz NOT NULL, actor text NOT NULL, action text NOT NULL, subject_kind text NOT NULL,
    subject_id text NOT NULL, detail json NOT NULL, previous text NOT NULL, hash text NOT NULL
"""
INDEXES = ("subject_kind, subject_id", "actor, id", "action, id", "at")
QUESTIONS = {
    "newest page": "SELECT * FROM {table} ORDER BY id DESC LIMIT 51",
    "a person's page": "SELECT * FROM {table} WHERE actor = 'person-77' ORDER BY id DESC LIMIT 51",
    "one subject": "SELECT * FROM {table} WHERE subject_kind = 'task' AND subject_id = 'task-4321'",
    "newest of a kind": "SELECT max(id) FROM {table} WHERE action = 'act-7'",
    "chain of 2000": "SELECT * FROM {table} WHERE id > 1000 ORDER BY id LIMIT 2000",
}
ROUNDS = 15


def make(connection: psycopg.Connection, table: str, *, partitioned: bool) -> None:
    if not partitioned:
        connection.execute(f"CREATE TABLE {table} ({COLUMNS}, PRIMARY KEY (id))")
    else:
        connection.execute(f"CREATE TABLE {table} ({COLUMNS}, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)")
        for month in range(MONTHS):
            first, after = (
                f"timestamptz '2023-12-01 UTC' + interval '{month + more} months'" for more in (0, 1)
            )
            bounds = connection.execute(f"SELECT {first}, {after}").fetchone()
            assert bounds is not None
            connection.execute(
                f"CREATE TABLE {table}_{month} PARTITION OF {table} "
                f"FOR VALUES FROM ('{bounds[0]}') TO ('{bounds[1]}')"
            )
    for columns in INDEXES:
        connection.execute(f"CREATE INDEX ON {table} ({columns})")


def fill(connection: psycopg.Connection, table: str, acts: int, since: int) -> None:
    """Acts of the months from `since` on, as many a month everywhere."""
    connection.execute(
        f"""INSERT INTO {table}
        SELECT n, timestamptz '2023-12-01 UTC' + n * interval '{MONTHS} months' / {acts},
            'person-' || n % 2000, 'act-' || n % 30, 'task', 'task-' || n / 3, '{{"slot": "slot-1", "token": 7}}',
            md5(n::text) || md5(n::text), md5((n + 1)::text) || md5((n + 1)::text)
        FROM generate_series({acts * since // MONTHS + 1}, {acts - 1}) AS n"""
    )
    connection.commit()
    connection.autocommit = True
    connection.execute(f"VACUUM ANALYZE {table}")
    connection.autocommit = False


def timed(connection: psycopg.Connection, question: str) -> float:
    """Milliseconds, the median."""
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        connection.execute(question).fetchall()
        spent.append(time.perf_counter() - began)
    return sorted(spent)[ROUNDS // 2] * 1000


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acts", type=int, default=1_000_000)
    given = parser.parse_args(arguments)
    servers = SharedServers.create()
    try:
        server = servers.postgres()
        name = server.create_database()
        with psycopg.connect(server.url(name).replace("+psycopg", "")) as connection:
            tables = {"plain": 0, "partitioned": 0, "bounded": MONTHS - 13}
            for table, since in tables.items():
                make(connection, table, partitioned=table == "partitioned")
                fill(connection, table, given.acts, since)
            print("| ms, median of 15 |", " | ".join(tables), "|")
            for what, question in QUESTIONS.items():
                found = [timed(connection, question.format(table=table)) for table in tables]
                print(f"| {what} |", " | ".join(f"{each:.2f}" for each in found), "|")
            began = time.perf_counter()
            month = given.acts // MONTHS
            for first in range(0, month, 5000):
                connection.execute(
                    f"DELETE FROM plain WHERE id > {first} AND id <= {min(first + 5000, month)}"
                )
                connection.commit()
            print(
                f"a month of {month:,} acts taken out, 5,000 at a time: {time.perf_counter() - began:.2f} s"
            )
    finally:
        servers.stop()


if __name__ == "__main__":
    main()
