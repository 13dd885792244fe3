"""Arrays too large for memory, in files without a name: what has the same key comes back together."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

BUCKETS = 64
BUFFERED = 2**16
"""Records that wait in memory before they are written, of all buckets together."""


class ScratchArrays:
    """Records of one type, dealt out into files by a key; one file's worth is in memory at a time."""

    def __init__(self, kind: np.dtype[Any]) -> None:
        self._kind = kind
        self._waiting: list[tuple[NDArray[np.unsignedinteger], NDArray[Any]]] = []
        self._count = 0
        self._opened = ExitStack()
        self._files = [
            self._opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (closed at the end, all together)
            for _ in range(BUCKETS)
        ]

    def __enter__(self) -> "ScratchArrays":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def add(self, keys: NDArray[np.unsignedinteger], records: NDArray[Any]) -> None:
        """keys: (n,), of the records, (n,)"""
        self._waiting.append((keys, records))
        self._count += len(keys)
        if self._count >= BUFFERED:
            self._write()

    def each(self) -> Iterator[NDArray[Any]]:
        """The records, file by file; all of one key are in the same."""
        self._write()
        for file in self._files:
            file.seek(0)
            yield np.fromfile(file, self._kind)

    def _write(self) -> None:
        if not self._waiting:
            return
        keys = np.concatenate([keys for keys, _ in self._waiting])
        records = np.concatenate([records for _, records in self._waiting])
        self._waiting, self._count = [], 0
        buckets = keys % np.array(BUCKETS, keys.dtype)
        order = np.argsort(buckets, kind="stable")
        ends = np.searchsorted(buckets[order], np.arange(BUCKETS + 1))
        for file, start, end in zip(self._files, ends[:-1], ends[1:], strict=True):
            records[order[start:end]].tofile(file)
