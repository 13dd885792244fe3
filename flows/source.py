"""What a source of recordings is: files with names, listed without reading them, read one at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from catalog.table_reader import MOST_BYTES
from flows.steps.sidecar import ListFile, ListKind

_ASIDE = (
    *(".tsv", ".csv", ".tab", ".xlsx", ".xls", ".ods", ".numbers"),
    *(".json", ".txt", ".md", ".yaml", ".textgrid", ".eaf", ".license"),
)
A_MOMENT_NS = 2 * 10**9
TOO_LARGE = f"it is larger than {MOST_BYTES // 2**20} MB. Split it by folder."


@dataclass(frozen=True, slots=True)
class Found:
    """A file that somebody sent.

    name:   its path below the source, as text
    sha256: None where its bytes can't be read; `fault` says why
    """

    name: str
    size: int
    sha256: str | None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as its source lists it, without reading it.

    stamp: what changes whenever its content does; None where that can't be seen, so that it is read
    """

    name: str
    size: int
    stamp: str | None


class Source(Protocol):
    """Files to take in."""

    @property
    def address(self) -> str:
        """The folder's path, or s3://bucket/prefix."""
        ...

    def names(self) -> Sequence[str]:
        """Of every file that may be a recording, in order."""
        ...

    def listing(self) -> Iterator[Listed]:
        """Each of them, in the same order."""
        ...

    def look(self, name: str) -> Found:
        """Size and hash of one file."""
        ...

    @contextmanager
    def read(self, file: Listed, keep_up_to: int) -> Iterator[tuple[Found, Path | None]]:
        """Size and hash of one file, and its bytes on this machine for as long as the context lasts.

        keep_up_to: bytes; a larger file is hashed, and has no path where it would have to be copied
        """
        ...

    def lists(self, kind: ListKind) -> list[ListFile]:
        """The lists of that kind beside the files, in order of path."""
        ...


def may_be_recording(name: str) -> bool:
    """By its name: neither hidden nor a text, a table or a note."""
    last = name.rsplit("/", 1)[-1]
    return bool(last) and not last.startswith(".") and not last.lower().endswith(_ASIDE)
