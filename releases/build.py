"""A selection to parts in the store: those that a version before has are named, the others are written."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.keys import part_key
from catalog.store import ObjectStore
from releases.map_in_order import map_in_order
from releases.parquet import ShardWriter, record
from releases.parts import PART_SECONDS, PartRows, cut
from releases.refusals import Refusal, Refused
from releases.rows import SPLITS, WORD_RATE, Row
from releases.selection import Selection
from releases.sound import sounds
from releases.versions import Part, root
from releases.workspace import measured

PARTS_AT_ONCE = 2
"""One is being stored while the next one is written."""
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class StoredParts:
    """The parts of a version, all of them in the store. new_bytes: of those that were written now"""

    parts: tuple[Part, ...]
    new_bytes: int


def parts_of(selection: Selection, *, seconds: float = PART_SECONDS) -> tuple[PartRows, ...]:
    """The rows of a version in parts, split after split; the same selection gives the same parts."""
    newest = selection.as_of.date()
    return tuple(
        part
        for split in SPLITS
        for part in cut(split, selection.rows.of(split), newest=newest, seconds=seconds)
    )


def store_parts(
    dataset: str,
    wanted: Sequence[PartRows],
    store: ObjectStore,
    scratch: Path,
    *,
    known: Sequence[Part],
    progress: Progress | None = None,
) -> StoredParts:
    """Write every part that the store has not, and name the others.

    wanted: the parts of the version, in order
    known:  parts of versions before; one of the same rows is taken as it is, if it still lies in the store
    Raises Refused with the whole list, where a sound is empty, missing or damaged, its decoded duration disagrees, or
    words are not in time order. Parts that were written before that stay in the store, unnamed, until they are
    collected.
    """
    there = {each.key: each.size for each in store.list(f"{root(dataset)}/parts/")}
    reusable = {
        (part.split, part.rows_sha256): part
        for part in known
        if there.get(part_key(dataset, part.sha256)) == part.size
    }
    tell = ProgressCounter("clips gathered", progress, sum(len(part.rows) for part in wanted))

    def stored(part: PartRows) -> tuple[Part | tuple[Refusal, ...], int]:
        if reused := reusable.get((part.split, part.sha256)):
            tell(len(part.rows))
            return reused, 0
        path = scratch / f"{part.split}-{part.sha256}.parquet"
        written = write_part(part, store, path, tell)
        if isinstance(written, Part):
            store.put_file(part_key(dataset, written.sha256), path, sha256=written.sha256)
        path.unlink(missing_ok=True)
        return written, written.size if isinstance(written, Part) else 0

    parts: list[Part] = []
    refusals: list[Refusal] = []
    new_bytes = 0
    for written, size in map_in_order(stored, wanted, at_once=PARTS_AT_ONCE):
        new_bytes += size
        if isinstance(written, Part):
            parts.append(written)
        else:
            refusals += written
    if refusals:
        raise Refused(dataset, tuple(refusals))
    return StoredParts(tuple(parts), new_bytes)


def write_part(
    part: PartRows, store: ObjectStore, path: Path, tell: Callable[[int], None]
) -> Part | tuple[Refusal, ...]:
    """Gather the sounds of a part and write it to `path`; or what is wrong with those that are not as stated."""
    refusals: list[Refusal] = []
    seconds = 0.0
    with ShardWriter(path) as writer:
        for row, heard in sounds(part.rows, store):
            if misplaced := misplaced_word(row):
                refusals.append(misplaced)
            if isinstance(heard, Refusal):
                refusals.append(heard)
            elif not refusals:
                writer.write(record(row, heard))
                seconds += heard.seconds
            tell(1)
    if refusals:
        return tuple(refusals)
    file = measured(path.parent, path.name)
    return Part(
        split=part.split,
        sha256=file.sha256,
        size=file.size,
        rows=len(part.rows),
        seconds=round(seconds, 6),
        rows_sha256=part.sha256,
    )


def misplaced_word(row: Row) -> Refusal | None:
    """The first word that is not in time order inside its clip."""
    limit = round(row.seconds * WORD_RATE) + 1
    last = 0
    for word in row.words:
        if not last <= word.start <= word.end <= limit:
            return Refusal("words", row.id, f"has the word {word.word!r} outside its place in time")
        last = word.start
    return None


class ProgressCounter:
    """Adds up what several threads have done, for one bar."""

    def __init__(self, label: str, progress: Progress | None, whole: int) -> None:
        self._label, self._progress, self._whole = label, progress, whole
        self._done = 0
        self._lock = threading.Lock()

    def __call__(self, more: int) -> None:
        with self._lock:
            self._done += more
            if self._progress:
                self._progress(self._label, self._done, self._whole)
