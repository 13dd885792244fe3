"""A catalogue looked at from outside: which step its tables are at, and what keeps it. Nothing is made or changed."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import OperationalError

from catalog.database import CatalogUnavailable
from catalog.migrating import revision_of

_CONNECT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class CatalogState:
    """revision: the last step its tables took, None where it has none; server: name and version; size: in bytes"""

    revision: str | None
    server: str
    size: int
    is_file: bool


def look_at(url: str) -> CatalogState:
    """What stands at `url` now: unlike `open_catalog` this makes no file and takes no step.

    Raises CatalogUnavailable.
    """
    parsed = make_url(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(Path(parsed.database or ""))
        return _postgresql(parsed)
    except OperationalError as error:
        where = parsed.render_as_string(hide_password=True)
        raise CatalogUnavailable(
            f"the catalogue at {where} can't be read: {str(error.orig).strip()}.\n"
            "Check BOLI_DATABASE_URL, and that its server runs."
        ) from error


def _sqlite(database: Path) -> CatalogState:
    if not database.is_file():
        return CatalogState(None, f"SQLite {_sqlite_version()}", 0, is_file=True)
    log = Path(f"{database}-wal")
    # With a log beside it somebody may be at work: SQLite's own locks then. Without one nothing is under way, and
    # SQLite would make two files to find that out.
    mode = "mode=ro" if log.exists() else "immutable=1"
    engine = create_engine(f"sqlite:///file:{quote(str(database.resolve()))}?{mode}&uri=true")
    try:
        with engine.connect() as connection:
            revision = revision_of(connection)
    finally:
        engine.dispose()
    size = database.stat().st_size + (log.stat().st_size if log.exists() else 0)
    return CatalogState(revision, f"SQLite {_sqlite_version()}", size, is_file=True)


def _sqlite_version() -> str:
    import sqlite3

    return sqlite3.sqlite_version


def _postgresql(url: URL) -> CatalogState:
    engine = create_engine(url, connect_args={"connect_timeout": _CONNECT_SECONDS})
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            version = str(connection.exec_driver_sql("SHOW server_version").scalar_one())
            size = int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
            return CatalogState(revision_of(connection), f"PostgreSQL {version}", size, is_file=False)
    finally:
        engine.dispose()
