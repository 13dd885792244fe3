"""The lists a coordinator sends beside the recordings: who speaks in which file, and who consented.

`recordings.tsv` (or `transcripts.tsv`) stands in the folder of the files it names, or in one above; its columns are
file, language, speaker and, where known, gender, age_band, district, dialect. `consents.tsv` has speaker, language,
scope, notice_version, given_at, evidence. Comma-separated files ending in .csv are read the same way.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from catalog.consent import ConsentScope
from catalog.errors import UserError

LISTS = ("recordings.tsv", "transcripts.tsv", "recordings.csv", "transcripts.csv")
CONSENTS = ("consents.tsv", "consents.csv")
LARGEST = 64 * 2**20
UNKNOWN = "unknown"

_NO_SCOPE = frozenset({"record"})
"""Words of consent forms that allow nothing by themselves."""
_SCOPES = {
    "transcribe": ConsentScope.TRANSCRIPTION,
    "transcription": ConsentScope.TRANSCRIPTION,
    "publish": ConsentScope.PUBLICATION,
    "publication": ConsentScope.PUBLICATION,
}


class SidecarError(UserError):
    """A list beside the recordings that can't be read."""


@dataclass(frozen=True, slots=True)
class FileNote:
    """What the sender says of one file. None where nothing is said."""

    language: str | None = None
    speaker: str | None = None
    gender: str | None = None
    age_band: str | None = None
    district: str | None = None
    dialect: str | None = None


@dataclass(frozen=True, slots=True)
class ConsentNote:
    """One speaker's yes, as the sender wrote it down."""

    speaker: str
    language: str
    scopes: tuple[ConsentScope, ...]
    notice_version: str
    given_at: datetime
    evidence: str


def read_file_notes(lists: Mapping[str, str]) -> dict[str, FileNote]:
    """What is said of each file.

    lists:   text of each list by its path below the source, such as "te/recordings.tsv"
    returns: by the file's path below the source
    """
    notes: dict[str, FileNote] = {}
    for path in sorted(lists, key=lambda path: (path.count("/"), path)):  # a nearer list overrides one above
        folder = PurePosixPath(path).parent
        for row in _rows(path, lists[path], required=("file",)):
            notes[str(folder / row["file"])] = FileNote(
                language=_known(row, "language"),
                speaker=_known(row, "speaker"),
                gender=_known(row, "gender"),
                age_band=_known(row, "age_band"),
                district=_known(row, "district"),
                dialect=_known(row, "dialect"),
            )
    return notes


def read_consent_notes(lists: Mapping[str, str]) -> tuple[ConsentNote, ...]:
    """Every consent that the lists give, in their order."""
    return tuple(
        note
        for path in sorted(lists)
        for row in _rows(path, lists[path], required=("speaker", "scope"))
        for note in (_consent_note(path, row),)
    )


def _consent_note(path: str, row: Mapping[str, str]) -> ConsentNote:
    words = [word.strip() for word in row["scope"].split(",") if word.strip()]
    unknown = sorted(set(words) - _SCOPES.keys() - _NO_SCOPE)
    if unknown:
        raise SidecarError(
            f"{path}: a scope of speaker {row['speaker']} is transcribe or publish, given {', '.join(unknown)}.\n"
            "Write transcribe,publish, or only what the speaker agreed to."
        )
    given_at = row.get("given_at", "")
    try:
        moment = datetime.fromisoformat(given_at)
    except ValueError as error:
        raise SidecarError(
            f"{path}: given_at of speaker {row['speaker']} is a date and time, given {given_at!r}.\n"
            "Write 2026-01-31T10:30:00+05:30."
        ) from error
    return ConsentNote(
        speaker=row["speaker"],
        language=row.get("language") or UNKNOWN,
        scopes=tuple(sorted({_SCOPES[word] for word in words if word in _SCOPES})),
        notice_version=row.get("notice_version") or UNKNOWN,
        given_at=moment if moment.tzinfo else moment.replace(tzinfo=UTC),
        evidence=row.get("evidence") or UNKNOWN,
    )


def _rows(path: str, text: str, *, required: Iterable[str]) -> list[dict[str, str]]:
    lines = io.StringIO(text.removeprefix("\ufeff"))
    comma = path.endswith(".csv")
    reader = csv.DictReader(lines) if comma else csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    missing = [column for column in required if column not in (reader.fieldnames or ())]
    if missing:
        raise SidecarError(
            f"{path} has no column {', '.join(missing)}; it has {', '.join(reader.fieldnames or ['none'])}.\n"
            "The first line names the columns, separated by " + ("commas." if comma else "tabs.")
        )
    return [{key: (value or "").strip() for key, value in row.items() if key} for row in reader]


def _known(row: Mapping[str, str], column: str) -> str | None:
    value = row.get(column, "")
    return None if value in ("", UNKNOWN) else value
