"""A link that dies: a proxy on loopback that cuts, swallows or slows what goes through it."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum

PIECE = 8 * 1024
SMALL_BUFFER = 32 * 1024  # else the kernel takes a whole recording in before anything is felt


class Fate(StrEnum):
    """What happens to a connection that has carried enough."""

    BLACK_HOLE = "black hole"
    """Nothing goes on, in either way, and nobody hears of it."""
    RESET = "reset"
    """An RST to both ends."""
    LOST_REPLY = "lost reply"
    """All goes up, nothing comes down."""


@dataclass(slots=True)
class Link:
    """Its port, and how many connections it has broken."""

    port: int = 0
    broken: int = 0


@contextmanager
def bad_link(
    to: int, fate: Fate, *, every: int, bytes_per_second: float | None = None, times: int | None = None
) -> Iterator[Link]:
    """A link to port `to` whose connections each die after `every` bytes upwards; `times`: then it is a good one."""
    loop = asyncio.new_event_loop()
    link = Link()
    ready = threading.Event()
    over = asyncio.Event()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", to)
            down = asyncio.create_task(_down(up_reader, writer))
            try:
                await _up(reader, up_writer, down, link, fate, every, bytes_per_second, times)
                await asyncio.wait([down])
            finally:
                down.cancel()
                await asyncio.gather(down, return_exceptions=True)
                _close(fate, writer)
                _close(fate, up_writer)

    carrying: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrying.add(asyncio.create_task(carry(reader, writer)))

    async def serve() -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        listening.bind(("127.0.0.1", 0))
        server = await asyncio.start_server(begin, sock=listening, limit=PIECE)
        link.port = listening.getsockname()[1]
        ready.set()
        await over.wait()
        server.close()
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield link
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def _up(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    down: "asyncio.Task[None]",
    link: Link,
    fate: Fate,
    every: int,
    bytes_per_second: float | None,
    times: int | None,
) -> None:
    carried = 0
    while piece := await reader.read(PIECE):
        dies = (times is None or link.broken < times) and carried + len(piece) > every
        if dies and fate is not Fate.LOST_REPLY:
            piece = piece[: every - carried]
        writer.write(piece)
        await writer.drain()
        carried += len(piece)
        if bytes_per_second:
            await asyncio.sleep(len(piece) / bytes_per_second)
        if not dies:
            continue
        link.broken += 1
        down.cancel()
        if fate is Fate.RESET:
            return
        if fate is Fate.BLACK_HOLE:
            await asyncio.Event().wait()  # until the test is over
        every = 2**60
    writer.write_eof()


async def _down(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()


def _close(fate: Fate, writer: asyncio.StreamWriter) -> None:
    if fate is Fate.RESET:
        writer.transport.abort()
    else:
        writer.close()
