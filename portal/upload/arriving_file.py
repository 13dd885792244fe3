"""The upload writer: bytes of one request to the disk. None is counted before it is flushed, none counted is lost."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from catalog.database import Catalog
from portal.upload import transfers
from portal.upload.body_reader import BodyReader
from portal.upload.partial_uploads import PartFile
from portal.upload.protocol import Hash
from portal.upload.threads import Threads


@dataclass(slots=True)
class UploadWriter:
    """An upload whose file is open here and nowhere else.

    offset:  bytes that count
    written: where the next ones go
    whole:   digest of all up to `written`; None where the beginning was not seen by this process
    checked: what a body with a checksum has come to; such a body counts as a whole or not at all
    """

    catalog: Catalog
    part: PartFile
    transfer_id: str
    token: int
    offset: int
    length: int
    clock: Callable[[], datetime]
    lease: timedelta
    whole: Hash | None
    checked: Hash | None = None
    written: int = 0
    failed: bool = False

    def __post_init__(self) -> None:
        self.written = self.offset

    @property
    def is_whole(self) -> bool:
        return self.offset == self.length

    def keep(self, portion: bytes) -> None:
        """Write a portion, and count it unless it has a checksum to wait for. Raises OSError, Fenced.

        After one that failed no other is written: it would stand in the place of the one that is missing.
        """
        if self.failed:
            return
        self.failed = True
        self.part.write(portion, self.written)
        self.written += len(portion)
        for digest in (self.whole, self.checked):
            if digest is not None:
                digest.feed(portion)
        if self.checked is None:
            self.count()
        self.failed = False

    def count(self) -> None:
        """From here on these bytes are promised. Raises OSError, Fenced."""
        if self.written > self.offset:
            self.part.flush()
            transfers.count(
                self.catalog,
                self.transfer_id,
                token=self.token,
                offset=self.written,
                locked_until=self.clock() + self.lease,
            )
            self.offset = self.written

    def drop(self) -> None:
        """Forget what does not count."""
        if self.written > self.offset:
            self.whole = None
        self.part.cut_to(self.offset)
        self.written = self.offset


async def write_body(body: BodyReader, writer: UploadWriter, threads: Threads) -> None:
    """All that comes, to the disk, portion by portion, whatever ends it. Raises OSError, Fenced."""
    try:
        async for portion in body.portions():
            await threads.run(partial(writer.keep, portion))
    except asyncio.CancelledError:
        writer.keep(body.rest())  # the server is being stopped: what came is kept, and nobody else waits
        raise


class Digests:
    """Digests of uploads on their way, so that a whole file need not be read again. Lost with the process."""

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[int, Hash]] = OrderedDict()

    def take(self, transfer_id: str, offset: int) -> Hash | None:
        """The digest of the first `offset` bytes, which then is the caller's."""
        at, digest = self._kept.pop(transfer_id, (0, None))
        if offset == 0:
            return Hash("sha256")
        return digest if at == offset else None

    def put(self, transfer_id: str, offset: int, digest: Hash | None) -> None:
        if digest is not None:
            self._kept[transfer_id] = (offset, digest)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
