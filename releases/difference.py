"""The difference of two versions: of parts that both hold nothing is read, of the others the columns compared."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from catalog.store import StoreReader
from catalog.store.stored_file import StoredFile
from releases.changes import Changes, RowDigest, compare, first_version
from releases.map_in_order import map_in_order
from releases.parquet import column_names, columns, read_columns
from releases.parts import PartRows
from releases.rows import Row, canonical
from releases.versions import File, Version, part_path, read_version

PARTS_AT_ONCE = 4
"""Twice as many have their compared columns in memory."""
_COMPARED = ("id", "language", "speaker", "duration", "text", "row_sha256")


def diff(store: StoreReader, dataset: str, old: str, new: str) -> Changes:
    """What differs between two versions as they are now. Raises NoSuchVersion, NotStored.

    Parts that both hold are not read; of the others, the columns that are compared.
    """
    before, after = read_version(store, dataset, old), read_version(store, dataset, new)
    shared = {part.path for part in before.parts} & {part.path for part in after.parts}
    plain = _columns_in(store, before) != _columns_in(store, after)
    changes = compare(
        (old, new), *(_digests_in(store, each, but=shared, plain=plain) for each in (before, after))
    )
    return replace(
        changes,
        unchanged=changes.unchanged + sum(part.rows for part in after.parts if part.path in shared),
    )


def changes_after(
    store: StoreReader, before: Version | None, parts: Sequence[PartRows], version: str
) -> Changes:
    """What a version of these parts, which is about to be written, has that the one before it has not."""
    if before is None:
        return first_version(version)
    known = {part.path for part in before.parts}
    named = [(part_path(part.split, part.sha256), part) for part in parts]
    shared = known & {path for path, _ in named}
    plain = _columns_in(store, before) != {name for name, _ in columns()}
    changes = compare(
        (before.commit.version, version),
        _digests_in(store, before, but=shared, plain=plain),
        _digests_of([part for path, part in named if path not in shared], plain=plain),
    )
    return replace(
        changes, unchanged=changes.unchanged + sum(len(part.rows) for path, part in named if path in shared)
    )


def _columns_in(store: StoreReader, version: Version) -> frozenset[str]:
    """A version of before may have other columns, and then its rows' hashes are of other things."""
    file = next((file for file in version.files if file.path.startswith("data/")), None)
    return (
        column_names(StoredFile(store, version.key(file), file.size))
        if file
        else frozenset(name for name, _ in columns())
    )


def _digests_of(parts: Iterable[PartRows], *, plain: bool) -> Iterator[RowDigest]:
    """plain: compare only what rows of every format have"""
    for part in parts:
        for row in part.rows:
            digest = _plain_of(row) if plain else row.sha256
            yield RowDigest(row.id, row.language, row.seconds, row.text, digest)


def _digests_in(
    store: StoreReader, version: Version, *, but: AbstractSet[str], plain: bool
) -> Iterator[RowDigest]:
    """The rows of a version as it is now, but for those of some parts."""
    files = [file for file in version.files if file.path.startswith("data/") and file.path not in but]

    def read(file: File) -> list[RowDigest]:
        source = StoredFile(store, version.key(file), file.size)
        return [
            RowDigest(
                row["id"],
                row["language"],
                row["duration"],
                row["text"],
                _plain(row["language"], row["speaker"], row["text"]) if plain else row["row_sha256"],
            )
            for row in read_columns(source, _COMPARED)
        ]

    for found in map_in_order(read, files, at_once=PARTS_AT_ONCE):
        yield from found


def _plain_of(row: Row) -> str:
    return _plain(row.language, row.speaker, row.text)


def _plain(language: str, speaker: str, text: str) -> str:
    return hashlib.sha256(canonical([language, speaker, text])).hexdigest()
