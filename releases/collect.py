"""Parts that no version names: left by builds that were stopped, and taken away when nobody can want them any more.

Those with a voice that was withdrawn go at once. The others are first noted as unused, and go when they are still so
72 hours later; never while a build is under way, which may be about to name them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from catalog.database import Catalog
from catalog.keys import part_key
from catalog.store import NotStored, ObjectStore
from catalog.store.stored_file import StoredFile
from releases.parquet import read_columns
from releases.refusals import BrokenManifest
from releases.release_rows import withheld_rows
from releases.selection import withdrawn_of
from releases.stored_forms import collect_forms
from releases.versions import LARGEST, Part, listed, root, uncommitted

UNUSED_FOR = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Collected:
    """destroyed: parts; waiting: unused ones whose time is not over"""

    dataset: str
    destroyed: int
    bytes: int
    waiting: int


def collect_parts(catalog: Catalog, store: ObjectStore, dataset: str, *, now: datetime) -> Collected:
    """Destroy the parts of a dataset that no version names and that nobody is about to name, and stale forms."""
    collect_forms(store, dataset)
    there = {each.key: each.size for each in store.list(f"{root(dataset)}/parts/")}
    unused = there.keys() - _named(store, dataset) if there else set()
    noted = _noted(store, dataset)
    since = {key: noted.get(key, now) for key in sorted(unused)}
    destroyed = []
    for key, first_seen in since.items():
        over = now - first_seen >= UNUSED_FOR and not uncommitted(store, dataset)
        if over or _holds_withdrawn(catalog, store, dataset, key, there[key]):
            store.delete(key)
            destroyed.append(key)
    waiting = {key: at for key, at in since.items() if key not in destroyed}
    if waiting != noted:
        _note(store, dataset, waiting)
    return Collected(dataset, len(destroyed), sum(there[key] for key in destroyed), len(waiting))


def are_stored(store: ObjectStore, dataset: str, parts: Sequence[Part]) -> bool:
    """Whether each part lies in the store, with its size."""
    there = {each.key: each.size for each in store.list(f"{root(dataset)}/parts/")}
    return all(there.get(part_key(dataset, part.sha256)) == part.size for part in parts)


def _named(store: ObjectStore, dataset: str) -> set[str]:
    """Keys of the parts of every version as it is now."""
    return {part_key(dataset, part.sha256) for version in listed(store, dataset) for part in version.parts}


def _holds_withdrawn(catalog: Catalog, store: ObjectStore, dataset: str, key: str, size: int) -> bool:
    try:
        rows = list(read_columns(StoredFile(store, key, size), ("id", "row_sha256")))
    except NotStored:  # somebody else destroyed it
        return False
    except pa.ArrowException:  # not whole: nothing can be read of it, and nobody needs it
        return True
    clips = [row["id"] for row in rows]
    with catalog.reading() as session:
        withheld = withheld_rows(session, dataset, clips)
        return bool(withdrawn_of(session, clips)) or any(row["row_sha256"] in withheld for row in rows)


def _note_key(dataset: str) -> str:
    return f"{root(dataset)}/unused.json"


def _noted(store: ObjectStore, dataset: str) -> dict[str, datetime]:
    try:
        return TypeAdapter(dict[str, datetime]).validate_json(store.get_bytes(_note_key(dataset), LARGEST))
    except NotStored:
        return {}
    except ValidationError as error:
        raise BrokenManifest(
            f"{store.url}/{_note_key(dataset)} is not what Boli writes there. Delete it: unused parts are then "
            "noted anew, and wait from now on."
        ) from error


def _note(store: ObjectStore, dataset: str, since: dict[str, datetime]) -> None:
    if not since:
        store.delete(_note_key(dataset))
        return
    said = {key: at.isoformat() for key, at in sorted(since.items())}
    store.put_bytes(_note_key(dataset), (json.dumps(said, indent=1) + "\n").encode())
