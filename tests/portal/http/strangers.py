"""Strangers who open connections and say little, and the portal that they meet: for tests and the bench."""

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx

from catalog.config.settings import Settings
from tests.waiting import PATIENCE_SECONDS


@contextmanager
def half_open(port: int, count: int) -> Iterator[list[socket.socket]]:
    """So many connections that began to say something and stopped."""
    with _connections(port, count, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ") as sockets:
        yield sockets


@contextmanager
def slow_bodies(port: int, count: int) -> Iterator[list[socket.socket]]:
    """So many that told of a form and sent its first letters."""
    head = (
        b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 9000\r\n\r\nwho="
    )
    with _connections(port, count, head) as sockets:
        yield sockets


@contextmanager
def _connections(port: int, count: int, said: bytes) -> Iterator[list[socket.socket]]:
    sockets: list[socket.socket] = []
    try:
        for _ in range(count):
            link = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
            sockets.append(link)
            with suppress(ConnectionError):  # it had to make room for the next
                link.sendall(said)
        yield sockets
    finally:
        for link in sockets:
            link.close()


@contextmanager
def portal_process(settings: Settings, *, descriptors: int) -> Iterator[int]:
    """`python -m boli.serve.portal`, which may open so many files. Yields its process id."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    environment = {
        **os.environ,
        "BOLI_HOME": str(settings.home),
        "BOLI_PORTAL_PORT": str(settings.portal_port),
    }
    with (settings.home / "portal.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "boli.serve.portal"],
            env=environment,
            stdout=log,
            stderr=log,
            preexec_fn=limit,
        )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                httpx.get(f"{settings.portal_url}/health", timeout=5, trust_env=False)
                break
            except httpx.HTTPError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)
