"""The secret of this installation: signs the portal's links and forms, and what follows from it."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from catalog.config.settings import KEY_FILE

KEY_BYTES = 32


def installation_key(home: Path) -> bytes:
    """The key, made at its first use and readable by its own user alone.

    Written whole and then given its name, which only one of two first starts can: the other finds it, never half.
    """
    path = home / KEY_FILE
    if path.exists():
        return path.read_bytes()
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # its owner's alone
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    return path.read_bytes()


def known_key(home: Path) -> bytes | None:
    """The key, where this machine has it: another than the portal's would be no key at all."""
    path = home / KEY_FILE
    return path.read_bytes() if path.is_file() else None
