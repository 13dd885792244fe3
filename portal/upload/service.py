"""The upload service: create, append, status, terminate, as tus calls what a request of an upload does."""

import asyncio
import errno
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from starlette.types import Receive

from catalog.config.project import Project
from catalog.config.sentence import Sentence
from catalog.database import Catalog
from catalog.ids import new_id
from catalog.states import TransferPurpose, TransferState
from catalog.tables import Speaker, Transfer
from portal.upload import transfers
from portal.upload.arriving_file import Digests, UploadWriter, write_body
from portal.upload.body_reader import BodyReader, End
from portal.upload.description import Description, describe
from portal.upload.finaliser import Finaliser
from portal.upload.limits import Sender, UploadLimits
from portal.upload.locks import UploadBusy, UploadLock, UploadLocks
from portal.upload.partial_uploads import FileBusy, FileTooShort, PartFile, PartialUploads
from portal.upload.protocol import CHECKSUM_MISMATCH, Checksum, UploadRefused
from portal.upload.threads import Threads
from portal.upload.voice import check_description, consenting, named_speaker, withdrawn

KIND = "transfer"
_ID = re.compile(rf"{KIND}-[0-9a-f]{{20}}")
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Intent:
    """What a PATCH, or a POST that brings bytes, says of its body. length: None where it is not said"""

    offset: int
    length: int | None
    checksum: Checksum | None


@dataclass(frozen=True, slots=True)
class UploadStatus:
    """The status of an upload for its sender. receipt: None until it is whole and kept"""

    transfer: Transfer
    receipt: str | None


