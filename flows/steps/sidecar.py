"""The lists a coordinator sends beside the recordings: who speaks in which file, and who consented.

`recordings.tsv` (or `transcripts.tsv`) stands in the folder of the files it names, or in one above; its columns are
file, language, speaker and, where known, gender, age_band, district, dialect, native_language. `consents.tsv` has
speaker, language, scope, notice_version, given_at, evidence. `catalog.table_reader` says in what forms a list is read,
and `FileNames` which file a name means. What can't be read for certain is a fault: said once, while all else goes on.
"""

import posixpath
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import Enum

from catalog.consent import ConsentScope, Purpose
from catalog.file_names import FileNames
from catalog.table_reader import TableRow, UnreadableTable, read_table

UNKNOWN = "unknown"

_ALIASES = {
    "filename": "file",
    "file_name": "file",
    "path": "file",
    "speaker_id": "speaker",
    "lang": "language",
}
_TABLES = (".tsv", ".csv", ".txt", ".tab", ".tsv.txt", ".csv.txt")
_WORKBOOKS = (".xlsx", ".xls", ".ods", ".numbers")
_NO_SCOPE = frozenset({"record"})
"""Words of consent forms that allow nothing by themselves."""
_SCOPES = {
    "transcribe": ConsentScope.TRANSCRIPTION,
    "transcription": ConsentScope.TRANSCRIPTION,
    "publish": ConsentScope.PUBLICATION,
    "publication": ConsentScope.PUBLICATION,
}
_PURPOSES = {purpose.value: purpose for purpose in Purpose}
"""Where a list names any, these are what was agreed to; where it names none, those that the notice names."""


class ListKind(Enum):
    """What a list beside recordings is about, by the names it may have."""

    RECORDINGS = ("recordings", "transcripts")
    CONSENTS = ("consents",)

    def names(self, path: str) -> bool:
        """Whether the file at `path` is such a list, by its name: capitals and an editor's `.txt` don't matter.

        >>> ListKind.RECORDINGS.names("te/Recordings.tsv.txt"), ListKind.CONSENTS.names("consent.tsv")
        (True, False)
        """
        stem, _, ending = path.rsplit("/", 1)[-1].casefold().partition(".")
        return stem.strip() in self.value and f".{ending}" in (*_TABLES, *_WORKBOOKS)


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list as it was found. path: below the source; data: None where it can't be had, `fault` says why"""

    path: str
    data: bytes | None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class ListFault:
    """Something in a list that can't be used. where: the list, with the line where it is about one"""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass(frozen=True, slots=True)
class FileNote:
    """What the sender says of one file. None where nothing is said."""

    language: str | None = None
    speaker: str | None = None
    gender: str | None = None
    age_band: str | None = None
    district: str | None = None
    dialect: str | None = None
    native_language: str | None = None


@dataclass(frozen=True, slots=True)
class FileNotes:
    """What the lists say of the files of a source.

    notes:        by the file's name
    faults:       lists and rows that can't be used
    without_file: rows that name no file, each with its place
    without_row:  files that no list names, and none that can't be read could
    waiting:      files of which a list may speak that can't be read, or that two rows describe in two ways: not to be
                  taken in before the list is mended
    """

    notes: Mapping[str, FileNote]
    faults: tuple[ListFault, ...]
    without_file: tuple[str, ...]
    without_row: tuple[str, ...]
    waiting: frozenset[str]


@dataclass(frozen=True, slots=True)
class ConsentNote:
    """One speaker's yes, as the sender wrote it down."""

    speaker: str
    language: str
    scopes: tuple[ConsentScope, ...]
    purposes: tuple[Purpose, ...]
    notice_version: str
    given_at: datetime
    evidence: str


@dataclass(frozen=True, slots=True)
class _Claim:
    """A row about a file. depth: of its list; a nearer one overrides one above"""

    depth: int
    where: str
    note: FileNote


def read_file_notes(lists: Sequence[ListFile], names: Collection[str]) -> FileNotes:
    """What is said of each of the files `names`."""
    known = FileNames.of(names)
    claims: dict[str, list[_Claim]] = {}
    faults: list[ListFault] = []
    without_file: list[str] = []
    unread: list[str] = []
    for each in sorted(lists, key=lambda file: file.path):
        rows = _rows(each, ("file",), faults)
        if rows is None:
            unread.append(_folder(each.path))
            continue
        for row in rows:
            where = f"{each.path}:{row.line}"
            if row.surplus:
                faults.append(ListFault(where, _surplus(row)))
            name = _named(known, _folder(each.path), row.cells["file"])
            if name is None:
                without_file.append(f"{where}: {row.cells['file'] or 'no name'}")
            elif not row.surplus:
                claims.setdefault(name, []).append(_Claim(each.path.count("/"), where, _file_note(row)))
    notes: dict[str, FileNote] = {}
    doubtful: set[str] = set()
    for name, about in claims.items():
        note = _agreed(about)
        if note is None:
            doubtful.add(name)
            places = " and ".join(claim.where for claim in _nearest(about))
            faults.append(ListFault(places, f"two rows describe {name} in two ways. Keep the right one."))
        else:
            notes[name] = note
    without_row = [name for name in names if name not in claims]
    waiting = doubtful | {name for name in without_row if any(_is_below(name, folder) for folder in unread)}
    without_row = [name for name in without_row if name not in waiting]
    return FileNotes(notes, tuple(faults), tuple(without_file), tuple(without_row), frozenset(waiting))


