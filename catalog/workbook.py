"""Workbooks of spreadsheets (XLSX) as the tables in them: the first sheet, its cells as text.

A workbook is a zip archive of XML (ECMA-376): how much it may unpack to is bounded before it is read, and one that
declares entities is refused, whatever it says of itself.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time

from catalog.config.sentence import Sentence, sentence_of
from catalog.table_reader import UnreadableTable
from catalog.text_encoding import UndecodableText, decode_text

MOST_UNPACKED = 32 * 2**20
MOST_PARTS = 500
MOST_ROWS = 10_000
MOST_COLUMNS = 60
_ZIP = b"PK\x03\x04"
_DECLARATIONS = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
)
_AS_CSV = Sentence("Save the sheet as “CSV UTF-8” and bring that.")


def table_text(data: bytes) -> str:
    """What a person brought as a table, as text: a workbook's first sheet with tabs between its cells, or a text file.

    The rows of a sheet keep their numbers as lines. Raises UnreadableTable.
    """
    if not data.startswith(_ZIP):
        try:
            return decode_text(data)
        except UndecodableText as error:
            raise UnreadableTable(sentence_of(error)) from error
    _refuse_unbounded(data)
    out = io.StringIO(newline="")
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows(_rows(data))
    return out.getvalue()


def _rows(data: bytes) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # takes a third of a second, and few need it

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for number, cells in enumerate(
            book.worksheets[0].iter_rows(max_col=MOST_COLUMNS, values_only=True), 1
        ):
            if number > MOST_ROWS:
                raise UnreadableTable(
                    Sentence("its sheet has more than %(most)s rows. Split it.", most=str(MOST_ROWS))
                )
            yield [_as_text(cell) for cell in cells]
    except UnreadableTable:
        raise
    except Exception as error:  # the library raises whatever the XML of a stranger leads it to
        said = Sentence(
            "this workbook can't be read (%(fault)s). %(how)s", fault=type(error).__name__, how=_AS_CSV
        )
        raise UnreadableTable(said) from error


def _as_text(cell: object) -> str:
    """On one line. A day without a time is a day; a whole number has no point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())


def _refuse_unbounded(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                most = str(MOST_UNPACKED // 2**20)
                raise UnreadableTable(
                    Sentence("this workbook is larger than %(most)s MB. %(how)s", most=most, how=_AS_CSV)
                )
            for part in parts:
                content = archive.read(part)
                if any(each in content for each in _DECLARATIONS):
                    raise UnreadableTable(
                        Sentence("this workbook declares entities, as none does. %(how)s", how=_AS_CSV)
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableTable(Sentence("this is no whole workbook. %(how)s", how=_AS_CSV)) from error
