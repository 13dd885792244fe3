"""How many connections there may be, how long each may keep silent, and which one goes where there is no room. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

OWN_DESCRIPTORS = 512
"""For files, the database, the store, children, and for connections that are accepted before they are counted."""
WANTED_DESCRIPTORS = 4096 + OWN_DESCRIPTORS
LEAST_CONNECTIONS = 64
SHARE = 16
"""One in so many of the strangers' connections goes at a time."""


class Phase(IntEnum):
    """What a connection is doing, the one that costs least to lose first."""

    HEADERS = 0
    """A request is awaited, or its headers are on their way: half open."""
    IDLE = 1
    """A request was answered and the next has not begun."""
    SLOW = 2
    """A body is on its way, or the answer is not being read."""
    ANSWER = 3
    """The application is at work."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A connection. known: it carried a request of somebody who is signed in; since: of its phase, in seconds"""

    address: str
    known: bool
    phase: Phase
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionBounds:
    """most:             connections at a time
    most_strangers:      of these without anybody signed in; the rest is kept free for those who are
    header_seconds:      from the connection, or the first byte of a further request, to the end of the headers
    body_grace_seconds:  that a body may take whatever its size; further ones are earned by bytes
    body_least_rate:     bytes a second that earn them: below the worst 2G link
    stalled_seconds:     that somebody may not read an answer that waits
    """

    most: int
    most_strangers: int
    header_seconds: float = 20.0
    body_grace_seconds: float = 30.0
    body_least_rate: int = 250
    stalled_seconds: float = 60.0

    def __post_init__(self) -> None:
        if not 0 < self.most_strangers < self.most:
            raise ValueError(
                "connection bounds: strangers have more than 0 and fewer than all connections, "
                f"given {self.most_strangers} of {self.most}"
            )

    def body_seconds(self, came: int) -> float:
        """How long a body of which so many bytes came may have taken.

        >>> bounds_for(1024).body_seconds(0), bounds_for(1024).body_seconds(25_000)
        (30.0, 130.0)
        """
        return self.body_grace_seconds + came / self.body_least_rate


def bounds_for(descriptors: int) -> ConnectionBounds:
    """Bounds of a process that may open so many files: a quarter of the connections is kept for the signed in.

    >>> bounds = bounds_for(1024)
    >>> bounds.most, bounds.most_strangers
    (512, 384)
    """
    most = max(LEAST_CONNECTIONS, min(WANTED_DESCRIPTORS, descriptors) - OWN_DESCRIPTORS)
    return ConnectionBounds(most=most, most_strangers=most * 3 // 4)


def in_the_way(connections: Sequence[Seen], bounds: ConnectionBounds) -> Sequence[int]:
    """Indexes of the connections to close now that the last of these has come; none while there is room.

    Where strangers fill their share, some of theirs go: half open before idle before slow, of the address that has the
    most of them first, the oldest first; a share at a time, so that looking through all of them is seldom. Who is
    answered at this moment stays while there is any other way, and so does the newcomer, of whom nobody knows yet who
    it is.

    >>> half_open = [Seen("10.0.0.9", False, Phase.HEADERS, float(n)) for n in range(3)]
    >>> newcomer = Seen("10.0.0.7", False, Phase.HEADERS, 9.0)
    >>> in_the_way([*half_open, newcomer], ConnectionBounds(most=8, most_strangers=3))
    [0]
    """
    newcomer = len(connections) - 1
    strangers = [index for index in range(newcomer) if not connections[index].known]
    if len(strangers) >= bounds.most_strangers:
        cheap = [index for index in strangers if connections[index].phase < Phase.ANSWER]
        if cheap:
            return _least_missed(connections, cheap, most=1 + bounds.most_strangers // SHARE)
    if len(connections) <= bounds.most:
        return []
    idle = [index for index in range(newcomer) if connections[index].phase < Phase.SLOW]
    return _least_missed(connections, idle, most=1) or [newcomer]


def _least_missed(connections: Sequence[Seen], among: Sequence[int], *, most: int) -> Sequence[int]:
    first = min((connections[index].phase for index in among), default=None)
    those = [index for index in among if connections[index].phase is first]
    of_address = Counter(connections[index].address for index in those)

    def order(index: int) -> tuple[int, float]:
        return -of_address[connections[index].address], connections[index].since

    return sorted(those, key=order)[:most]
