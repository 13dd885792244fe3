"""Which of our files lie open to other users of this machine, and how to close them."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from catalog.config.settings import KEY_FILE, Settings, config_file
from catalog.store import open_store
from catalog.store.folder import FolderStore
from flows.workspace import s3_options

_GROUP, _OTHERS = 0o070, 0o007


@dataclass(frozen=True, slots=True)
class OpenPath:
    """A file or folder that other users of this machine reach. what: it holds; mode: its rights, as chmod takes them"""

    path: Path
    what: str
    mode: int

    @property
    def mend(self) -> str:
        """The command that closes it, and what lies in it."""
        return f"chmod {'-R ' if self.path.is_dir() else ''}go= {quote(str(self.path))}"


def open_paths(settings: Settings) -> Iterator[OpenPath]:
    """What others reach of the home folder, the database, the store, the keys and the settings with their secrets."""
    home = settings.home.resolve()
    for path, what, strangers in (
        (home, "all that this machine keeps", (_GROUP, _OTHERS)),
        (home / KEY_FILE, "the key that signs links and forms", (_GROUP, _OTHERS)),
        *((path, "the catalogue", (_GROUP, _OTHERS)) for path in _database(settings)),
        # Its group may be the people who train on it.
        *((path, "recordings and datasets", (_OTHERS,)) for path in _store(settings)),
        (config_file().resolve(), "settings, secrets too", (_GROUP, _OTHERS)),
    ):
        if path.exists() and any(_is_reached(path, who) for who in strangers):
            yield OpenPath(path, what, stat.S_IMODE(path.stat().st_mode))


def _is_reached(path: Path, who: int) -> bool:
    """Whether they have a right to it, and may pass through every folder above it."""
    passed = all(above.stat().st_mode & who & 0o011 for above in path.parents)
    return passed and bool(path.stat().st_mode & who)


def _database(settings: Settings) -> Iterator[Path]:
    """SQLite's files; another database has guards of its own."""
    kind, _, file = settings.catalog_url.partition(":///")
    if kind.startswith("sqlite") and file:
        for ending in ("", "-wal", "-shm"):
            yield Path(f"{file.partition('?')[0]}{ending}").resolve()


def _store(settings: Settings) -> Iterator[Path]:
    """The folder; a bucket has guards of its own."""
    store = open_store(settings.store_address, s3_options(settings))
    if isinstance(store, FolderStore):
        yield store.folder.resolve()
