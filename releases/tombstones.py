"""`withdrawn.jsonl`: what whoever holds a copy must drop from it, for every version."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter, ValidationError

from catalog.keys import withdrawn_key
from catalog.store import NotStored, ObjectStore, StoreReader
from releases.refusals import BrokenManifest
from releases.versions import LARGEST


@dataclass(frozen=True, slots=True, order=True)
class Tombstone:
    """One row of one version. speaker: the pseudonym it was published under"""

    at: str
    version: str
    clip: str
    row_sha256: str
    speaker: str


def tombstones(store: StoreReader, dataset: str) -> tuple[Tombstone, ...]:
    """Every row that was withdrawn from any version, oldest first."""
    try:
        data = store.get_bytes(withdrawn_key(dataset), LARGEST)
    except NotStored:
        return ()
    try:
        reader = TypeAdapter(Tombstone)
        return tuple(reader.validate_json(line) for line in data.splitlines())
    except ValidationError as error:
        raise BrokenManifest(
            f"{store.url}/{withdrawn_key(dataset)} is not what Boli writes there: "
            f"{error.errors(include_url=False)[0]['msg']}. Restore it from a backup before erasing more."
        ) from error


def bury(store: ObjectStore, dataset: str, stones: Iterable[Tombstone]) -> None:
    """Add rows to the list; a row that stands in it stays as it is, and none is ever taken out."""
    there = {(each.version, each.clip): each for each in tombstones(store, dataset)}
    fresh = {(each.version, each.clip): each for each in stones}
    if fresh.keys() <= there.keys():
        return
    lines = (
        json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in sorted({**fresh, **there}.values())
    )
    store.put_bytes(withdrawn_key(dataset), "".join(lines).encode())
