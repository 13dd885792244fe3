"""Strangers who hold connections open cost nobody who is served."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st

from boli.serve.portal_context import open_portal_context
from catalog.config.settings import Settings
from catalog.states import Role
from portal.http.connection_bounds import (
    OWN_DESCRIPTORS,
    ConnectionBounds,
    Phase,
    Seen,
    bounds_for,
    in_the_way,
)
from portal.http.connections import BACKLOG, BoundedProtocol
from tests.portal.http.strangers import half_open, portal_process, slow_bodies
from tests.portal.people import sign_in
from tests.processes import free_ports
from tests.waiting import PATIENCE_SECONDS, until

SEEN = st.builds(
    Seen,
    address=st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
    known=st.booleans(),
    phase=st.sampled_from(Phase),
    since=st.floats(0, 1e6),
)
BOUNDS = st.integers(2, 30).flatmap(
    lambda most: st.builds(ConnectionBounds, most=st.just(most), most_strangers=st.integers(1, most - 1))
)


# The portal, as it is started


@pytest.mark.slow
def test_1500_half_open_connections_and_200_slow_bodies_leave_health_and_the_signed_in_served(
    tmp_path: Path,
) -> None:
    settings = Settings(home=tmp_path / "home", portal_port=free_ports(1)[0])
    with open_portal_context(settings) as portal:
        asha = sign_in(portal, "asha", [Role.COORDINATOR])
    with (
        portal_process(settings, descriptors=1024),
        httpx.Client(base_url=settings.portal_url, timeout=PATIENCE_SECONDS, trust_env=False) as early,
    ):
        cookies = {asha.cookie[0]: asha.cookie[1]}
        assert early.get("/record", cookies=cookies).status_code == 200
        with half_open(settings.portal_port, 1500), slow_bodies(settings.portal_port, 200):
            # on the connection from before, and each on a new one
            assert early.get("/record/session", cookies=cookies).status_code == 200
            for _ in range(5):
                health = httpx.get(f"{settings.portal_url}/health", timeout=PATIENCE_SECONDS, trust_env=False)
                assert health.status_code == 200
                page = httpx.get(
                    f"{settings.portal_url}/record",
                    cookies=cookies,
                    timeout=PATIENCE_SECONDS,
                    trust_env=False,
                )
                assert page.status_code == 200


# One connection


@dataclass(frozen=True)
class Server:
    port: int
    protocol: type[BoundedProtocol]
    bodies: list[bytes]

    @property
    def open_now(self) -> int:
        return len(self.protocol.open_now)

    def say(self, text: str) -> socket.socket:
        link = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)
        link.sendall(text.replace("\n", "\r\n").encode())
        return link


@contextmanager
def serving(**bounds: Any) -> Iterator[Server]:
    """A small application within bounds: it reads a body whole, and gives 8 MB at /large."""
    bodies: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if any(name == b"cookie" for name, _ in scope["headers"]):
            scope["state"]["signed"] = "asha"
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        bodies.append(body)
        content = b"x" * (8 * 2**20 if scope["path"] == "/large" else 2)
        headers = [(b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    class Protocol(BoundedProtocol):
        pass

    Protocol.bounds = ConnectionBounds(**({"most": 40, "most_strangers": 30} | bounds))
    port = free_ports(1)[0]
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, http=Protocol, backlog=BACKLOG, lifespan="off", log_level="error",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    try:
        until(lambda: server.started)
        yield Server(port, Protocol, bodies)
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


def status_of(link: socket.socket) -> int:
    """Of the next answer, read whole."""
    answer = HTTPResponse(link)
    answer.begin()
    answer.read()
    return answer.status


def is_closed(link: socket.socket) -> bool:
    """Waits for its end, and says whether nothing came before that."""
    try:
        return link.recv(1) == b""
    except ConnectionError:
        return True


def test_headers_that_do_not_end_end_the_connection() -> None:
    with serving(header_seconds=0.2) as server:
        assert is_closed(server.say(""))
        assert is_closed(server.say("GET / HTTP/1.1\nHost: a\nX-"))


def test_the_headers_of_a_further_request_have_an_end_as_well() -> None:
    with serving(header_seconds=0.2) as server:
        link = server.say("GET / HTTP/1.1\nHost: a\n\n")
        assert status_of(link) == 200
        link.sendall(b"GET / HT")
        assert is_closed(link)


def test_a_body_that_does_not_come_ends_the_connection_and_an_upload_has_its_own_rules() -> None:
    head = "Host: a\nContent-Length: 10\n\n12345"
    with serving(body_grace_seconds=0.2, body_least_rate=10**6) as server:
        upload = server.say(f"PATCH /uploads/one HTTP/1.1\n{head}")
        assert is_closed(server.say(f"POST /uploadsx HTTP/1.1\n{head}"))
        assert is_closed(server.say(f"POST /sign-in HTTP/1.1\n{head}"))

        upload.sendall(b"67890")

        assert status_of(upload) == 200
        assert server.bodies == [b"1234567890"]


def test_a_slow_body_that_goes_on_is_read_to_its_end() -> None:
    with serving(body_grace_seconds=0.2, body_least_rate=20) as server:
        link = server.say("POST /form HTTP/1.1\nHost: a\nContent-Length: 3000\n\n" + "x" * 1000)
        assert is_closed(server.say("POST /form HTTP/1.1\nHost: a\nContent-Length: 3000\n\n"))

        link.sendall(b"y" * 2000)

        assert status_of(link) == 200


def test_an_answer_that_nobody_reads_ends_the_connection() -> None:
    with serving(stalled_seconds=0.2) as server:
        link = server.say("GET /large HTTP/1.1\nHost: a\n\n")
        until(lambda: server.bodies == [b""])

        until(lambda: server.open_now == 0)

        link.close()


def test_a_web_socket_does_not_leave_the_bounds() -> None:
    with serving(header_seconds=0.2) as server:
        link = server.say(
            "GET / HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n\n"
        )

        assert status_of(link) == 200
        assert server.open_now == 1


def test_a_connection_of_somebody_signed_in_outlives_any_number_of_strangers() -> None:
    with serving(most=12, most_strangers=8) as server:
        own = server.say("GET / HTTP/1.1\nHost: a\nCookie: boli=a\n\n")
        assert status_of(own) == 200

        with half_open(server.port, 100):
            until(lambda: server.open_now <= 12)
            own.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert status_of(own) == 200
            newcomer = server.say("GET / HTTP/1.1\nHost: a\n\n")
            assert status_of(newcomer) == 200


def test_a_connection_that_ends_leaves_nothing_behind() -> None:
    with serving() as server:
        with half_open(server.port, 20):
            until(lambda: server.open_now == 20)
        until(lambda: server.open_now == 0)


# The rules


@given(st.lists(SEEN, min_size=1, max_size=40), BOUNDS)
def test_who_is_answered_and_who_is_known_stays_and_so_does_the_newcomer_while_another_can_go(
    connections: list[Seen], bounds: ConnectionBounds
) -> None:
    newcomer = len(connections) - 1
    closing = in_the_way(connections, bounds)

    assert len(set(closing)) == len(closing) < 2 + bounds.most_strangers / 4
    for index in closing:
        assert index == newcomer or connections[index].phase is not Phase.ANSWER
        if connections[index].known and index != newcomer:
            assert len(connections) > bounds.most
    if newcomer in closing:
        assert len(connections) > bounds.most
        assert all(each.phase >= Phase.SLOW for each in connections[:newcomer])


@given(st.lists(SEEN, min_size=1, max_size=40), BOUNDS)
def test_there_are_never_more_than_the_most(connections: list[Seen], bounds: ConnectionBounds) -> None:
    kept: list[Seen] = []
    for each in connections:
        kept.append(each)
        closing = set(in_the_way(kept, bounds))
        kept = [one for index, one in enumerate(kept) if index not in closing]

        assert len(kept) <= bounds.most


@given(st.integers(0, 10**7))
def test_the_bound_stays_below_what_may_be_opened(descriptors: int) -> None:
    bounds = bounds_for(descriptors)

    assert bounds.most_strangers < bounds.most
    if descriptors >= 2 * OWN_DESCRIPTORS:
        assert bounds.most + BACKLOG < descriptors
