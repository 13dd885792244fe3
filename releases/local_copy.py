"""What a folder of this machine holds of a dataset, and that pull wrote it: nothing else in it is ever touched."""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from releases.refusals import PullFailed
from releases.versions import File

STATE = ".boli-pull.json"
LOCK = ".boli-pull.lock"
WITHDRAWN = "withdrawn.jsonl"
CHECKSUMS = "checksums.sha256"
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*(/[A-Za-z0-9_][A-Za-z0-9._+-]*)*")
_HALF_WRITTEN = re.compile(
    r"\.([0-9a-f]{32}\.(part|partial)|[a-z]+-[0-9a-f]{16}\.parquet\.[0-9a-f]{16}\.partial(\.alike)?)"
)
_SUM = re.compile(r"([0-9a-f]{64})  (\S+)")


@dataclass(frozen=True, slots=True)
class CopyState:
    """files: what pull has written, or was about to, with the SHA-256 it should have

    forms: what was made from it beside the rows
    """

    dataset: str
    version: str
    files: Mapping[str, str]
    forms: tuple[str, ...] = field(default=())


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a second pull out of the folder. Raises PullFailed where one is at work."""
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PullFailed(
                f"another pull is at work in {folder}. Wait until it has ended, or name another folder."
            ) from None
        yield
    finally:
        os.close(handle)


def read_state(folder: Path) -> CopyState | None:
    """What was pulled into a folder; of a copy without a state (an older Boli's), what its checksums bear out."""
    path = folder / STATE
    try:
        return TypeAdapter(CopyState).validate_json(path.read_bytes())
    except FileNotFoundError:
        return _from_checksums(folder)
    except ValidationError as error:
        raise PullFailed(
            f"{path} is not what pull wrote there: {error.errors(include_url=False)[0]['msg']}. "
            "Name another folder; nothing was changed in this one."
        ) from error


def write_state(folder: Path, state: CopyState) -> None:
    incoming = folder / f"{STATE}.incoming"
    with incoming.open("w", encoding="utf-8") as file:
        json.dump(asdict(state), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    incoming.replace(folder / STATE)


def inside(folder: Path, path: str) -> Path:
    """Where a path of a version lies in the folder. Raises PullFailed for one that would lie elsewhere."""
    place = folder / path
    if not _SAFE.fullmatch(path) or not place.parent.resolve().is_relative_to(folder.resolve()):
        raise PullFailed(f"a file is listed outside of the copy: {path!r}. Don't trust this store.")
    return place


def holds(folder: Path, file: File) -> bool:
    """Whether the folder has the file, byte for byte."""
    place = inside(folder, file.path)
    if place.is_symlink() or not place.is_file() or place.stat().st_size != file.size:
        return False
    return sha256_of(place) == file.sha256


def remove(folder: Path, paths: Iterable[str]) -> int:
    """Take files away that pull wrote, and the folders that they leave empty. Returns how many there were."""
    removed = 0
    for path in sorted(paths):
        place = inside(folder, path)
        if place.is_file() or place.is_symlink():
            place.unlink()
            removed += 1
        parent = place.parent
        while parent != folder and parent.is_dir() and not any(parent.iterdir()):
            parent.rmdir()
            parent = parent.parent
    return removed


def sweep(folder: Path, paths: Iterable[str]) -> None:
    """Take away what pulls that were stopped left half-written beside these paths."""
    for parent in sorted({inside(folder, path).parent for path in paths}):
        if parent.is_dir():
            with os.scandir(parent) as entries:
                left = [each.path for each in entries if _HALF_WRITTEN.fullmatch(each.name)]
            for path in left:
                Path(path).unlink()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from_checksums(folder: Path) -> CopyState | None:
    listed = folder / CHECKSUMS
    if listed.is_symlink() or not listed.is_file():
        return None
    files: dict[str, str] = {}
    for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
        match = _SUM.fullmatch(line)
        if match and _SAFE.fullmatch(match[2]):
            place = inside(folder, match[2])
            if place.is_file() and not place.is_symlink() and sha256_of(place) == match[1]:
                files[match[2]] = match[1]
    if not files:
        return None
    for path in (CHECKSUMS, WITHDRAWN):
        if (folder / path).is_file():
            files[path] = sha256_of(folder / path)
    return CopyState("", "", files)
