"""The rows of a split in parts: cut where the rows themselves say, so that a part outlives its version.

A part is a Parquet file of rows with their sound, named by its bytes and shared by every version that holds the same
rows. Rows stand in an order of what never changes, and a cut falls after a row whose id says so. So a correction, a
withdrawal or a row that comes late rewrites the part it falls in, and the parts before and after stay as they were
(content-defined chunking with a least and a most, after Xia et al., FastCDC, USENIX ATC 2016).

What was accepted in the month of the newest text is cut by the day: a day's work makes parts of its own, and no part
of the days before is written again. When the month is over, its days are cut together with all that was before.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from releases.rows import Row, Split

PART_SECONDS = 5 * 3600.0
"""About 300 MB of FLAC: few enough files to list, small enough to fetch again."""
FORM = "boli-part-2"
"""Raise it when the columns of a part, or how they are written, change: then no old part is taken for a new one."""
_HASHES = 2**64


@dataclass(frozen=True, slots=True)
class PartRows:
    """Rows that make one part; the same rows always make the same bytes.

    sha256: of the rows, in order; seconds: of their sound, as the catalogue states it
    """

    split: Split
    rows: Sequence[Row]
    sha256: str
    seconds: float


def rows_sha256(rows: Iterable[str]) -> str:
    """Hash of rows in order, from their own: what a part is known by before it is written."""
    digest = hashlib.sha256(FORM.encode())
    for each in rows:
        digest.update(bytes.fromhex(each))
    return digest.hexdigest()


def cut(
    split: Split, rows: Sequence[Row], *, newest: date, seconds: float = PART_SECONDS
) -> Iterator[PartRows]:
    """The parts of a split.

    rows:    in the order of `order`; a part holds a slice of them
    newest:  day of the newest text of the whole version: the days of its month are cut apart
    seconds: of sound that a part aims at; it has half of that at least and twice at most, but for the last of a
             run and for a single row that is longer
    """
    start, filled, run = 0, 0.0, date.min
    hashes: list[str] = []

    def part() -> PartRows:
        return PartRows(split, rows[start : start + len(hashes)], rows_sha256(hashes), filled)

    for row in rows:
        in_another_run = _run(row.accepted_on, newest) != run
        if hashes and (in_another_run or filled + row.seconds > 2 * seconds):
            yield part()
            start, filled, hashes = start + len(hashes), 0.0, []
        run = _run(row.accepted_on, newest)
        hashes.append(row.sha256)
        filled += row.seconds
        if filled >= seconds / 2 and _ends_here(row, seconds / 2):
            yield part()
            start, filled, hashes = start + len(hashes), 0.0, []
    if hashes:
        yield part()


def order(row: Row) -> tuple[date, str, str, int, str]:
    """What never changes of a row; a speaker's clips of a day stand together, so that few parts hold a voice."""
    return row.accepted_on, row.speaker, row.recording, row.start, row.id


def _run(day: date, newest: date) -> date:
    """Days that are cut together have the same one.

    >>> _run(date(2026, 10, 31), date(2026, 11, 2)), _run(date(2026, 11, 1), date(2026, 11, 2))
    (datetime.date(1, 1, 1), datetime.date(2026, 11, 1))
    """
    return day if (day.year, day.month) == (newest.year, newest.month) else date.min


def _ends_here(row: Row, mean: float) -> bool:
    """Whether a part ends after this row: by its id alone, so that a correction moves no cut.

    mean: seconds of sound from one such row to the next
    """
    said = int.from_bytes(hashlib.sha256(row.id.encode()).digest()[:8], "big")
    return said < _HASHES * min(1.0, row.seconds / mean)
