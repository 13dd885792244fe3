"""Scratch tables for what is sorted, joined or kept while a dataset is planned, compared or verified: on disk.

A scratch database has no name. SQLite takes it away when it is closed, and the system does when the process is killed,
so that nothing is left to be swept. It lies where temporary files do (`TMPDIR`, else `/var/tmp`).
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar, overload
from weakref import finalize

from catalog.errors import UserError

Item = TypeVar("Item")

AT_A_TIME = 1_000
"""Rows that are held in memory."""
_CACHE_KIB = 4_096
"""Of each: a dozen may be open at once, and what is read again is still in the system's own cache."""


class ScratchFull(UserError):
    """No room for temporary files."""


class ScratchDatabase:
    """Some tables that are there only while this object is. Several threads may ask it."""

    def __init__(self, tables: str) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        finalize(self, self._connection.close)
        self._connection.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;"
            f"PRAGMA cache_size = -{_CACHE_KIB}; {tables}"
        )

    def run(self, statement: str, values: Sequence[Any] = ()) -> None:
        with self._asked() as connection:
            connection.execute(statement, values)

    def run_all(self, statements: str) -> None:
        with self._asked() as connection:
            connection.executescript(statements)

    def insert(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Each row by the statement, some at a time."""
        source = iter(rows)
        while some := list(islice(source, AT_A_TIME)):
            with self._asked() as connection:
                connection.execute("BEGIN")
                connection.executemany(statement, some)
                connection.execute("COMMIT")

    def one(self, question: str, values: Sequence[Any] = ()) -> Any:
        """The first row of the answer; None where there is none."""
        with self._asked() as connection:
            return connection.execute(question, values).fetchone()

    def some(self, question: str, values: Sequence[Any] = ()) -> list[Any]:
        """The whole answer: for questions with a limit."""
        with self._asked() as connection:
            return connection.execute(question, values).fetchall()

    def each(self, question: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """The answer row by row, of tables that nobody changes meanwhile."""
        with self._asked() as connection:
            answer = connection.execute(question, values)
        while True:
            with self._asked():
                found = answer.fetchmany(AT_A_TIME)
            if not found:
                return
            yield from found

    @contextmanager
    def _asked(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                yield self._connection
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_FULL":
                raise
            raise ScratchFull(
                "the disk for temporary files is full, so this was given up; nothing is lost. Make room there, or set "
                "TMPDIR to a folder of a larger disk (some 3 kB a clip are needed), and run the same command again."
            ) from error


class StoredList(Sequence[Item]):
    """Some columns of a table whose rows are numbered from 1 on, made into what they stand for as they are read."""

    def __init__(
        self, database: ScratchDatabase, table: str, columns: Sequence[str], make: Callable[..., Item]
    ) -> None:
        self._database, self._make = database, make
        self._question = f"SELECT {', '.join(columns)} FROM {table} WHERE number > ? ORDER BY number LIMIT ?"  # noqa: S608 (our names)
        (self._count,) = database.one(f"SELECT count(*) FROM {table}")  # noqa: S608

    def __len__(self) -> int:
        return int(self._count)

    def __iter__(self) -> Iterator[Item]:
        for start in range(0, len(self), AT_A_TIME):
            yield from self._some(start, AT_A_TIME)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return self._some(start, max(0, stop - start))[::step] if step > 0 else list(self)[index]
        return self._some(range(len(self))[index], 1)[0]

    def _some(self, start: int, count: int) -> list[Item]:
        return [self._make(*row) for row in self._database.some(self._question, (start, count))]


class ScratchSet:
    """Ids, of clips for example, however many."""

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._database = ScratchDatabase("CREATE TABLE ids (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._count = 0
        for each in ids:
            self.add(each)

    def add(self, name: str) -> bool:
        """Whether it was not there yet."""
        is_new = self._database.one("INSERT OR IGNORE INTO ids VALUES (?) RETURNING id", (name,)) is not None
        self._count += is_new
        return is_new

    def __len__(self) -> int:
        return self._count

    def __contains__(self, name: object) -> bool:
        if not self._count:
            return False
        return self._database.one("SELECT 1 FROM ids WHERE id = ?", (name,)) is not None
