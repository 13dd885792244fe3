"""Opening the catalogue: SQLite by default, PostgreSQL by URL, one way to read and one way to write."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError
from sqlalchemy.orm import Session

from catalog import audit
from catalog.errors import UserError
from catalog.migrating import is_newest, upgrade
from catalog.postgres_bounds import ENDED_IDLE, KEEPALIVE, bound_session
from catalog.write_lock import TurnNeverCame, WriteTurn

LOCK_WAIT_SECONDS = 30
"""For a connection, and for the turn to write to SQLite."""
WRITES = "boli_writes"
Result = TypeVar("Result")


class CatalogUnavailable(UserError):
    """The database can't be reached, is locked by somebody else for too long, or has no room left."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The database that holds every row."""

    engine: Engine
    turn: WriteTurn | None = None
    """SQLite in a file: the line in which its writers stand."""

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one snapshot and changes nothing."""
        with _named_errors(self.engine), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self, *, patience: float | None = None) -> Iterator[Session]:
        """A session whose changes are all committed at the end, or none.

        patience: seconds to wait for other writers of an SQLite file, where what is written is not worth the usual wait

        On SQLite the write lock is taken at the start (BEGIN IMMEDIATE): a transaction that reads first and
        writes later would fail with "database is locked" however long it may wait.
        """
        engine = self.engine.execution_options(**{WRITES: True})
        with _named_errors(self.engine), ExitStack() as until_written:
            if self.turn is not None:
                until_written.enter_context(self.turn.taken(patience))
            session = until_written.enter_context(Session(engine, expire_on_commit=False))
            with session.begin():
                yield session
                audit.chain(session)

    def write(self, work: Callable[[Session], Result]) -> Result:
        """What `work` does in one transaction; once more where another process has inserted the same row meanwhile.

        For rows whose ids follow from their content: the second time `work` finds the row there. On PostgreSQL two
        writers work side by side; on SQLite they stand in line, so the second sees what the first has done.
        """
        try:
            with self.writing() as session:
                return work(session)
        except IntegrityError:
            with self.writing() as session:
                return work(session)

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    def close(self) -> None:
        self.engine.dispose()


def open_catalog(url: str) -> Catalog:
    """Open the catalogue at `url` (`sqlite:///file` or `postgresql+psycopg://…`), tables up to date.

    Raises CatalogUnavailable where it can't be opened.
    """
    parsed = make_url(url)
    turn = None
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            if not Path(parsed.database).exists():
                # SQLite would make it readable by all; its other files take over the rights of this one.
                Path(parsed.database).touch(0o600)
            turn = WriteTurn(Path(f"{parsed.database}.writer"), LOCK_WAIT_SECONDS)
        engine = create_engine(parsed, connect_args={"timeout": LOCK_WAIT_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        if turn is not None:
            _begin_write_ahead_log(engine, Path(str(parsed.database)), turn)
    elif parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed, pool_pre_ping=True, connect_args={"connect_timeout": LOCK_WAIT_SECONDS, **KEEPALIVE}
        )
        event.listen(engine, "connect", bound_session)
    else:
        raise CatalogUnavailable(
            f"the catalogue is kept in SQLite or PostgreSQL, given {parsed.get_backend_name()}.\n"
            "Write sqlite:///path/to/boli.sqlite or postgresql+psycopg://user@host/name as BOLI_DATABASE_URL."
        )
    catalog = Catalog(engine, turn)
    migrate(catalog)
    return catalog


def migrate(catalog: Catalog) -> None:
    """Bring the tables to the newest migration; a catalogue already there is only looked at."""
    with _named_errors(catalog.engine):
        with catalog.engine.connect() as connection:
            if is_newest(connection):
                return
        # One at a time: of two processes that start together, the second finds the work done.
        with catalog.engine.execution_options(**{WRITES: True}).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(2026112200)")
            upgrade(connection)


def _begin_write_ahead_log(engine: Engine, database: Path, turn: WriteTurn) -> None:
    """Have a new file in WAL mode before anybody works in it.

    SQLite refuses the change at once, whatever the time-out, while another process has the file open: processes that
    start together on a fresh home make it one after the other.
    """
    if not _has_write_ahead_log(database):
        with _named_errors(engine), turn.taken(), engine.connect():
            pass  # connecting does it


def _has_write_ahead_log(database: Path) -> bool:
    # https://www.sqlite.org/fileformat.html#file_format_version_numbers: bytes 18 and 19 are 2 in WAL mode
    with suppress(FileNotFoundError), database.open("rb") as file:
        return file.read(20)[18:] == b"\x02\x02"
    return False


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not by the driver
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")  # changes nothing where it is so already
    cursor.execute("PRAGMA synchronous = FULL")  # a receipt is a promise: it survives the power going
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _named_errors(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (OperationalError, InternalError, TurnNeverCame) as error:
        if isinstance(error, InternalError) and getattr(error.orig, "sqlstate", None) != ENDED_IDLE:
            raise
        where = engine.url.render_as_string(hide_password=True)
        cause = "locked" if isinstance(error, TurnNeverCame) else str(error.orig)
        raise CatalogUnavailable(f"the catalogue at {where} {_what_happened(cause)}") from error


def _what_happened(cause: str) -> str:
    if "lock timeout" in cause or "idle-in-transaction" in cause:
        return (
            "was held for too long: something that locks it does not go on.\n"
            "Nothing is lost: run the same command again, and see with `boli status` what else is running."
        )
    if "locked" in cause:
        return (
            f"was locked by another process for more than {LOCK_WAIT_SECONDS} s.\n"
            "Nothing is lost: run the same command again, and see with `boli status` what else is running."
        )
    if "full" in cause or "No space" in cause:
        return "has no room left on its disk.\nFree some space and run the same command again: it resumes."
    return (
        f"can't be used: {cause.strip()}.\n"
        "Check BOLI_DATABASE_URL and that the server runs; then run the same command again."
    )
