"""A file of a version from the store, also while an erasure is rewriting it."""

import hashlib
from pathlib import Path
from typing import IO

from catalog.errors import UserError
from catalog.store import Damaged, NotStored, StoreReader
from releases.fetching import BLOCK
from releases.versions import File, Version, aside_key, redacting_folder


class BeingRedacted(UserError):
    """A voice is being taken out of a version at this moment; what is read of it may not fit together."""

    def __init__(self, version: Version) -> None:
        super().__init__(
            f"{version.label} is being redacted: a speaker withdrew, and an erasure is at work or was stopped "
            "half-way. Nothing is damaged. Try again in a few minutes; if this stays, whoever runs the project runs "
            "the same `boli consent withdraw` again, which goes on where it stopped."
        )


def fetch_file(store: StoreReader, version: Version, file: File, path: Path) -> None:
    """Fetch a file of a version, compared. Raises NotStored, Damaged, BeingRedacted.

    A rewritten file waits aside before it takes its place, so it is looked for in both.
    """
    try:
        store.fetch(version.key(file), path, sha256=file.sha256)
    except (NotStored, Damaged):
        if is_being_redacted(store, version.commit.dataset):
            try:
                store.fetch(aside_key(version, file), path, sha256=file.sha256)
            except NotStored:
                pass
            else:
                return
            raise BeingRedacted(version) from None
        # It may have taken its place between the two looks.
        store.fetch(version.key(file), path, sha256=file.sha256)


def sha256_in_store(store: StoreReader, key: str, size: int, out: IO[bytes] | None = None) -> str:
    """Hash of an object's first `size` bytes, read once; written to `out` on the way. Raises NotStored."""
    seen, at = hashlib.sha256(), 0
    while at < size and (block := store.read_range(key, at, min(BLOCK, size - at))):
        seen.update(block)
        at += len(block)
        if out:
            out.write(block)
    return seen.hexdigest()


def is_being_redacted(store: StoreReader, dataset: str) -> bool:
    return any(True for _ in store.list(redacting_folder(dataset)))