@dataclass(frozen=True, slots=True)
class UploadService:
    """The upload service. whole: called with the id of each recording that has become an upload"""

    catalog: Catalog
    partial_uploads: PartialUploads
    finaliser: Finaliser
    projects: Mapping[str, Project]
    limits: UploadLimits
    clock: Callable[[], datetime]
    may_use: Callable[[Sender, Speaker], bool]
    whole: Callable[[str], None]
    locks: UploadLocks
    threads: Threads = field(default_factory=Threads)
    digests: Digests = field(default_factory=Digests)

    async def create(self, sender: Sender, details: dict[str, str], length: int) -> Transfer:
        """A new upload with an empty file, both durable; asked again before a byte came, the same one. Raises
        UploadRefused."""
        description = describe(details, name_letters=self.limits.name_letters)
        self._check_size(sender, length)
        return await self.threads.run(partial(self._create, sender, details, description, length))

    async def status(self, transfer_id: str, sender: Sender) -> UploadStatus:
        """How far an upload has come. Who is writing to it lets go first, so that the answer stays true."""
        transfer = await self._find(transfer_id, sender)
        if transfer.state is TransferState.ARRIVING:
            async with self._locked(transfer_id, sender) as (_, part):
                transfer = await self._find(transfer_id, sender)
                if transfer.state is TransferState.ARRIVING and transfer.offset == transfer.length:
                    # A client that reads offset = length believes that all is well: so it must be.
                    transfer = await self.threads.run(partial(self._take_lock, transfer_id))
                    await self._cut_uncounted(transfer, part)
                    await self._finish(transfer, part)
                    transfer = await self._find(transfer_id, sender)
        return await self._status(transfer)

    async def append(
        self, transfer_id: str, sender: Sender, intent: Intent, receive: Receive
    ) -> UploadStatus:
        """Take in a body. Raises UploadRefused, after keeping what may be kept."""
        transfer = await self._find(transfer_id, sender)
        if transfer.state is TransferState.ARRIVING:
            async with self._locked(transfer_id, sender) as (lock, part):
                transfer = await self.threads.run(partial(self._take_lock, transfer_id))
                if transfer.state is TransferState.ARRIVING:
                    self._check(transfer, intent)
                    await self._cut_uncounted(transfer, part)
                    writer = self._writer(transfer, part, intent.checksum)
                    lock.token = writer.token
                    await self._write_body(transfer, writer, lock, intent, receive)
                    return await self._status(await self._find(transfer_id, sender))
        self._check(transfer, intent)
        return await self._status(transfer)

    async def terminate(self, transfer_id: str, sender: Sender) -> None:
        """Give an upload up, at its sender's wish. Raises UploadRefused."""
        transfer = await self._find(transfer_id, sender)
        if transfer.state is TransferState.ARRIVING:
            async with self._locked(transfer_id, sender):
                await self.threads.run(partial(self._terminate, transfer, "its sender dropped it"))
                transfer = await self._find(transfer_id, sender, ended_too=True)
        if transfer.state is TransferState.COMPLETE:
            raise UploadRefused(
                403,
                "complete",
                "This file has arrived and has its receipt; it can't be dropped as an unfinished upload.",
            )

    def take_over(self, transfer_id: str) -> Transfer | None:
        """An upload whose file is held by the caller, without a request; None where it needs nobody any more."""
        transfer = self._take_lock(transfer_id)
        return transfer if transfer.state is TransferState.ARRIVING else None

    # ---- what these are made of

    def _check_size(self, sender: Sender, length: int) -> None:
        project = self.projects[sender.project_id]
        most = min(self.limits.most_bytes, project.limits.upload_mb * 10**6)
        if length > most:
            raise UploadRefused(
                413,
                "too_large",
                Sentence(
                    "the file has %(size)s MB; this project takes %(most)s MB at most. "
                    "Send it as MP3, M4A or Opus, or split it.",
                    size=f"{length / 1e6:.1f}",
                    most=f"{most / 1e6:.0f}",
                ),
                {"Tus-Max-Size": str(self.limits.most_bytes)},
            )

    def _create(
        self, sender: Sender, details: dict[str, str], description: Description, length: int
    ) -> Transfer:
        speaker = named_speaker(self.catalog, sender, description, self.may_use)
        check_description(description, length, self.projects[sender.project_id], speaker)
        transfer_id = new_id(KIND)
        free = self.partial_uploads.free_bytes()
        try:
            self.partial_uploads.create(transfer_id)
            with self.catalog.writing() as session:
                transfer = transfers.begin(
                    session,
                    transfer_id=transfer_id,
                    sender=sender,
                    purpose=description.purpose,
                    length=length,
                    details=details,
                    speaker=consenting(session, description, speaker),
                    limits=self.limits,
                    free_bytes=free,
                    at=self.clock(),
                )
        except BaseException:
            self.partial_uploads.drop(transfer_id)
            raise
        if transfer.id != transfer_id:
            self.partial_uploads.drop(transfer_id)
        return transfer

    async def _find(self, transfer_id: str, sender: Sender, *, ended_too: bool = False) -> Transfer:
        if not _ID.fullmatch(transfer_id):
            raise UploadRefused(404, "no_such_upload", "There is no such upload.")
        transfer = await self.threads.run(partial(transfers.find, self.catalog, transfer_id, sender))
        if not ended_too:
            if transfer.state is TransferState.ENDED:
                await self.threads.run(partial(self._refuse_withdrawn, transfer))
            self._check_alive(transfer)
        return transfer

    def _refuse_withdrawn(self, transfer: Transfer) -> None:
        """What came of a voice that was taken back is gone before its sender gets an answer."""
        if transfers.is_of_withdrawn(self.catalog, transfer):
            self._drop_ended(transfer.id)
            raise withdrawn()

    def _check_alive(self, transfer: Transfer) -> None:
        expired = transfer.state is TransferState.ARRIVING and transfer.expires_at <= self.clock()
        if expired or transfer.state is TransferState.ENDED:
            raise UploadRefused(
                410,
                "ended",
                Sentence(
                    "This upload has ended, or was left for too long. Send the file again from its beginning."
                ),
            )

    @asynccontextmanager
    async def _locked(self, transfer_id: str, sender: Sender) -> AsyncIterator[tuple[UploadLock, PartFile]]:
        """The lock of an upload, with its file open: of this process, and of all that share the folder."""
        try:
            async with self.locks.lock(transfer_id) as lock:
                part = await self._open(transfer_id)
                try:
                    # It may have ended, or become something, while we waited.
                    transfer = await self._find(transfer_id, sender, ended_too=True)
                    if transfer.state is not TransferState.ARRIVING:
                        self._drop_ended(transfer_id)
                    self._check_alive(transfer)
                    yield lock, part
                finally:
                    part.close()
        except (UploadBusy, transfers.Fenced):
            raise _busy() from None

    async def _open(self, transfer_id: str) -> PartFile:
        deadline = asyncio.get_running_loop().time() + self.limits.takeover_seconds
        fenced = False
        while True:
            try:
                return await self.threads.run(partial(self.partial_uploads.open, transfer_id))
            except FileBusy:
                if asyncio.get_running_loop().time() > deadline:
                    raise UploadBusy(transfer_id) from None
            if not fenced:
                await self.threads.run(partial(transfers.fence, self.catalog, transfer_id))
                fenced = True
            await asyncio.sleep(0.1)

    def _take_lock(self, transfer_id: str) -> Transfer:
        return transfers.take_lock(
            self.catalog, transfer_id, at=self.clock(), lease=self._lease, lasts=self.limits.lasts
        )

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self.limits.idle_seconds + self.limits.portion_seconds + 30)

    def _check(self, transfer: Transfer, intent: Intent) -> None:
        self._check_alive(transfer)
        if intent.offset != transfer.offset:
            raise UploadRefused(
                409,
                "offset_differs",
                f"{transfer.offset} bytes are here, these begin at {intent.offset}. Ask with HEAD, go on from there.",
                {"Upload-Offset": str(transfer.offset)},
            )
        room = transfer.length - transfer.offset
        if intent.length is not None and intent.length > room:
            raise UploadRefused(
                413, "too_long", f"the file has room for {room} bytes more, given {intent.length}."
            )
        if intent.checksum is not None and (intent.length or 0) > self.limits.checked_bytes:
            raise _chunk_too_large(self.limits)

    async def _cut_uncounted(self, transfer: Transfer, part: PartFile) -> None:
        try:
            part.cut_to(transfer.offset)
        except FileTooShort:
            await self.threads.run(
                partial(self._terminate, transfer, "the disk lost bytes that were counted")
            )
            self._check_alive(await self.threads.run(partial(self._reread, transfer.id)))

    def _drop_ended(self, transfer_id: str) -> None:
        """What came of it goes, unless a legal hold keeps it."""
        if not transfers.needed(self.catalog, [transfer_id], at=self.clock()):
            self.partial_uploads.drop(transfer_id)

    def _reread(self, transfer_id: str) -> Transfer:
        with self.catalog.reading() as session:
            return session.get_one(Transfer, transfer_id)

    def _terminate(self, transfer: Transfer, reason: str) -> None:
        transfers.terminate(
            self.catalog, transfer.id, reason=reason, actor=transfer.person_id, at=self.clock()
        )
        self.partial_uploads.drop(transfer.id)

    def _writer(self, transfer: Transfer, part: PartFile, checksum: Checksum | None) -> UploadWriter:
        return UploadWriter(
            catalog=self.catalog,
            part=part,
            transfer_id=transfer.id,
            token=transfer.lock_token,
            offset=transfer.offset,
            length=transfer.length,
            clock=self.clock,
            lease=self._lease,
            whole=self.digests.take(transfer.id, transfer.offset),
            checked=checksum.fresh() if checksum else None,
        )

    async def _write_body(
        self, transfer: Transfer, writer: UploadWriter, lock: UploadLock, intent: Intent, receive: Receive
    ) -> None:
        room = writer.length - writer.offset
        async with BodyReader(
            receive,
            most=room if intent.checksum is None else min(room, self.limits.checked_bytes),
            portion_bytes=self.limits.portion_bytes,
            portion_seconds=self.limits.portion_seconds,
            idle_seconds=self.limits.idle_seconds,
        ) as body:
            lock.when_asked(body.stop)
            try:
                await write_body(body, writer, self.threads)
                await self.threads.run(partial(_settle_checksum, writer, intent, body.end))
            except OSError as error:
                raise disk_refusal(error) from error
            finally:
                if writer.whole is not None and writer.written == writer.offset and not writer.failed:
                    self.digests.put(writer.transfer_id, writer.offset, writer.whole)
        if body.end is End.OVERLONG:
            if intent.checksum is not None and room > self.limits.checked_bytes:
                raise _chunk_too_large(self.limits)
            raise UploadRefused(413, "too_long", f"more came than the {room} bytes that were missing.")
        if writer.is_whole:
            await self._finish(transfer, writer.part)
        elif body.end is End.IDLE:
            raise UploadRefused(
                503,
                "idle",
                f"nothing came for {self.limits.idle_seconds:g} s. What came is kept: ask with HEAD and go on.",
            )
        elif body.end is not End.WHOLE:
            raise _busy()

    async def _finish(self, transfer: Transfer, part: PartFile) -> None:
        digest = self.digests.take(transfer.id, transfer.length)
        try:
            await self.threads.run(
                partial(self.finaliser.finish, transfer, part, token=transfer.lock_token, digest=digest)
            )
        except OSError as error:
            raise disk_refusal(error) from error
        if transfer.purpose is TransferPurpose.RECORDING:
            done = await self.threads.run(partial(self._reread, transfer.id))
            if done.upload_id is not None:
                self.whole(done.upload_id)

    async def _status(self, transfer: Transfer) -> UploadStatus:
        receipt = None
        if transfer.state is TransferState.COMPLETE:
            receipt = await self.threads.run(partial(transfers.receipt, self.catalog, transfer))
        return UploadStatus(transfer, receipt)


