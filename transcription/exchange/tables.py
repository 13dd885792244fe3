"""CSV and TSV with Common Voice's columns first, ours behind them.

`client_id` is the speaker's pseudonym, `path` the sound file, `sentence_id` the task, `sentence` the text, `locale` the
language; what Common Voice has and we don't give out stays empty.
CSV is for spreadsheets: UTF-8 with a mark, quoted; a semicolon or tab between cells is understood too. TSV is as Common
Voice's: no quoting, so a backslash, tab or line end in a text is written \\\\, \\t, \\n, and a quotation mark at its
beginning \\": cells that a spreadsheet has quoted differ from it. Both hold every character. Empty last cells may
be left out, as some spreadsheets do.
These are data that come back, so a cell that looks like a formula is left as it is.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from io import StringIO
from itertools import zip_longest

from catalog.table_reader import Cell, cells_of
from transcription.exchange.encoding import decoded
from transcription.exchange.one_line import as_meant, on_one_line
from transcription.exchange.package import MOST_ITEMS, ExchangeError, Package, clean_text, require_once
from transcription.exchange.ticket import NUMBERS, TicketRow, from_cells, package_of, rows_of

COMMON_VOICE = (
    "client_id", "path", "sentence_id", "sentence", "sentence_domain", "up_votes", "down_votes",
    "age", "gender", "accents", "variant", "locale", "segment",
)  # fmt: skip
TEXT = "sentence"
_THEIRS = {"speaker": "client_id", "sound": "path", "task": "sentence_id", "language": "locale"}
_OURS = tuple(each.name for each in fields(TicketRow) if each.name not in _THEIRS)
COLUMNS = (*COMMON_VOICE, *_OURS)
_WHOLE = re.compile(r"\d{1,16}")


def write_csv(package: Package) -> bytes:
    """For a spreadsheet."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(package))
    return out.getvalue().encode("utf-8-sig")


def write_tsv(package: Package) -> bytes:
    """As Common Voice's own tables."""
    lines = [COLUMNS, *([_unquoted(cell) for cell in row] for row in _cells(package))]
    return "".join("\t".join(line) + "\n" for line in lines).encode()


def read_csv(data: bytes) -> Package:
    """A table as a spreadsheet saved it. Raises ExchangeError."""
    text = decoded(data)
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, Sequence[str]]] = []
    try:
        for row in reader:
            rows.append((reader.line_num, row))
            _refuse_many(len(rows))
    except csv.Error as error:
        raise ExchangeError(f"line {reader.line_num}: {error}.\nSave the table as CSV in UTF-8.") from error
    return _package(rows)


def read_tsv(data: bytes) -> Package:
    """A table as `write_tsv` wrote it, or as a spreadsheet saved that again. Line ends end rows.

    One without any tab in its first line was saved as CSV. raises: ExchangeError
    """
    lines = decoded(data).split("\n")
    if "\t" not in lines[0]:
        return read_csv(data)
    _refuse_many(len(lines) - 1)
    all_quoted = lines[0].startswith('"')
    return _package(
        (number, [_meant(cell, all_quoted) for _, cells in cells_of(line, "\t") for cell in cells])
        for number, line in enumerate(lines, 1)
    )


def _unquoted(cell: str) -> str:
    line = on_one_line(cell)
    return f"\\{line}" if line.startswith('"') else line


def _meant(cell: Cell, all_quoted: bool) -> str:
    """A spreadsheet quotes every cell, or those that need it; any other cell in marks is somebody's text in marks."""
    needed = any(each in cell.text for each in '",\t')
    line = cell.text if all_quoted or needed else cell.raw
    return as_meant(line[1:] if line.startswith('\\"') else line)


def _cells(package: Package) -> Iterable[list[str]]:
    for item, row in zip(package.items, rows_of(package, package.items), strict=True):
        ours = {name: str(value) for name, value in asdict(row).items()}
        known = {TEXT: item.text} | {_THEIRS.get(name, name): value for name, value in ours.items()}
        yield [known.get(column, "") for column in COLUMNS]


def _refuse_many(rows: int) -> None:
    if rows > MOST_ITEMS + 2:
        raise ExchangeError(f"a table has at most {MOST_ITEMS} rows. Is it the right file?")


def _package(rows: Iterable[tuple[int, Sequence[str]]]) -> Package:
    filled = ((number, row) for number, row in rows if any(row))
    header = [cell.strip() for cell in next(filled, (0, ()))[1]]
    require_once((TEXT, *_OURS, *_THEIRS.values()), header, "column")
    found = []
    for number, row in filled:
        where = f"line {number}"
        if any(row[len(header) :]):
            raise ExchangeError(
                f"{where}: {len(row)} cells; the first line names {len(header)} columns.\n"
                "Put a text with a comma, semicolon or tab in it between quotation marks."
            )
        cells = dict(zip_longest(header, row[: len(header)], fillvalue=""))
        found.append((from_cells(_values(cells, where), where), clean_text(cells[TEXT])))
    return package_of(found)


def _values(cells: dict[str, str], where: str) -> dict[str, str | int]:
    values: dict[str, str | int] = {}
    for each in fields(TicketRow):
        column = _THEIRS.get(each.name, each.name)
        cell = cells[column]
        if each.name in NUMBERS:
            if not _WHOLE.fullmatch(cell.strip()):
                raise ExchangeError(
                    f"{where}: {column} is a whole number, given {cell[:40]!r}.\nTake it from the export."
                )
            values[each.name] = int(cell)
        else:
            values[each.name] = clean_text(cell)
    return values
