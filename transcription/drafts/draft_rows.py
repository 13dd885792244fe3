"""A list of draft texts as its cells say it: which clip, which text, by which model; what can't be read, by cell."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.table_reader import TableRow, UnreadableTable, read_table
from transcription.text.forms import verbatim

BY_LIST = "list:"
"""Begins the names of models whose drafts a list brought."""
UNNAMED = "unnamed"
LONGEST_MODEL = 60
_ALIASES = {
    **dict.fromkeys(("id", "clip_id"), "clip"),
    **dict.fromkeys(("file_name", "audio"), "file"),
    **dict.fromkeys(("begin", "start_seconds"), "start"),
    **dict.fromkeys(("transcript", "transcription", "draft"), "text"),
    "model_name": "model",
}


class DraftFault(StrEnum):
    """Why a cell's row can't be a draft."""

    NO_CLIP = "no_clip"
    UNKNOWN_CLIP = "unknown_clip"
    UNKNOWN_FILE = "unknown_file"
    SEVERAL_FILES = "several_files"
    NO_START = "no_start"
    NOT_SECONDS = "not_seconds"
    NO_CLIP_THERE = "no_clip_there"
    TWICE = "twice"
    NO_CONSENT = "no_consent"
    NOT_WAITING = "not_waiting"
    WRITTEN = "written"
    ACCEPTED = "accepted"
    UNKNOWN_LANGUAGE = "unknown_language"
    OTHER_LANGUAGE = "other_language"
    NO_TEXT = "no_text"
    REFUSED = "refused"
    OTHER_TEXT = "other_text"
    LONG_MODEL = "long_model"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with a cell. column: as the list's header may name it"""

    column: str
    fault: DraftFault


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A row of the list.

    line:     in the file
    clip:     id; "" where the row names a file instead, with the start of the clip in it, in seconds
    model:    as drafts state it; language: code, "" where the row doesn't say
    """

    line: int
    clip: str
    file: str
    start: float | None
    text: str
    model: str
    language: str
    faults: tuple[CellFault, ...] = ()


def rows_of(data: bytes, *, model: str, languages: Mapping[str, str]) -> list[DraftRow]:
    """The rows of a list with a column `text`, and `clip`, or `file` with `start`. Raises UnreadableTable.

    model:     who wrote what names no model of its own
    languages: codes, by how a language may be written, in lower case
    """
    try:
        rows = read_table(data, required=["clip", "text"], aliases=_ALIASES)
    except UnreadableTable as error:
        try:
            rows = read_table(data, required=["file", "text"], aliases=_ALIASES)
        except UnreadableTable:
            raise error from None
    return [_row(each, model, languages) for each in rows]


def model_name(given: str) -> str:
    """As drafts state it.

    >>> model_name(" whisper  small "), model_name("")
    ('list:whisper small', 'list:unnamed')
    """
    return BY_LIST + (" ".join(verbatim(given).split()) or UNNAMED)


def seconds_of(cell: str) -> float | None:
    """Seconds, with a point or a comma; None for anything else.

    >>> seconds_of("12.5"), seconds_of("12,5"), seconds_of("1:02"), seconds_of("nan"), seconds_of("-1")
    (12.5, 12.5, None, None, None)
    """
    try:
        seconds = float(cell.replace(",", "."))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _row(row: TableRow, model: str, languages: Mapping[str, str]) -> DraftRow:
    cell = {name: row.cells.get(name, "") for name in ("clip", "file", "start", "text", "model", "language")}
    text = " ".join(verbatim(cell["text"]).split())
    start = seconds_of(cell["start"]) if cell["start"] else None
    written = cell["language"].strip().casefold()
    by = model_name(cell["model"] or model)
    faults = (
        ("clip", DraftFault.NO_CLIP, not (cell["clip"] or cell["file"])),
        ("start", DraftFault.NOT_SECONDS, bool(cell["start"]) and not cell["clip"] and start is None),
        ("language", DraftFault.UNKNOWN_LANGUAGE, bool(written) and written not in languages),
        ("model", DraftFault.LONG_MODEL, len(by) > len(BY_LIST) + LONGEST_MODEL),
        ("text", DraftFault.NO_TEXT, not text),
    )
    return DraftRow(
        line=row.line,
        clip=cell["clip"],
        file="" if cell["clip"] else cell["file"],
        start=start,
        text=text,
        model=by,
        language=languages.get(written, ""),
        faults=tuple(CellFault(column, fault) for column, fault, is_wrong in faults if is_wrong),
    )
