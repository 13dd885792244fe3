"""Rows of a dataset that is being planned, on disk: memory holds a thousand of them, however many there are."""

import marshal
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import starmap
from operator import attrgetter
from typing import Any, overload

from catalog.scratch_database import AT_A_TIME, ScratchDatabase
from releases.parts import order
from releases.rows import ROW_FIELDS, SPLITS, Row, Split, SplitOf, Word

_TABLES = """
CREATE TABLE rows (number INTEGER PRIMARY KEY, packed BLOB, split TEXT, place INTEGER, sha256 TEXT DEFAULT '');
"""
_DATES = tuple(ROW_FIELDS.index(name) for name in ("recorded_on", "received_on", "accepted_on"))
_WORDS = ROW_FIELDS.index("words")
_values_of = attrgetter(*ROW_FIELDS)
_SLOTS = tuple(getattr(Row, name).__set__ for name in ROW_FIELDS)
"""What fills a row; its own way, by 45 named arguments, makes a pass over a dataset half as long again."""


class SpooledRows(Sequence[Row]):
    """Rows in an order, read some at a time; a slice of them is a view and reads nothing.

    split: of rows that have their split, those of this one alone
    """

    def __init__(self, database: ScratchDatabase, bounds: range, split: Split | None = None) -> None:
        self._database, self._bounds, self._split = database, bounds, split

    def __len__(self) -> int:
        return len(self._bounds)

    def __iter__(self) -> Iterator[Row]:
        at = "number" if self._split is None else "place"
        of = "" if self._split is None else "AND split = ?"
        question = f"SELECT packed, sha256 FROM rows WHERE {at} >= ? AND {at} < ? {of} ORDER BY {at}"  # noqa: S608 (our names)
        split = () if self._split is None else (self._split,)
        for start in range(self._bounds.start, self._bounds.stop, AT_A_TIME):
            stop = min(start + AT_A_TIME, self._bounds.stop)
            for packed, sha256 in self._database.some(question, (start, stop, *split)):
                yield _unpacked(packed).known_by(sha256)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> "SpooledRows": ...
    def __getitem__(self, index: int | slice) -> "Row | SpooledRows":
        if isinstance(index, slice):
            bounds = self._bounds[index]
            if bounds.step != 1:
                raise ValueError(f"rows are read one after the other, given a step of {bounds.step}")
            return SpooledRows(self._database, bounds, self._split)
        place = self._bounds[index]
        (row,) = SpooledRows(self._database, range(place, place + 1), self._split)
        return row


class SplitRows(SpooledRows):
    """The same, each row in its split; with the hashes of the rows."""

    def of(self, split: Split) -> SpooledRows:
        (count,) = self._database.one("SELECT count(*) FROM rows WHERE split = ?", (split,))
        return SpooledRows(self._database, range(count), split)

    def hashes(self) -> Iterator[tuple[str, Split]]:
        """Of each row its hash and its split, without reading the row."""
        return self._database.each("SELECT sha256, split FROM rows ORDER BY number")


def spooled(rows: Iterable[Row]) -> SpooledRows:
    """The rows in the order in which they come."""
    database = ScratchDatabase(_TABLES)
    database.insert("INSERT INTO rows (packed) VALUES (?)", ((_packed(row),) for row in rows))
    return SpooledRows(database, _all_in(database))


def spooled_in_order(rows: Iterable[Row]) -> SpooledRows:
    """The rows in the order of a version, whatever order they come in."""
    database = ScratchDatabase(f"{_TABLES} CREATE TABLE unsorted (place TEXT, packed BLOB);")
    packed = ((_place(row), _packed(row)) for row in rows)
    database.insert("INSERT INTO unsorted VALUES (?, ?)", packed)
    database.run("CREATE INDEX by_place ON unsorted (place)")
    database.run("INSERT INTO rows (packed) SELECT packed FROM unsorted INDEXED BY by_place ORDER BY place")
    database.run("DROP TABLE unsorted")
    return SpooledRows(database, _all_in(database))


def spooled_in_splits(rows: Iterable[Row], split_of: SplitOf) -> SplitRows:
    """The rows in the order in which they come, each in its split."""
    database = ScratchDatabase(_TABLES)
    places = dict.fromkeys(SPLITS, 0)

    def packed() -> Iterator[tuple[bytes, Split, int, str]]:
        for row in rows:
            split = split_of(row)
            yield _packed(row), split, places[split], row.sha256
            places[split] += 1

    database.insert("INSERT INTO rows (packed, split, place, sha256) VALUES (?, ?, ?, ?)", packed())
    database.run("CREATE INDEX in_splits ON rows (split, place)")
    return SplitRows(database, _all_in(database))


def _all_in(database: ScratchDatabase) -> range:
    (last,) = database.one("SELECT max(number) FROM rows")
    return range(1, (last or 0) + 1)


def _place(row: Row) -> str:
    """Sorts as `order` does: the scratch table compares code points, as Python does.

    Nothing that it is made of holds a character below the separator.
    """
    day, speaker, recording, start, clip = order(row)
    return "\x01".join((day.isoformat(), speaker, recording, f"{start:020}", clip))


def _packed(row: Row) -> bytes:
    values: list[Any] = list(_values_of(row))
    for place in _DATES:
        if values[place] is not None:
            values[place] = values[place].toordinal()
    values[_WORDS] = [tuple(word) for word in row.words]
    return marshal.dumps(values)


def _unpacked(packed: bytes) -> Row:
    values = marshal.loads(packed)  # noqa: S302 (what this process wrote into a file that has no name)
    for place in _DATES:
        if values[place] is not None:
            values[place] = date.fromordinal(values[place])
    values[_WORDS] = tuple(starmap(Word, values[_WORDS]))
    row = object.__new__(Row)
    for fill, value in zip(_SLOTS, values, strict=True):
        fill(row, value)
    return row
