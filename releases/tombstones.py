"""`withdrawn.jsonl`: what whoever holds a copy must drop from it, for every version."""

import heapq
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from catalog.keys import withdrawn_key
from catalog.store import NotStored, ObjectStore, StoreReader
from releases.refusals import BrokenManifest


@dataclass(frozen=True, slots=True, order=True)
class Tombstone:
    """One row of one version. speaker: the pseudonym it was published under"""

    at: str
    version: str
    clip: str
    row_sha256: str
    speaker: str


def tombstones(store: StoreReader, dataset: str) -> Iterator[Tombstone]:
    """Every row that was withdrawn from any version, oldest first, one after the other however many they are.

    Raises BrokenManifest.
    """
    reader, key = TypeAdapter(Tombstone), withdrawn_key(dataset)
    with tempfile.TemporaryDirectory(prefix="boli-tombstones-") as folder:
        path = Path(folder) / "withdrawn.jsonl"
        try:
            store.fetch(key, path)
        except NotStored:
            return
        with path.open("rb") as lines:
            for line in lines:
                try:
                    yield reader.validate_json(line)
                except ValidationError as error:
                    raise BrokenManifest(
                        f"{store.url}/{key} is not what Boli writes there: "
                        f"{error.errors(include_url=False)[0]['msg']}. Restore it from a backup before erasing more."
                    ) from error


def bury(store: ObjectStore, dataset: str, stones: Iterable[Tombstone]) -> None:
    """Add rows to the list; a row that stands in it stays as it is, and none is ever taken out.

    In memory are the new ones alone.
    """
    fresh = {(each.version, each.clip): each for each in stones}
    for each in tombstones(store, dataset):
        fresh.pop((each.version, each.clip), None)
    if not fresh:
        return
    with tempfile.TemporaryDirectory(prefix="boli-tombstones-") as folder:
        path = Path(folder) / "withdrawn.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for each in heapq.merge(tombstones(store, dataset), sorted(fresh.values())):
                file.write(json.dumps(asdict(each), ensure_ascii=False) + "\n")
        store.put_file(withdrawn_key(dataset), path)
