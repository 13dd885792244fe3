"""What is done between requests: the left ended, the whole handed over, the forgotten heard, the fenced told."""

import asyncio
import logging
from functools import partial

from catalog.database import CatalogUnavailable
from catalog.store import StoreError
from catalog.tables import Transfer
from portal.upload import transfers
from portal.upload.partial_uploads import Occupied
from portal.upload.protocol import Refused
from portal.upload.service import Desk
from portal.upload.verdict import Listener

LOOK_SECONDS = 0.5
ORPHAN_SECONDS = 3600.0
"""A file without a row is one that is being begun, or that a crash left behind."""

log = logging.getLogger("boli.uploads")


async def keep_house(desk: Desk, listener: Listener) -> None:
    """Sweep at once and from time to time; tell requests of this process that another one took their place."""
    loop = asyncio.get_running_loop()
    next_sweep = loop.time()
    while True:
        try:
            if loop.time() >= next_sweep:
                next_sweep = loop.time() + desk.limits.sweep_seconds
                await desk.threads.run(partial(sweep, desk))
                await desk.threads.run(listener.hear_forgotten)
            await _let_the_fenced_go(desk)
        except (CatalogUnavailable, StoreError, OSError) as error:
            log.warning("uploads could not be swept, the next sweep tries again: %s", error)
        except Exception:  # one bad row must not end all sweeps to come
            log.exception("uploads could not be swept for a mistake of ours")
        await asyncio.sleep(LOOK_SECONDS)


def sweep(desk: Desk) -> int:
    """End uploads that were left, hand over those that are whole, free the disk. Returns files freed.

    Safe beside requests, other sweeps and other processes: who holds a file is let be.
    """
    now = desk.clock()
    for transfer_id in transfers.over(desk.catalog, at=now):
        try:
            with desk.landing.open(transfer_id):
                transfers.end(desk.catalog, transfer_id, reason="left", actor="portal", at=now)
                desk.landing.drop(transfer_id)
        except Occupied:
            continue
    for transfer in transfers.whole(desk.catalog, at=now):
        _hand_over(desk, transfer)
    return _free(desk)


def _hand_over(desk: Desk, transfer: Transfer) -> None:
    """Finish what a crash, or a store that was away, has interrupted."""
    try:
        with desk.landing.open(transfer.id) as part:
            taken = desk.take_over(transfer.id)
            if taken is not None and part.size >= taken.length:
                part.cut_to(taken.length)
                desk.finisher.finish(taken, part, token=taken.lock_token, digest=None)
    except (Occupied, transfers.Fenced):
        return
    except Refused as refused:
        log.warning("upload %s: %s", transfer.id, refused.message)


def _free(desk: Desk) -> int:
    found = dict(desk.landing.ids())
    needed = transfers.arriving(desk.catalog, list(found))
    freed = 0
    for transfer_id, written in found.items():
        is_old = desk.clock().timestamp() - written > ORPHAN_SECONDS
        if transfer_id not in needed and (is_old or transfers.known(desk.catalog, transfer_id)):
            desk.landing.drop(transfer_id)
            freed += 1
    return freed


async def _let_the_fenced_go(desk: Desk) -> None:
    writing = {
        transfer_id: turn for transfer_id, turn in desk.turns.current().items() if turn.token is not None
    }
    if not writing:
        return
    tokens = await desk.threads.run(partial(transfers.tokens, desk.catalog, list(writing)))
    for transfer_id, turn in writing.items():
        if turn.token is not None and tokens.get(transfer_id, turn.token) > turn.token:
            turn.ask()
