"""Tables that people save with a spreadsheet or an editor: lists beside recordings, manifests, packages.

Read where it is certain what is meant: tabs, commas or semicolons between cells, by the header; quoted cells, also
in the midst of plain ones; any line ends and encoding (`text_encoding`); a header in capitals or with spaces; empty
rows, and empty last cells left out or too many. A quotation mark that opens no whole cell is a part of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import regex

from catalog.config.sentence import Sentence, sentence_of
from catalog.text_encoding import BYTE_ORDER_MARK, UndecodableText, decode_text

DELIMITERS = "\t,;|"
MOST_BYTES = 64 * 2**20
MOST_ROWS = 1_000_000
_HEADER_WITHIN = 5  # rows: some people put a title above
_LINE_END = regex.compile(r"\r\n|\n|\r")
_DECLARED = regex.compile(r"sep=(.)(?:\r\n|\n|\r)")


class UnreadableTable(ValueError):
    """A table that can't be read for certain; the message, a Sentence, says how to save it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. raw: as it stands in the file, with its quotation marks"""

    text: str
    raw: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row by the names of its columns. line: in the file, from 1, where the row begins"""

    line: int
    cells: Mapping[str, str]
    surplus: tuple[str, ...] = ()
    """Cells behind the last named column that hold something: a delimiter stands in a cell that is not quoted."""


def read_table(
    data: bytes, *, required: Sequence[str], aliases: Mapping[str, str] | None = None
) -> list[TableRow]:
    """The rows of a table below its header; empty ones are left out.

    required: columns without which it is not that table
    aliases:  other names of columns, to the one that is meant
    Column names are compared in lower case, with `_` for spaces and hyphens; unknown columns are kept, nameless ones
    left out. raises: UnreadableTable

    >>> [row.cells for row in read_table(b"File ;Speaker\\r\\nte\\\\a.MP3;te-01\\r\\n;\\r\\n", required=["file"])]
    [{'file': 'te\\\\a.MP3', 'speaker': 'te-01'}]
    """
    if len(data) > MOST_BYTES:
        raise UnreadableTable(
            Sentence("it is larger than %(most)s MB. Split it by folder.", most=str(MOST_BYTES // 2**20))
        )
    try:
        text = decode_text(data)
    except UndecodableText as error:
        raise UnreadableTable(sentence_of(error)) from error
    declared = _DECLARED.match(text)
    body = text[declared.end() :] if declared else text
    delimiters = declared[1] if declared else DELIMITERS
    names, delimiter, above = _header(body, delimiters, required, aliases or {})
    first_line = 2 if declared else 1
    rows: list[TableRow] = []
    for line, cells in islice(cells_of(body, delimiter), above + 1, None):
        values = [_bare(cell.text) for cell in cells]
        if any(values):
            named = {name: value for name, value in zip(names, values, strict=False) if name}
            surplus = tuple(value for value in values[len(names) :] if value)
            rows.append(
                TableRow(line + first_line - 1, {name: "" for name in names if name} | named, surplus)
            )
        if len(rows) > MOST_ROWS:
            raise UnreadableTable(
                Sentence("it has more than %(most)s rows. Split it by folder.", most=str(MOST_ROWS))
            )
    return rows


def cells_of(text: str, delimiter: str) -> Iterator[tuple[int, list[Cell]]]:
    """Every row of `text` with the line on which it begins; a quoted cell may hold delimiters and line ends."""
    apart = regex.escape(delimiter)
    cell = regex.compile(rf'[ ]*+"((?:[^"]|"")*+)"[ ]*+(?={apart}|\r|\n|\Z)|([^{apart}\r\n]*+)', regex.DOTALL)
    place, line = 0, 1
    while place < len(text):
        begun, row = line, []
        while True:
            found = cell.match(text, place)
            assert found is not None  # the second form matches the empty cell too
            row.append(_cell(found))
            line += sum(1 for _ in _LINE_END.finditer(found.group()))
            place = found.end()
            if text[place : place + 1] != delimiter:
                break
            place += 1
        ended = _LINE_END.match(text, place)
        place = ended.end() if ended else len(text)
        line += 1
        yield begun, row


def _cell(found: "regex.Match[str]") -> Cell:
    quoted = found.group(1)
    if quoted is None:
        return Cell(found.group(2), found.group())
    return Cell(_LINE_END.sub("\n", quoted.replace('""', '"')), found.group())


def _header(
    text: str, delimiters: str, required: Sequence[str], aliases: Mapping[str, str]
) -> tuple[list[str], str, int]:
    """Names of the columns, what stands between cells, and how many rows stand above."""
    beginning = text[:100_000]
    best: tuple[list[str], str, int] | None = None
    for delimiter in delimiters:
        for above, (_, cells) in enumerate(islice(cells_of(beginning, delimiter), _HEADER_WITHIN)):
            names = [_column(cell.text, aliases) for cell in cells]
            if set(required) <= set(names):
                if best is None or len(names) > len(best[0]):
                    best = names, delimiter, above
                break
    if best is None:
        _, cells = next(cells_of(beginning, max(delimiters, key=beginning.partition("\n")[0].count)), (1, []))
        found = ", ".join(name for cell in cells if (name := _bare(cell.text)))[:200]
        raise UnreadableTable(
            Sentence(
                "its first line names no column %(missing)s; it has %(found)s. "
                "Name the columns in the first line, with tabs, commas or semicolons between them.",
                missing=", ".join(required),
                found=found or Sentence("none"),
            )
        )
    twice = sorted({name for name in best[0] if name and best[0].count(name) > 1})
    if twice:
        raise UnreadableTable(
            Sentence(
                "it has more than one column %(twice)s; it has %(found)s. "
                "Keep the right one and delete the other.",
                twice=", ".join(twice),
                found=", ".join(best[0]),
            )
        )
    return best


def _column(name: str, aliases: Mapping[str, str]) -> str:
    plain = _bare(name).casefold().replace(" ", "_").replace("-", "_")
    return aliases.get(plain, plain)


def _bare(cell: str) -> str:
    return cell.strip().strip(BYTE_ORDER_MARK).strip()
