"""Connections of the portal, bounded in number and in time: a stranger who opens many or says little costs nobody.

uvicorn's own limit answers 503 to everybody once it is reached, and has no end for headers or bodies that never come.
This is its protocol with both: rules in `portal.http.connection_bounds`.
"""

import asyncio
import logging
import resource
from typing import TYPE_CHECKING, Any, ClassVar, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from portal.http.bounded_body import UPLOADS
from portal.http.connection_bounds import (
    WANTED_DESCRIPTORS,
    ConnectionBounds,
    Phase,
    Seen,
    in_the_way,
)

if TYPE_CHECKING:
    from uvicorn._types import HTTPScope

BACKLOG = 128
"""Connections that are accepted at once, before any is counted; the system keeps others waiting."""

log = logging.getLogger("boli.connections")


def raise_descriptor_limit() -> int:
    """Have this process open as many files as it wants, as far as the system lets it; how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(WANTED_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        return allowed
    return WANTED_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft


class BoundedProtocol(H11Protocol):
    """A connection that ends itself once it is silent for too long, and others' once there are too many.

    uvicorn's HTTP protocol, for `uvicorn.Config(http=…)`: a server has a class of its own, with its bounds.
    """

    bounds: ClassVar[ConnectionBounds]
    open_now: ClassVar[dict["BoundedProtocol", None]]
    """Every connection of the server, in the order in which they came."""

    def __init_subclass__(cls) -> None:
        cls.open_now = {}

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._known = False
        self._phase = Phase.HEADERS
        self._since = self.loop.time()
        self._body_bytes = 0
        self._stalled = False
        self._timer: asyncio.TimerHandle | None = None

    # What the transport calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._enter(Phase.HEADERS)
        self.open_now[self] = None
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self.open_now.pop(self, None)
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._phase is Phase.IDLE:
            self._enter(Phase.HEADERS)
        super().data_received(data)
        self._look()
        self._body_bytes += len(data)  # after the look: what comes with the headers counts as well

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = True
        self._enter(Phase.SLOW)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stalled = False
        self._look()

    def on_response_complete(self) -> None:
        self._known = self._is_known()
        super().on_response_complete()
        self._phase = Phase.ANSWER  # over: whatever comes next begins now
        self._look()

    def _should_upgrade(self) -> bool:
        return False  # the portal has no web sockets, and one would leave these bounds

    # In which phase it is, and when that ends

    def seen(self) -> Seen:
        """As the rules see it."""
        return Seen(self.client[0] if self.client else "", self._is_known(), self._phase, self._since)

    def _is_known(self) -> bool:
        """Whether somebody who is signed in has asked here: the guard of every page notes it (`portal.access`)."""
        scope = cast("HTTPScope | None", self.scope)
        return self._known or (scope is not None and scope["state"].get("signed") is not None)

    def _look(self) -> None:
        """Enter the phase that the requests have come to."""
        if self.transport.is_closing():
            return
        self._stalled |= self.transport.is_closing()  # the rest of an answer is still to be read
        if self._stalled or self.conn.their_state is h11.SEND_BODY:
            phase = Phase.SLOW
        elif self.conn.their_state is h11.IDLE:
            begun = self._phase is Phase.HEADERS or bool(self.conn.trailing_data[0])
            phase = Phase.HEADERS if begun else Phase.IDLE
        else:
            phase = Phase.ANSWER
        if phase is not self._phase:
            self._enter(phase)

    def _enter(self, phase: Phase) -> None:
        self._phase, self._since, self._body_bytes = phase, self.loop.time(), 0
        self._stop_timer()
        seconds = self._seconds_left()
        if seconds is not None:
            self._timer = self.loop.call_later(seconds, self._time_is_up)

    def _seconds_left(self) -> float | None:
        """Until this phase has taken too long; None where it ends by itself, or others see to that."""
        if self._phase is Phase.HEADERS:
            allowed = self.bounds.header_seconds
        elif self._stalled:
            allowed = self.bounds.stalled_seconds
        elif self._phase is Phase.SLOW and not self._is_upload_at_work():
            allowed = self.bounds.body_seconds(self._body_bytes)
        else:
            return None  # uvicorn ends what is idle, the application what it works at
        return self._since + allowed - self.loop.time()

    def _is_upload_at_work(self) -> bool:
        """Uploads have an end to every wait of their own (`portal.upload.body_reader`), while they are read."""
        path = self.scope["path"]  # there is a request: its body is on the way
        return (path == UPLOADS or path.startswith(UPLOADS + "/")) and not self.cycle.response_complete

    def _time_is_up(self) -> None:
        self._timer = None
        seconds = self._seconds_left()
        if seconds is not None and seconds > 0:  # bytes came meanwhile
            self._timer = self.loop.call_later(seconds, self._time_is_up)
        elif seconds is not None:
            self.transport.abort()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _make_room(self) -> None:
        if len(self.open_now) <= self.bounds.most_strangers:
            return
        connections = list(self.open_now)
        closing = in_the_way([each.seen() for each in connections], self.bounds)
        for index in closing:
            self.open_now.pop(connections[index], None)
            connections[index].transport.abort()
        if closing:
            log.warning(
                "%d of %d connections closed, to keep room for others", len(closing), len(connections)
            )
