"""Posting to addresses of others: no redirect followed, little read, and an end however slowly they answer."""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from catalog.errors import UserError
from transcription.news.endpoints import THIS_MACHINE, Endpoint

SECONDS = 10.0


class NotPosted(UserError):
    """Nobody took what was posted; the message repeats no address, since one may hold a secret."""


class _NoRedirect(HTTPRedirectHandler):
    """An address that was set is the one that is given, and no other."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def post_to_operators(address: str, body: bytes, headers: Mapping[str, str]) -> None:
    """To an address that the operator set, in whatever network. Raises NotPosted where it isn't taken."""
    request = Request(address, body, dict(headers))  # noqa: S310  (the settings take http and https alone)
    try:
        with build_opener(_NoRedirect).open(request, timeout=SECONDS):
            pass
    except (URLError, OSError, ValueError, HTTPException) as error:
        raise NotPosted(f"{type(error).__name__}.") from error


def post_to_endpoint(
    endpoint: Endpoint, body: bytes, headers: Mapping[str, str], *, seconds: float = SECONDS
) -> int:
    """The status of the answer. Raises NotPosted.

    The name is looked up once, and what was looked at is what is connected to: a name that leads into our own network
    is refused. Of the answer nothing but its head is read.
    """
    over = threading.Event()
    try:
        with _connected(endpoint, seconds, over) as connection:
            connection.request("POST", endpoint.path, body, dict(headers))
            answer: HTTPResponse = connection.getresponse()
    except (OSError, HTTPException, ValueError) as error:
        raise NotPosted(f"{endpoint.host}: {type(error).__name__}.") from error
    if over.is_set():  # of a head that was cut off http.client takes what came
        raise NotPosted(f"{endpoint.host} did not answer within {seconds:g} s.")
    return answer.status


@contextmanager
def _connected(endpoint: Endpoint, seconds: float, over: threading.Event) -> Iterator[HTTPConnection]:
    """An open connection, which ends when the time is over, whatever it is waiting for. over: set by that end"""
    link = socket.create_connection((_address(endpoint), endpoint.port), timeout=seconds)
    if endpoint.tls:
        context = ssl.create_default_context()
        link = context.wrap_socket(link, server_hostname=endpoint.host, do_handshake_on_connect=False)
    end = threading.Timer(seconds, _shut, (link, over))
    end.daemon = True
    end.start()
    connection = HTTPConnection(endpoint.host, endpoint.port, timeout=seconds)
    try:
        if isinstance(link, ssl.SSLSocket):
            link.do_handshake()
        connection.sock = link
        yield connection
    finally:
        end.cancel()
        connection.close()
        link.close()


def _address(endpoint: Endpoint) -> str:
    """One address of the host, from a look-up whose every answer may be reached by anybody."""
    found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    inside = [each for each in addresses if not ip_address(each.partition("%")[0]).is_global]
    if inside and endpoint.host not in THIS_MACHINE:
        raise NotPosted(f"{endpoint.host} leads into a network of our own: nothing is sent there.")
    return addresses[0]


def _shut(link: socket.socket, over: threading.Event) -> None:
    over.set()
    with suppress(OSError):  # closed already
        socket.socket.shutdown(link, socket.SHUT_RDWR)  # of TLS too: nothing is said any more, it ends
