"""A version to a folder of this machine, whole and compared, going on where it stopped."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from catalog.keys import withdrawn_key
from catalog.store import Damaged, NotStored, ObjectStore
from releases.build import Progress
from releases.map_in_order import map_in_order
from releases.refusals import PullFailed
from releases.versions import File, folder, read_version

WITHDRAWN = "withdrawn.jsonl"


@dataclass(frozen=True, slots=True)
class Pulled:
    """fetched: files that were not in the folder yet; removed: files of the folder that the version lost since"""

    dataset: str
    version: str
    folder: Path
    files: int
    fetched: int
    removed: int
    bytes: int


def pull(
    store: ObjectStore, dataset: str, version: str, target: Path, *, progress: Progress | None = None
) -> Pulled:
    """Fetch a version into `target`. Files that are there and right are not fetched again.

    A copy of a version that was redacted since loses what the version lost.
    Raises NoSuchVersion, PullFailed, and OSError for a folder that can't be written.
    """
    found = read_version(store, dataset, version)
    target.mkdir(parents=True, exist_ok=True)
    inside = _inside(target)
    for file in found.files:
        if not (target / file.path).resolve().is_relative_to(inside):
            raise PullFailed(
                f"{found.label} lists a file outside of itself: {file.path!r}. Don't trust this store."
            )
    prefix = folder(dataset, version)

    def get(file: File) -> bool:
        place = target / file.path
        if _is_right(place, file):
            return False
        try:
            store.fetch(f"{prefix}/{file.path}", place, sha256=file.sha256)
        except (NotStored, Damaged) as error:
            raise PullFailed(
                f"{found.label} can't be pulled: {file.path}: {error}\n"
                f"`boli release verify` tells what else is wrong; what was fetched stays in {target}."
            ) from error
        return True

    fetched = 0
    for done, new in enumerate(map_in_order(get, found.files), start=1):
        fetched += new
        if progress:
            progress("files fetched", done, len(found.files))
    lost = {file.path for file in found.commit.files} - {file.path for file in found.files}
    removed = 0
    for path in sorted(lost):
        if (target / path).is_file():
            (target / path).unlink()
            removed += 1
    if store.exists(withdrawn_key(dataset)):
        store.fetch(withdrawn_key(dataset), target / WITHDRAWN)
    return Pulled(
        dataset,
        version,
        target,
        len(found.files),
        fetched,
        removed,
        sum(file.size for file in found.files),
    )


def _inside(target: Path) -> Path:
    return target.resolve()


def _is_right(place: Path, file: File) -> bool:
    if not place.is_file() or place.stat().st_size != file.size:
        return False
    with place.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256
