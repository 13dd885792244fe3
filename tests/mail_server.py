"""A real SMTP server on this machine (RFC 5321, with AUTH PLAIN), which keeps what it is given or refuses it."""

import asyncio
import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """refuses: whether every recipient is answered 550; signed_in: name and password of who signed in"""

    port: int = 0
    refuses: bool = False
    messages: list[EmailMessage] = field(default_factory=list)
    signed_in: list[tuple[str, str]] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word, _, rest = line.decode().strip().partition(" ")
            if word.upper() == "EHLO":
                writer.write(b"250-here\r\n250 AUTH PLAIN\r\n")
            elif word.upper() == "AUTH":
                _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
                self.signed_in.append((user, password))
                writer.write(b"235 come in\r\n")
            elif word.upper() == "RCPT" and self.refuses:
                writer.write(b"550 nobody of that name\r\n")
            elif word.upper() == "DATA":
                writer.write(b"354 go on\r\n")
                data = await reader.readuntil(b"\r\n.\r\n")
                message = message_from_bytes(data[:-3].replace(b"\r\n..", b"\r\n."), policy=policy.default)
                assert isinstance(message, EmailMessage)
                self.messages.append(message)
                writer.write(b"250 kept\r\n")
            elif word.upper() == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 so be it\r\n")
        writer.close()


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A server on a free port of this machine, in a thread of its own, until the block ends."""
    box, ready = Mailbox(), threading.Event()
    loop = asyncio.new_event_loop()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(box.talk, "127.0.0.1", 0)

    def serve() -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(start())
        box.port = server.sockets[0].getsockname()[1]
        ready.set()
        loop.run_forever()
        server.close()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(60)
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
