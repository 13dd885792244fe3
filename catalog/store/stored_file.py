"""An object of the store as a file that is read here and there."""

import io
from typing import TYPE_CHECKING

from catalog.store.contract import StoreReader

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class StoredFile(io.RawIOBase):
    """An object that is read here and there, by ranges, without being fetched whole.

    travelled: bytes that were read so far
    """

    def __init__(self, store: StoreReader, key: str, size: int) -> None:
        super().__init__()
        self._store, self._key, self._size = store, key, size
        self._position = 0
        self.travelled = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        length = max(0, min(len(view), self._size - self._position))
        data = self._store.read_range(self._key, self._position, length)
        view[: len(data)] = data
        self._position += len(data)
        self.travelled += len(data)
        return len(data)
