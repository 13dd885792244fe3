"""Endpoints of browsers: addresses that a browser gives and that we would post to, so hostile until looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from catalog.errors import UserError

LONGEST = 1_000
"""Characters; those of today's services have up to 500."""
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class RefusedEndpoint(UserError):
    """An address that no push service which the operator allows has."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that may be posted to, in its parts. tls: always, but for a service on this machine"""

    host: str
    port: int
    path: str
    tls: bool

    @property
    def origin(self) -> str:
        """Scheme, host and port where it is not the usual one (RFC 6454)."""
        scheme, usual = ("https", 443) if self.tls else ("http", 80)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}" + ("" if self.port == usual else f":{self.port}")


def checked_endpoint(address: str, services: Sequence[str]) -> Endpoint:
    """The endpoint in its parts. Raises RefusedEndpoint, which does not repeat what was given.

    services: host names of push services, each with all below it; one on this machine only where it is named

    >>> checked_endpoint("https://fcm.googleapis.com/fcm/send/abc:d", ["fcm.googleapis.com"]).origin
    'https://fcm.googleapis.com'
    >>> checked_endpoint("https://fcm.googleapis.com@10.0.0.1/", ["fcm.googleapis.com"])
    Traceback (most recent call last):
    transcription.news.endpoints.RefusedEndpoint: a browser is reached through a push service that is allowed, by https.
    Add the name of its host to BOLI_PUSH_SERVICES, where it is one.
    """
    refused = RefusedEndpoint(
        "a browser is reached through a push service that is allowed, by https.\n"
        "Add the name of its host to BOLI_PUSH_SERVICES, where it is one."
    )
    if not (
        0 < len(address) <= LONGEST and address.isascii() and address.isprintable() and " " not in address
    ):
        raise refused
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise refused from None
    tls = parts.scheme == "https"
    named = [service.lower() for service in services]
    here = host in THIS_MACHINE and host in named
    known = here or any(
        host == each or host.endswith(f".{each}") for each in named if each not in THIS_MACHINE
    )
    plain = parts.username is None and parts.password is None and not parts.fragment and "\\" not in address
    if not (known and plain and (tls or (here and parts.scheme == "http")) and (here or port in (None, 443))):
        raise refused
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Endpoint(host, port or (443 if tls else 80), path, tls)


def service_names(setting: str) -> tuple[str, ...]:
    """The names of a setting, which stand there with commas between.

    >>> service_names("push.example.org, other.example.org,")
    ('push.example.org', 'other.example.org')
    """
    return tuple(filter(None, (name.strip() for name in setting.split(","))))