def _settle_checksum(writer: UploadWriter, intent: Intent, end: End | None) -> None:
    """The last word on a body: what has a checksum counts if it is all there and right."""
    if intent.checksum is not None and writer.checked is not None and end is End.WHOLE:
        if not intent.checksum.fits(writer.checked):
            writer.drop()
            raise UploadRefused(
                CHECKSUM_MISMATCH,
                "checksum_mismatch",
                f"the bytes don't have the {intent.checksum.algorithm} of the header. None is kept; send them again.",
                closes=False,
            )
        writer.count()
    else:
        writer.drop()


def _busy() -> UploadRefused:
    return UploadRefused(423, "locked", "Another request is at work on this upload. Try again in a moment.")


def _chunk_too_large(limits: UploadLimits) -> UploadRefused:
    return UploadRefused(
        413,
        "chunk_too_large",
        f"a request with a checksum brings {limits.checked_bytes / _MIB:g} MiB at most. Send smaller ones.",
    )


def disk_refusal(error: OSError) -> UploadRefused:
    """What a sender reads of it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UploadRefused(
            507,
            "disk_full",
            "The server's disk is full. What came before is kept; try again later, and tell whoever runs the server.",
        )
    return UploadRefused(
        503, "disk_failed", "The server's disk does not answer as it should. Try again later."
    )
