"""Recordings over bad links: how long, what is lost, what it costs the server. Written into docs/benchmarks.md.

    python -m bench.upload [--rounds 5] [--wounds 200] [--megabytes 500]

A real server process on loopback, SQLite and a store in a folder, as `boli up` has them. The client does what
tus-js-client 4 does (one PATCH for all that is missing, retries after 0, 1, 3 and 5 s, anew after every byte gained).
A browser never gives up a silent link by itself, so our page watches it: no byte for 1.5 s, and it asks again.
"""

import argparse
import hashlib
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.page import write_section
from tests.portal.upload.bad_link import Fate, bad_link
from tests.portal.upload.battering import Battered, batter
from tests.portal.upload.patient import RETRY_DELAYS, STALL_SECONDS, PatientClient
from tests.portal.upload.upload_portal import (
    BODY,
    RawPatch,
    UploadPortal,
    noise,
    recording,
    resume,
    upload_portal,
)
from tests.waiting import until

RECORDING = 950_000
EVERY = 200_000
PIECE = 2**20


@dataclass(frozen=True, slots=True)
class Large:
    """A large file in one request. Memory in MB; health: the slowest answer meanwhile, in seconds"""

    seconds: float
    before: float
    most: float
    health: float


def over_a_bad_link(portal: UploadPortal, fate: Fate, number: int) -> float:
    """Seconds until the receipt of a recording; the bytes are compared."""
    body, name = noise(RECORDING, seed=number), f"{fate}-{number}.amr"
    digest = hashlib.sha256(body).hexdigest()
    with bad_link(portal.port, fate, every=EVERY) as link:
        sent = PatientClient(link.port).send(body, recording(name, sha256=digest))
    if portal.kept()[name] != body:
        raise AssertionError(f"{name} is not what was sent")
    return sent.seconds


def takeover(portal: UploadPortal) -> float:
    """Seconds until HEAD gives the offset of an upload whose last request hangs."""
    location = portal.create(100_000)
    hanging = RawPatch(portal.port, location, 0, 100_000)
    hanging.send(bytes(50_000))
    until(lambda: portal.transfer(location).offset == 50_000)
    with portal.client() as client:
        client.get("/health")
        began = time.monotonic()
        assert resume(client, location) == 50_000
        return time.monotonic() - began


def differing(battered: Battered, kept: dict[str, bytes]) -> int:
    """Bytes that are not as they were sent, missing or too many."""
    wrong = 0
    for name, body in battered.sent.items():
        found = kept.pop(name, b"")
        wrong += abs(len(found) - len(body)) + sum(a != b for a, b in zip(found, body, strict=False))
    return wrong + sum(len(body) for body in kept.values())


def large(portal: UploadPortal, megabytes: int) -> Large:
    assert portal.process is not None and portal.process.pid is not None
    status = Path(f"/proc/{portal.process.pid}/status")
    blocks = [noise(PIECE, seed=number) for number in range(7)]
    length = megabytes * 10**6

    def pieces() -> Iterator[bytes]:
        for number, start in enumerate(range(0, length, PIECE)):
            yield blocks[number % len(blocks)][: length - start]

    location = portal.create(length, recording("large.wav"))
    Path(f"/proc/{portal.process.pid}/clear_refs").write_text("5")  # the peak is counted from here
    before = _kilobytes(status, "VmRSS") / 1000
    with _health(portal) as slowest, httpx.Client(base_url=portal.address, timeout=600) as client:
        began = time.monotonic()
        headers = BODY | {"Upload-Offset": "0", "Content-Length": str(length), "X-Person": "asha"}
        answer = client.patch(location, content=pieces(), headers=headers)
        seconds = time.monotonic() - began
    assert answer.headers["Boli-Receipt"], answer.text
    return Large(seconds, before, _kilobytes(status, "VmHWM") / 1000, max(slowest))


@contextmanager
def _health(portal: UploadPortal) -> Iterator[list[float]]:
    over, took = threading.Event(), [0.0]

    def ask() -> None:
        with httpx.Client(base_url=portal.address, timeout=60) as client:
            while not over.wait(0.05):
                began = time.monotonic()
                client.get("/health")
                took.append(time.monotonic() - began)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


def _kilobytes(status: Path, name: str) -> int:
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith(name))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--wounds", type=int, default=200)
    parser.add_argument("--megabytes", type=int, default=500)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder, upload_portal(Path(folder), free_bytes=0) as portal:
        holes = [over_a_bad_link(portal, Fate.BLACK_HOLE, number) for number in range(options.rounds)]
        resets = [over_a_bad_link(portal, Fate.RESET, number) for number in range(options.rounds)]
        waits = [takeover(portal) for _ in range(options.rounds)]
        battered = batter(portal, random.Random(options.wounds), wounds=options.wounds)
        kept = {name: body for name, body in portal.kept().items() if name in battered.sent}
        wrong = differing(battered, kept)
        portal.kill()
        portal.start()  # a fresh process: its memory is not the former tries'
        big = large(portal, options.megabytes)
    text = _section(options.megabytes, holes, resets, waits, battered, wrong, big)
    print(text)
    write_section("upload", text)


def _section(
    megabytes: int,
    holes: list[float],
    resets: list[float],
    waits: list[float],
    battered: Battered,
    wrong: int,
    big: Large,
) -> str:
    size = sum(len(body) for body in battered.sent.values()) / 1e6
    delays = ", ".join(f"{delay:g}" for delay in RETRY_DELAYS)
    rows = [
        (
            f"950 kB, a link that swallows everything after {EVERY // 1000} kB of each connection",
            _spread(holes),
            "12.8 s (@tus/server), never (tuspyserver)",
        ),
        (f"950 kB, a link that is reset after {EVERY // 1000} kB", _spread(resets), "0.14 s (@tus/server)"),
        (
            "the offset given while the last request hangs",
            f"{1000 * statistics.median(waits):.0f} ms",
            "3.1 s (@tus/server)",
        ),
        (
            f"bytes lost or doubled in {len(battered.sent)} files ({size:.0f} MB) over {battered.wounds} broken "
            f"requests, {battered.kills} of them by kill -9 of the server",
            f"{wrong}",
            "files corrupted (tuspyserver)",
        ),
        (
            f"memory for a file of {megabytes} MB in one request",
            f"{big.before:.0f} MB, at most {big.most:.0f} MB (+{big.most - big.before:.0f})",
            "up to the body's size (tuspyserver)",
        ),
        (
            "its time on loopback, to the receipt; the slowest answer to others meanwhile",
            f"{big.seconds:.1f} s ({megabytes / big.seconds:.0f} MB/s); {1000 * big.health:.0f} ms",
            "",
        ),
    ]
    table = "\n".join(f"| {what} | {ours} | {others} |" for what, ours, others in rows)
    return (
        "## Upload\n\n"
        "A real server process on loopback, SQLite with `synchronous = FULL`, every portion flushed to the disk before "
        "it counts, and a store in a folder. The client does what tus-js-client 4 does (one PATCH for all that is "
        f"missing; retries after {delays} s, anew after every byte gained) and gives up a link on which nothing moves "
        f"for {STALL_SECONDS:g} s, as our page does: each hole costs that long. Median, and the slowest.\n\n"
        f"| | Boli | others, measured earlier |\n|---|---:|---:|\n{table}"
    )


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.1f} s, {max(seconds):.1f} s"


if __name__ == "__main__":
    main()
