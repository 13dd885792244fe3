"""Does a store keep its word? Asked once at set-up, before anything is published to it."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass

from catalog.store.contract import ObjectStore
from catalog.store.errors import AlreadyExists, StoreUnavailable, UnsafeStore

MAX_BODY = 4096


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """A store that has kept its word.

    rounds:  how many races were run
    writers: how many took part in each
    seconds: what it took in all
    """

    url: str
    rounds: int
    writers: int
    seconds: float


def probe(
    store: ObjectStore,
    *,
    rounds: int = 3,
    writers: int = 4,
    seconds: float = 30.0,
    clock: Callable[[], float] = time.monotonic,
) -> ProbeReport:
    """Race creates on scratch keys, read back, list and delete; leaves nothing behind.

    seconds: after these no further round begins (a contended create takes SeaweedFS a second); a race that
             takes longer than that by itself raises `StoreUnavailable`
    Raises `UnsafeStore` for a store where none or several win, or that doesn't show at once what was written.
    """
    scratch = f"probe/{uuid.uuid4().hex}"
    begin = clock()
    done = 0
    while done < rounds and (done == 0 or clock() - begin < seconds):
        key = f"{scratch}/{done}.txt"
        try:
            _race(store, key, writers=writers, seconds=seconds)
        finally:
            store.delete(key)
        _expect(not store.exists(key), store, f"{key} was deleted and is still there")
        done += 1
    _expect(not any(store.list(f"{scratch}/")), store, "objects that were deleted are still listed")
    return ProbeReport(store.url, done, writers, clock() - begin)


@contextmanager
def probed_beside(store: ObjectStore, *, rounds: int = 1, writers: int = 2) -> Iterator[Callable[[], None]]:
    """Probe a store while the block does what need not wait for the verdict; its end waits.

    writers: each beyond the first may take SeaweedFS a second: who finds its lock taken sleeps before asking again
    Gives what raises at once where the store has failed by now. Raises as `probe` does.
    """
    with ThreadPoolExecutor(1) as pool:
        verdict = pool.submit(probe, store, rounds=rounds, writers=writers)

        def raise_if_failed() -> None:
            if verdict.done():
                verdict.result()

        yield raise_if_failed
        verdict.result()


def _race(store: ObjectStore, key: str, *, writers: int, seconds: float) -> None:
    bodies = [f"{key} by writer {writer}".encode() for writer in range(writers)]
    start = threading.Barrier(writers)

    def create(body: bytes) -> bytes | None:
        start.wait(seconds)
        try:
            store.create(key, body)
        except AlreadyExists:
            return None
        return body

    pool = ThreadPoolExecutor(writers)
    try:
        races: list[Future[bytes | None]] = [pool.submit(create, body) for body in bodies]
        if wait(races, timeout=seconds).not_done:
            raise StoreUnavailable(
                f"{writers} racing creates in {store.url} took more than {seconds:g} s. "
                "Check the store's load and the network, then probe again."
            )
        winners = [body for race in races if (body := race.result()) is not None]
    finally:
        pool.shutdown(wait=False)

    _expect(len(winners) == 1, store, f"of {writers} racing creates of one key {len(winners)} succeeded")
    _expect(store.get_bytes(key, MAX_BODY) == winners[0], store, "the bytes read back are not the winner's")
    _expect([each.key for each in store.list(key)] == [key], store, "an object just written is not listed")
    try:
        store.create(key, b"late")
    except AlreadyExists:
        return
    _expect(False, store, "a create of an object that exists succeeded")


def _expect(kept: bool, store: ObjectStore, otherwise: str) -> None:
    if not kept:
        raise UnsafeStore(
            f"the store {store.url} can't be published to: {otherwise}. "
            "Use one that honours If-None-Match and reads what it wrote (AWS S3, SeaweedFS, MinIO, a folder)."
        )
