"""A made programme put into an empty catalogue in bulk: COPY on PostgreSQL, one transaction on SQLite."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Index, Table, create_engine, func, select, text, update

from bench.programme import sound_rows, work_rows
from bench.programme.shape import CLIPS_A_PERSON, MadeTable, Programme
from boli.serve.portal_context import open_portal_context
from catalog.config.settings import Settings
from catalog.database import Catalog
from catalog.tables import AuditEvent, AuditHead
from portal.context import PortalContext
from transcription.rules.guideline import load_guidelines

TABLES = (*sound_rows.TABLES, *work_rows.TABLES)


@contextmanager
def open_programme(settings: Settings, languages: int) -> Iterator[PortalContext]:
    """The portal of a home in which the project `demo` has that many of the configured languages."""
    with open_portal_context(settings) as context:
        demo = context.projects["demo"]
        codes = tuple(sorted(context.languages, key=lambda code: code not in demo.languages))[:languages]
        notices = {code: demo.consent.notices.get(code, demo.consent.notices["en-IN"]) for code in codes}
        consent = replace(demo.consent, purposes={}, notices={**demo.consent.notices, **notices})
        project = replace(demo, languages=codes, consent=consent)
        guidelines = load_guidelines(settings.configs, {code: context.languages[code] for code in codes})
        yield replace(
            context,
            projects={**context.projects, "demo": project},
            guidelines={**context.guidelines, "demo": guidelines},
        )


def load_programme(
    catalog: Catalog,
    *,
    clips: int,
    languages: Iterable[str],
    end: datetime,
    clips_a_person: int = CLIPS_A_PERSON,
) -> Programme:
    """Fill a catalogue in which the project is registered and nothing came in yet.

    Indexes that no key needs are taken off before and made anew behind, which halves the time.
    """
    zone = "+00" if catalog.is_postgresql else ""
    of = Programme(clips, tuple(languages), end, zone, clips_a_person=clips_a_person)
    load = _copy if catalog.is_postgresql else _insert
    with _loading(catalog) as connection:
        for made in TABLES:
            taken_off = _take_off_indexes(connection, made.table.__table__)  # type: ignore[arg-type]
            load(connection, made, of)
            for index in taken_off:
                index.create(connection)
        _move_audit_head(connection)
    _analyse(catalog)
    return of


@contextmanager
def _loading(catalog: Catalog) -> Iterator[Connection]:
    """A transaction in which rows may come before those that they refer to."""
    if catalog.is_postgresql:
        with catalog.engine.begin() as connection:
            connection.exec_driver_sql(
                "SET LOCAL session_replication_role = replica"
            )  # no look-up of each key
            yield connection
        return
    engine = create_engine(catalog.engine.url)  # the catalogue's own holds every row against its foreign keys
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
            yield connection
    finally:
        engine.dispose()


def _take_off_indexes(connection: Connection, table: Table) -> list[Index]:
    found = [index for index in sorted(table.indexes, key=lambda each: str(each.name)) if not index.unique]
    for index in found:
        index.drop(connection)
    return found


def _copy(connection: Connection, made: MadeTable, of: Programme) -> None:
    columns = ", ".join(f'"{name}"' for name in made.columns.split())
    driver = connection.connection.driver_connection
    assert driver is not None
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {made.table.__tablename__} ({columns}) FROM STDIN") as copy,
    ):
        for row in made.rows(of):
            copy.write_row(row)


def _insert(connection: Connection, made: MadeTable, of: Programme) -> None:
    names = made.columns.split()
    columns = ", ".join(f'"{name}"' for name in names)
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.executemany(
        f"INSERT INTO {made.table.__tablename__} ({columns}) VALUES ({', '.join('?' * len(names))})",
        made.rows(of),
    )


def _move_audit_head(connection: Connection) -> None:
    """To the end of the made log: the next act is chained to it."""
    last, own = connection.execute(
        select(AuditEvent.id, AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1)
    ).one()
    events = connection.scalar(select(func.count()).select_from(AuditEvent))
    connection.execute(update(AuditHead).values(event_id=last, hash=own, events=events))
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence('audit_event', 'id'), :last)"), {"last": last}
        )


def _analyse(catalog: Catalog) -> None:
    """What autovacuum would have done by the time people come."""
    with catalog.engine.connect() as connection:
        if catalog.is_postgresql:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
        else:
            connection.execute(text("ANALYZE"))
