"""Who asks, where a proxy stands between: its word is believed, and nobody else's."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
MOST_STEPS = 20
"""Proxies behind each other that are looked at."""


class ForwardedFor:
    """Puts the address of whoever asks in the place of the proxy's, for all that the application does with it."""

    def __init__(self, app: ASGIApp, *, header: str, proxies: Sequence[Network]) -> None:
        """header: in which a proxy appends, or writes, the address that it was asked from; proxies: who is believed"""
        self._app = app
        self._header = header
        self._proxies = tuple(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if scope["type"] == "http" and client is not None and self._proxies:
            values = Headers(scope=scope).getlist(self._header)
            if values:
                address = asking(client[0], values, self._proxies)
                if address != client[0]:
                    scope["client"] = (address, 0)  # the port is the proxy's secret
        await self._app(scope, receive, send)


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks with commas between. Raises ValueError with the one that is none.

    >>> networks("127.0.0.1, 10.0.0.0/8")
    (IPv4Network('127.0.0.1/32'), IPv4Network('10.0.0.0/8'))
    """
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def asking(peer: str, values: Sequence[str], proxies: Sequence[Network]) -> str:
    """The address nearest to us that no proxy of ours has: what stands before it, anybody may have written.

    peer:   who is connected to us
    values: of the header, in their order

    >>> ours = networks("10.0.0.0/8")
    >>> asking("10.0.0.1", ["6.6.6.6, 203.0.113.9, 10.0.0.2"], ours)
    '203.0.113.9'
    >>> asking("198.51.100.7", ["6.6.6.6"], ours)
    '198.51.100.7'
    """
    nearest = _read(peer)
    chain = [part for value in values for part in value.split(",")][-MOST_STEPS:]
    while chain and nearest is not None and any(nearest in network for network in proxies):
        before = _read(chain.pop().strip())
        if before is None:
            break
        nearest = before
    return str(nearest) if nearest is not None else peer


def _read(text: str) -> Address | None:
    """An address with or without a port; None for anything else."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
