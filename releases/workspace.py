"""Files on this machine while a version is built, checked or rewritten."""

import hashlib
from pathlib import Path

from releases.versions import File


def measured(folder: Path, path: str) -> File:
    """A file of `folder` with its size and SHA-256."""
    place = folder / path
    with place.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return File(path, digest, place.stat().st_size)