def read_consent_notes(lists: Sequence[ListFile]) -> tuple[tuple[ConsentNote, ...], tuple[ListFault, ...]]:
    """Every consent that the lists give, in their order, and what can't be used."""
    notes: list[ConsentNote] = []
    faults: list[ListFault] = []
    for each in sorted(lists, key=lambda file: file.path):
        for row in _rows(each, ("speaker", "scope"), faults) or ():
            try:
                notes.append(_consent_note(row))
            except ValueError as error:
                faults.append(ListFault(f"{each.path}:{row.line}", str(error)))
    return tuple(notes), tuple(faults)


def _rows(file: ListFile, required: Sequence[str], faults: list[ListFault]) -> list[TableRow] | None:
    if file.data is None:
        faults.append(ListFault(file.path, file.fault or "it can't be read."))
        return None
    try:
        return read_table(file.data, required=required, aliases=_ALIASES)
    except UnreadableTable as error:
        faults.append(ListFault(file.path, str(error)))
        return None


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _is_below(name: str, folder: str) -> bool:
    return not folder or name.startswith(f"{folder}/")


def _named(known: FileNames, folder: str, written: str) -> str | None:
    """The file that a row of a list in `folder` means: below that folder, or by its whole path from the source on."""
    plain = written.replace("\\", "/")
    candidates = [f"{folder}/{written}" if folder else written, written]
    if ".." in plain.split("/"):
        candidates.append(posixpath.normpath(posixpath.join(folder, plain)))
    for candidate in candidates:
        name = known.find(candidate)
        if name is not None and (_is_below(name, folder) or ".." in plain):
            return name
    return None


def _file_note(row: TableRow) -> FileNote:
    return FileNote(**{each.name: _known(row.cells, each.name) for each in fields(FileNote)})


def _nearest(claims: Sequence[_Claim]) -> Iterator[_Claim]:
    depth = max(claim.depth for claim in claims)
    return (claim for claim in claims if claim.depth == depth)


def _agreed(claims: Sequence[_Claim]) -> FileNote | None:
    """What the nearest rows about a file say together; None where they contradict each other."""
    said: dict[str, set[str]] = {}
    for claim in _nearest(claims):
        for each in fields(FileNote):
            value = getattr(claim.note, each.name)
            if value is not None:
                said.setdefault(each.name, set()).add(value)
    if any(len(values) > 1 for values in said.values()):
        return None
    return FileNote(**{name: next(iter(values)) for name, values in said.items()})


def _surplus(row: TableRow) -> str:
    return (
        f"it has more cells than there are columns ({', '.join(row.surplus)[:80]}). "
        "Put a name with a comma, semicolon or tab in it between quotation marks."
    )


def _consent_note(row: TableRow) -> ConsentNote:
    """raises: ValueError, in words"""
    cells = row.cells
    speaker = _known(cells, "speaker")
    if speaker is None:
        raise ValueError("a consent names its speaker. Write the pseudonym that recordings.tsv has.")
    if row.surplus:
        raise ValueError(_surplus(row))
    words = [word.strip().casefold() for word in cells["scope"].replace(";", ",").split(",") if word.strip()]
    if unknown := sorted(set(words) - _SCOPES.keys() - _PURPOSES.keys() - _NO_SCOPE):
        raise ValueError(
            f"a scope of speaker {speaker} is transcribe or publish, given {', '.join(unknown)}. "
            "Write transcribe,publish, or only what the speaker agreed to."
        )
    given_at = cells.get("given_at", "")
    try:
        moment = datetime.fromisoformat(given_at)
    except ValueError as error:
        raise ValueError(
            f"given_at of speaker {speaker} is a date and time, given {given_at!r}. "
            "Write 2026-01-31T10:30:00+05:30."
        ) from error
    return ConsentNote(
        speaker=speaker,
        language=cells.get("language") or UNKNOWN,
        scopes=tuple(sorted({_SCOPES[word] for word in words if word in _SCOPES})),
        purposes=tuple(sorted({_PURPOSES[word] for word in words if word in _PURPOSES})),
        notice_version=cells.get("notice_version") or UNKNOWN,
        given_at=moment if moment.tzinfo else moment.replace(tzinfo=UTC),
        evidence=cells.get("evidence") or UNKNOWN,
    )


def _known(cells: Mapping[str, str], column: str) -> str | None:
    value = unicodedata.normalize("NFC", cells.get(column, ""))
    return None if value.casefold() in ("", UNKNOWN) else value
