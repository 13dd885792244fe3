"""Project files as they lie in their folder: read with their hash, written whole, and never over a change by hand."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.config.configuration import LARGEST, Broken, ConfigurationError, too_long
from catalog.config.sentence import Sentence
from catalog.errors import UserError


class ChangedMeanwhile(UserError):
    """The file is not the one that was read: somebody else changed it since."""


class ProjectExists(UserError):
    """A project of that name is there already."""


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What a project's file says. sha256: of its bytes, in hexadecimal"""

    name: str
    text: str
    sha256: str


def read_project_file(folder: Path, name: str) -> ProjectFile:
    """Raises FileNotFoundError; UnicodeDecodeError where a hand left it in another encoding."""
    data = (folder / f"{name}.yaml").read_bytes()
    return ProjectFile(name, data.decode("utf-8-sig"), hashlib.sha256(data).hexdigest())


def write_project_file(
    folder: Path, name: str, text: str, *, before: str | None, check: Callable[[Path], object]
) -> ProjectFile:
    """Put a project's file in place, whole, once its own loader has read it.

    before: hash of the file that the text was made from; None makes a new project
    check:  reads a file of that name as the program does; raises ConfigurationError
    Raises ChangedMeanwhile, ProjectExists, ConfigurationError: the file then stays as it was.
    """
    data = text.encode()
    path = folder / f"{name}.yaml"
    if len(data) > LARGEST:
        raise ConfigurationError(path, [Broken((), too_long(len(data)), Sentence("Shorten its texts."))])
    if not os.access(folder, os.W_OK):
        rule = Sentence("can't be written by this program")
        mend = Sentence("Give the portal's user the right to write there, or change the files by hand.")
        raise ConfigurationError(folder, [Broken((), rule, mend)])
    with _turn(folder), tempfile.TemporaryDirectory(prefix=".draft-", dir=folder) as drafts:
        draft = Path(drafts) / path.name
        _write_durably(draft, data)
        try:
            check(draft)
        except ConfigurationError as error:
            raise ConfigurationError(path, error.broken) from error
        if before is None:
            _put_new(draft, path)
        else:
            now = path.read_bytes() if path.is_file() else b""
            if hashlib.sha256(now).hexdigest() != before:
                raise ChangedMeanwhile(f"{path} was changed since it was read.\nLook at what it says now.")
            draft.chmod(path.stat().st_mode & 0o777)
            draft.replace(path)
    return ProjectFile(name, text, hashlib.sha256(data).hexdigest())


def _put_new(draft: Path, path: Path) -> None:
    draft.chmod(0o644)
    try:
        os.link(draft, path)  # only one of two can
    except FileExistsError:
        raise ProjectExists(f"there is a project {path.stem!r} already.\nChoose another name.") from None


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """One writer at a time, among threads and programs; at the end the folder's names are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
