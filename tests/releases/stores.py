"""Stores that fail as stores and processes do, around a real one; and what is in a store."""

import io
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from catalog.database import open_catalog
from catalog.store import ObjectStore, open_store
from releases.versions import read_version
from tests.releases.conftest import Archive


class Through:
    """A store that passes everything on to another one."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Careless(Through):
    """A store that creates over what is there, as some S3 servers do."""

    def create(self, key: str, data: bytes) -> object:
        return self._store.put_bytes(key, data)


class Deadly(Through):
    """A store in whose hands its process dies after so many writes."""

    def __init__(self, store: ObjectStore, writes: int) -> None:
        super().__init__(store)
        self._left = writes

    def create(self, key: str, data: bytes) -> object:
        stored = self._store.create(key, data)
        if not key.startswith("probe/"):
            self._count()
        return stored

    def put_file(self, key: str, path: Path, *, sha256: str | None = None) -> object:
        stored = self._store.put_file(key, path, sha256=sha256)
        self._count()
        return stored

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Meanwhile(Through):
    """A store in which somebody else acts between this publisher's look at the versions and its claim."""

    def __init__(self, store: ObjectStore, act: Callable[[], object]) -> None:
        super().__init__(store)
        self._act = [act]

    def create(self, key: str, data: bytes) -> object:
        if not key.startswith("probe/") and self._act:
            self._act.pop()()
        return self._store.create(key, data)


def tiny_archive(make_archive: Callable[..., Archive], folder: Path) -> Archive:
    archive = make_archive(open_store((folder / "store").as_uri()), f"sqlite:///{folder / 'boli.sqlite'}")
    archive.add_speaker("te-01")
    archive.add_recording("te-01", clips=1)
    return archive


def killed_after(archive: Archive, writes: int) -> None:
    """Publish in a process of its own that is killed by the kernel after so many writes to the store."""
    url = archive.catalog.engine.url.render_as_string(hide_password=False)
    archive.catalog.close()
    child = os.fork()
    if child == 0:
        try:
            doomed = replace(archive, catalog=open_catalog(url), store=Deadly(archive.store, writes))  # type: ignore[arg-type]
            doomed.publish()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def everything(store: ObjectStore, prefix: str = "") -> dict[str, bytes]:
    return {each.key: store.get_bytes(each.key, 2**26) for each in store.list(prefix)}


def rows_of(store: ObjectStore, version: str, split: str = "") -> list[dict[str, Any]]:
    """The rows of a version as it is now, with their sound, in order; of one split where one is named."""
    found = read_version(store, "tiny", version)
    rows: list[dict[str, Any]] = []
    for file in found.files:
        if file.path.startswith(f"data/{split}"):
            rows += pq.read_table(io.BytesIO(store.get_bytes(found.key(file), 10**8))).to_pylist()
    return rows
