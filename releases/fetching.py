"""One large file of a version to this machine: by ranges, going on where it stopped, without what is there already.

A part that a correction or a withdrawal has changed has most of its bytes in common with the part before. Its row
groups say so themselves: where all rows are the same, the group is; where the sounds are, their column is. Such bytes
are copied from the file that was pulled before, and the SHA-256 of the whole says whether that came out right.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.store import Damaged, StoreReader
from catalog.store.stored_file import StoredFile
from releases.versions import File

BLOCK = 8 * 2**20
Tell = Callable[[int], None]
"""Called with how many bytes more are there."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Bytes of a Parquet file, and what they follow from: the same name, the same bytes."""

    start: int
    end: int
    name: str


def fetch_large(
    store: StoreReader, key: str, file: File, target: Path, *, like: Iterable[Path], tell: Tell
) -> int:
    """Fetch a part to `target`, which appears whole and compared or not at all. Returns the bytes that travelled.

    like: Parquet files on this machine that may have bytes in common with it
    Raises NotStored, Damaged.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{file.sha256[:16]}.partial")
    travelled = 0
    if not partial.exists():
        travelled = _from_alike(store, key, file, partial, like)
    travelled += _rest(store, key, file, partial, tell)
    with partial.open("rb") as done:
        found = hashlib.file_digest(done, "sha256").hexdigest()
    if found != file.sha256:
        partial.unlink()
        raise Damaged(f"{key} must hold the bytes with SHA-256 {file.sha256}, they have {found}.")
    partial.replace(target)
    return travelled


def _rest(store: StoreReader, key: str, file: File, partial: Path, tell: Tell) -> int:
    with partial.open("ab") as out:
        start = out.tell()
        if start > file.size:
            out.truncate(start := 0)
        tell(start)
        at = start
        while at < file.size:
            block = store.read_range(key, at, min(BLOCK, file.size - at))
            if not block:
                raise Damaged(f"{key} ends after {at} of {file.size} bytes.")
            out.write(block)
            at += len(block)
            tell(len(block))
    return at - start


def _from_alike(store: StoreReader, key: str, file: File, partial: Path, like: Iterable[Path]) -> int:
    """Put the whole together from what is here and what must be fetched; leave nothing where it does not fit."""
    here = {span.name: (path, span) for path in like for span in _spans_here(path)}
    if not here:
        return 0
    source = StoredFile(store, key, file.size)
    incoming = partial.with_name(f"{partial.name}.alike")
    try:
        known = list(_spans_known(source, here.keys()))
        with incoming.open("wb") as out:
            for span in known:
                _copy(source, out, span.start - out.tell())
                path, there = here[span.name]
                with path.open("rb") as old:
                    old.seek(there.start)
                    _copy(old, out, there.end - there.start)
            _copy(source, out, file.size - out.tell())
    except pa.ArrowException:  # not laid out as expected: it is fetched whole
        incoming.unlink(missing_ok=True)
        return source.travelled
    with incoming.open("rb") as done:
        fits = hashlib.file_digest(done, "sha256").hexdigest() == file.sha256
    if fits:
        incoming.replace(partial)
    else:
        incoming.unlink()
    return source.travelled


def _copy(source: BinaryIO | StoredFile, out: BinaryIO, length: int) -> None:
    """So many bytes; from the store, those that stand where `out` has come to."""
    if isinstance(source, StoredFile):
        source.seek(out.tell())
    while length > 0 and (block := source.read(min(BLOCK, length))):
        out.write(block)
        length -= len(block)


def _spans_here(path: Path) -> Iterator[_Span]:
    """Every row group of a file, and its column of sounds, by their rows; nothing for a file that is no Parquet."""
    try:
        with pq.ParquetFile(path) as shard:
            for group in range(shard.num_row_groups):
                yield _group_span(shard, group)
                yield _sound_span(shard, group)
    except (pa.ArrowException, KeyError, OSError):
        return


def _spans_known(source: StoredFile, here: AbstractSet[str]) -> Iterator[_Span]:
    """Those of a stored file that are here: whole groups, or their sounds."""
    with pq.ParquetFile(source, pre_buffer=False) as shard:
        for group in range(shard.num_row_groups):
            whole = _group_span(shard, group)
            if whole.name in here:
                yield whole
            elif (sounds := _sound_span(shard, group)).name in here:
                yield sounds


def _group_span(shard: pq.ParquetFile, group: int) -> _Span:
    described = shard.metadata.row_group(group)
    spans = [_chunk(described.column(each)) for each in range(described.num_columns)]
    start, end = min(start for start, _ in spans), max(end for _, end in spans)
    return _Span(start, end, _name(shard, group, "row_sha256", end - start))


def _sound_span(shard: pq.ParquetFile, group: int) -> _Span:
    described = shard.metadata.row_group(group)
    chunks = (described.column(each) for each in range(described.num_columns))
    start, end = _chunk(next(each for each in chunks if each.path_in_schema == "audio.bytes"))
    return _Span(start, end, _name(shard, group, "audio_sha256", end - start))


def _chunk(column: pq.ColumnChunkMetaData) -> tuple[int, int]:
    first = column.dictionary_page_offset
    start: int = column.data_page_offset if first is None else min(first, column.data_page_offset)
    return start, start + column.total_compressed_size


def _name(shard: pq.ParquetFile, group: int, column: str, length: int) -> str:
    values = shard.read_row_group(group, columns=[column]).column(0).to_pylist()
    return f"{column} {length} {hashlib.sha256(''.join(values).encode()).hexdigest()}"
