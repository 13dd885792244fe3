"""A version to a folder of this machine: whole, compared, going on where it stopped, fetching what changed."""

import errno
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from catalog.keys import withdrawn_key
from catalog.store import Damaged, NotStored, StoreReader
from releases.build import Progress, ProgressCounter
from releases.fetching import fetch_large
from releases.forms import write_forms
from releases.forms.folder import FormFolder
from releases.forms.source import PulledPart, PulledVersion
from releases.local_copy import (
    WITHDRAWN,
    CopyState,
    holds,
    inside,
    locked,
    read_state,
    remove,
    sha256_of,
    sweep,
    write_state,
)
from releases.map_in_order import map_in_order
from releases.reading import BeingRedacted, fetch_file
from releases.refusals import PullFailed
from releases.rows import SPLITS
from releases.stored_forms import fetch_form, stored_form
from releases.tombstones import tombstones
from releases.versions import File, Version, read_version

AT_ONCE = 8
IN_FORMAT_1 = ("nemo", "lhotse")
"""Forms that a version of format 1 brings with it."""
SPARE_BYTES = 64 * 2**20
"""Left free on the disk for whoever else writes there."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """fetched: files that were not in the folder yet; removed: files of an earlier pull that the version lacks

    travelled: bytes that came from the store; bytes: of the whole version
    forms: what was made of it beside the rows
    """

    dataset: str
    version: str
    folder: Path
    files: int
    fetched: int
    removed: int
    bytes: int
    travelled: int
    forms: tuple[str, ...] = ()


def pull(
    store: StoreReader,
    dataset: str,
    version: str,
    target: Path,
    *,
    forms: Sequence[str] = (),
    progress: Progress | None = None,
) -> Pulled:
    """Fetch a version into `target`, in the place of what an earlier pull put there.

    forms: names of FORMS: fetched where the store has them, else made here; those of an earlier pull too

    Files that are there and right are not fetched again, and of a part that changed only what changed. What the
    version lacks is taken away, if pull wrote it. progress: of bytes
    Raises NoSuchVersion, PullFailed, BeingRedacted, and OSError for a folder that can't be written.
    """
    target.mkdir(parents=True, exist_ok=True)
    with locked(target):
        while True:
            found = read_version(store, dataset, version)
            try:
                return _pull(store, found, target, forms, progress)
            except (PullFailed, BeingRedacted):
                if read_version(store, dataset, version) == found:
                    raise  # else it was redacted while we read: what is left of it is pulled


def _pull(
    store: StoreReader, version: Version, target: Path, forms: Sequence[str], progress: Progress | None
) -> Pulled:
    dataset, number = version.commit.dataset, version.commit.version
    for file in version.files:
        inside(target, file.path)
    before = read_state(target) or CopyState(dataset, number, {})
    missing = [file for file in version.files if not holds(target, file)]
    _refuse_others(target, missing, before)
    _refuse_small_disk(target, missing)
    wanted = {file.path: file.sha256 for file in version.files}
    kept_forms = tuple(dict.fromkeys((*before.forms, *forms)))
    # Before a byte is written: a pull that is stopped knows later what is its own.
    write_state(target, CopyState(dataset, number, {**before.files, **wanted}, kept_forms))
    travelled = _fetch(store, version, missing, target, _alike(target, before), progress)
    _refuse_half_redacted(store, version)
    names = [form for form in kept_forms if version.commit.format > 1 or form not in IN_FORMAT_1]
    out = FormFolder(target, before.files.keys() | wanted.keys())
    travelled += _bring_forms(store, version, names, target, out)
    if store.exists(withdrawn_key(dataset)):
        store.fetch(withdrawn_key(dataset), target / WITHDRAWN)
        wanted[WITHDRAWN] = sha256_of(target / WITHDRAWN)
    wanted = {**out.written, **wanted}
    removed = remove(target, before.files.keys() - wanted.keys())
    sweep(target, {*before.files, *wanted})
    write_state(target, CopyState(dataset, number, wanted, kept_forms))
    return Pulled(
        dataset=dataset,
        version=number,
        folder=target,
        files=len(version.files),
        fetched=len(missing),
        removed=removed,
        bytes=sum(file.size for file in version.files),
        travelled=travelled,
        forms=kept_forms,
    )


def _bring_forms(
    store: StoreReader, version: Version, names: Sequence[str], target: Path, out: FormFolder
) -> int:
    """Forms that were made when the version was published come from the store; the others are made here."""
    travelled = 0
    for name in names:
        stored = stored_form(store, version, name)
        _refuse_small_disk(target, [] if stored is None else stored.files)
        fetched = None if stored is None else fetch_form(store, stored, out, at_once=AT_ONCE)
        if fetched is None:
            write_forms([name], _pulled(version, target), out)
        travelled += fetched or 0
    return travelled


def _pulled(version: Version, target: Path) -> PulledVersion:
    """The copy, for those who make forms of it."""
    parts = tuple(
        PulledPart(split, partial(inside, target, file.path))
        for split in SPLITS
        for file in version.files
        if file.path.startswith(f"data/{split}-")
    )
    return PulledVersion(version.commit.dataset, version.commit.version, parts)


def _fetch(
    store: StoreReader,
    version: Version,
    missing: Sequence[File],
    target: Path,
    alike: dict[str, list[Path]],
    progress: Progress | None,
) -> int:
    tell = ProgressCounter("bytes fetched", progress, sum(file.size for file in missing))
    parts = {part.path: part.split for part in version.parts}

    def get(file: File) -> int:
        place = inside(target, file.path)
        try:
            if file.path in parts:
                like = alike.get(parts[file.path], [])
                return fetch_large(store, version.key(file), file, place, like=like, tell=tell)
            fetch_file(store, version, file, place)
            tell(file.size)
        except (NotStored, Damaged) as error:
            raise PullFailed(
                f"{version.label} can't be pulled: {file.path}: {error}\n"
                f"`boli release verify` tells what else is wrong; what was fetched stays in {target}."
            ) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise PullFailed(
                    f"{target} is full: {error.strerror}. Make room and run the same command: it goes on."
                ) from error
            raise
        return file.size

    return sum(map_in_order(get, missing, at_once=AT_ONCE))


def _alike(target: Path, before: CopyState) -> dict[str, list[Path]]:
    """By split, the Parquet files of the version that was pulled before."""
    found: dict[str, list[Path]] = {}
    for path in sorted(before.files):
        place = inside(target, path)
        if path.startswith("data/") and place.is_file():
            found.setdefault(path.removeprefix("data/").split("-")[0], []).append(place)
    return found


def _refuse_others(target: Path, missing: Sequence[File], before: CopyState) -> None:
    """Raises PullFailed where somebody else's file stands where one of ours belongs."""
    for file in missing:
        place = inside(target, file.path)
        if file.path not in before.files and (place.exists() or place.is_symlink()):
            raise PullFailed(
                f"{place} is there, and was not written by pull. Nothing was changed. Name an empty folder, or "
                "move that file away."
            )


def _refuse_small_disk(target: Path, missing: Sequence[File]) -> None:
    needed = sum(file.size for file in missing)
    free = shutil.disk_usage(target).free
    if needed + SPARE_BYTES > free:
        raise PullFailed(
            f"{target} has {free / 1e9:.1f} GB free, and what is missing of the version is {needed / 1e9:.1f} GB. "
            "Make room, or name a folder on a larger disk."
        )


def _refuse_half_redacted(store: StoreReader, version: Version) -> None:
    """Raises BeingRedacted where a row is named as withdrawn from this version and still in it."""
    redacted = version.redacted_clips
    for stone in tombstones(store, version.commit.dataset):
        if stone.version == version.commit.version and stone.clip not in redacted:
            raise BeingRedacted(version)
