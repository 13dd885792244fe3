"""The sweep between requests: expired uploads end, whole ones are handed over, those without verdict measured."""

import asyncio
import logging
from functools import partial

from catalog.database import CatalogUnavailable
from catalog.store import StoreError
from catalog.tables import Transfer
from portal.upload import transfers
from portal.upload.partial_uploads import FileBusy
from portal.upload.protocol import UploadRefused
from portal.upload.service import UploadService
from portal.upload.verdict import Listener

LOOK_SECONDS = 0.5
ORPHAN_SECONDS = 3600.0
"""A file without a row is one that is being begun, or that a crash left behind."""

log = logging.getLogger("boli.uploads")


async def sweep_forever(service: UploadService, listener: Listener) -> None:
    """Sweep at once and from time to time; let requests of this process go whose lock another one took."""
    loop = asyncio.get_running_loop()
    next_sweep = loop.time()
    while True:
        try:
            if loop.time() >= next_sweep:
                next_sweep = loop.time() + service.limits.sweep_seconds
                await service.threads.run(partial(sweep, service))
                await service.threads.run(listener.hear_due)
            await _let_the_fenced_go(service)
        except (CatalogUnavailable, StoreError, OSError) as error:
            log.warning("uploads could not be swept, the next sweep tries again: %s", error)
        except Exception:  # one bad row must not end all sweeps to come
            log.exception("uploads could not be swept for a mistake of ours")
        await asyncio.sleep(LOOK_SECONDS)


def sweep(service: UploadService) -> int:
    """End uploads that were left, hand over those that are whole, free the disk. Returns files freed.

    Safe beside requests, other sweeps and other processes: who holds a file is let be.
    """
    now = service.clock()
    for transfer_id in transfers.expired(service.catalog, at=now):
        try:
            with service.partial_uploads.open(transfer_id):
                transfers.terminate(service.catalog, transfer_id, reason="left", actor="portal", at=now)
                service.partial_uploads.drop(transfer_id)
        except FileBusy:
            continue
    for transfer in transfers.fully_received(service.catalog, at=now):
        _hand_over(service, transfer)
    return _free(service)


def _hand_over(service: UploadService, transfer: Transfer) -> None:
    """Finish what a crash, or a store that was away, has interrupted."""
    try:
        with service.partial_uploads.open(transfer.id) as part:
            taken = service.take_over(transfer.id)
            if taken is not None and part.size >= taken.length:
                part.cut_to(taken.length)
                service.finaliser.finish(taken, part, token=taken.lock_token, digest=None)
    except (FileBusy, transfers.Fenced):
        return
    except UploadRefused as refused:
        log.warning("upload %s: %s", transfer.id, refused.message)


def _free(service: UploadService) -> int:
    found = dict(service.partial_uploads.ids())
    needed = transfers.needed(service.catalog, list(found), at=service.clock())
    freed = 0
    for transfer_id, written in found.items():
        is_old = service.clock().timestamp() - written > ORPHAN_SECONDS
        if transfer_id not in needed and (is_old or transfers.known(service.catalog, transfer_id)):
            service.partial_uploads.drop(transfer_id)
            freed += 1
    return freed


async def _let_the_fenced_go(service: UploadService) -> None:
    writing = {
        transfer_id: lock for transfer_id, lock in service.locks.current().items() if lock.token is not None
    }
    if not writing:
        return
    tokens = await service.threads.run(partial(transfers.tokens, service.catalog, list(writing)))
    for transfer_id, lock in writing.items():
        if lock.token is not None and tokens.get(transfer_id, lock.token) > lock.token:
            lock.ask()
