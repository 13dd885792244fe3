"""Files on this machine while a version is built, checked or rewritten."""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.store import ObjectStore
from releases.manifests import read_lines
from releases.versions import File


def measured(folder: Path, path: str) -> File:
    """A file of `folder` with its size and SHA-256."""
    place = folder / path
    with place.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return File(path, digest, place.stat().st_size)


def fetched_lines(store: ObjectStore, key: str, *, sha256: str) -> Iterator[dict[str, Any]]:
    """The lines of a JSONL object, which passes through a temporary file. Raises NotStored, Damaged."""
    with tempfile.TemporaryDirectory(prefix="boli-") as folder:
        path = Path(folder) / key.rsplit("/", 1)[-1]
        store.fetch(key, path, sha256=sha256)
        yield from read_lines(path)
