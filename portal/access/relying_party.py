"""Relying party: for which site browsers keep passkeys of this portal (Web Authentication, Level 3, 4 and 5.1.2)."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """id: the host name that passkeys are bound to; origin: whose pages alone use them, as browsers write it"""

    id: str
    origin: str


def relying_party(address: str) -> RelyingParty | None:
    """Of the portal that people find at this address; None where browsers keep no passkeys for it.

    They do for names over https, and for `localhost`: not for numbers, nor over a network that others can read.

    >>> relying_party("https://Boli.example.org:8443")
    RelyingParty(id='boli.example.org', origin='https://boli.example.org:8443')
    >>> relying_party("http://localhost:8600").id
    'localhost'
    >>> relying_party("http://boli.example.org"), relying_party("https://192.168.1.9")
    (None, None)
    """
    try:
        parts = urlsplit(address)
        port = parts.port
        # browsers write names of other scripts in Latin letters (RFC 3490)
        host = (parts.hostname or "").encode("idna").decode("ascii").lower()
    except ValueError:
        return None
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_localhost(host))
    if not host or not safe or _is_number(host):
        return None
    shown = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return RelyingParty(host, f"{parts.scheme}://{host}{shown}")


def _is_localhost(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


def _is_number(host: str) -> bool:
    """Whether it is an address of the network, which is no name: 127.0.0.1, ::1."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
