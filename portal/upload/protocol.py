"""tus 1.0: what its headers say, and how a request is refused. Pure; https://tus.io/protocols/resumable-upload"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
CHECKSUMS = ("sha1", "sha256")
BODY_TYPE = "application/offset+octet-stream"
CHECKSUM_MISMATCH = 460

_DIGITS = re.compile(r"[0-9]{1,18}")  # 18 digits fit every database's 64-bit integer


class FaultOf(StrEnum):
    """Whose doing a refusal is, so that a phone knows what goes next, and says the truth."""

    FILE = "file"
    """This file is not taken as it is; the others go on without it."""
    NETWORK = "network"
    """Bytes were lost, or two requests of one upload met: ask with HEAD and go on."""
    SERVER = "server"
    """Nothing is wrong with the file: it is sent again later, and others may go before it."""
    ENDED = "ended"
    """The upload is no more; the file is sent again from its beginning."""


@dataclass(frozen=True, slots=True)
class Passing:
    """A refusal that may be none in a while.

    seconds: until another try makes sense; 0 where it does at once
    alone:   whether only this upload is to wait: the others may well be taken meanwhile
    """

    fault: FaultOf
    seconds: int = 0
    alone: bool = True


FINAL = Passing(FaultOf.FILE)
_PASSING: Mapping[str, Passing] = {
    "locked": Passing(FaultOf.NETWORK, 2),
    "idle": Passing(FaultOf.NETWORK, 1, alone=False),
    "offset_differs": Passing(FaultOf.NETWORK),
    "checksum_mismatch": Passing(FaultOf.NETWORK),
    "no_such_upload": Passing(FaultOf.ENDED),
    "ended": Passing(FaultOf.ENDED),
    "unavailable": Passing(FaultOf.SERVER, 5, alone=False),
    "failed": Passing(FaultOf.SERVER, 30),
    "disk_failed": Passing(FaultOf.SERVER, 30, alone=False),
    "too_many_open": Passing(FaultOf.SERVER, 30),  # those that are on their way go on
    "disk_full": Passing(FaultOf.SERVER, 60),  # there may be room for a shorter one
}
"""By code. Every other refusal is the file's, for good."""


class UploadRefused(Exception):
    """A request that is answered with an error.

    code:    a word for programs, which never changes its meaning; whose fault it is follows from it
    message: for people: the rule, what was given, the mend
    closes:  its body is not read to the end, so the connection ends with the answer

    A browser's client (tus-js-client) tries again after 409, 423 and 5xx and after no other 4xx, so whatever may be
    different in a moment is one of those.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        *,
        closes: bool = True,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.closes = closes

    @property
    def passing(self) -> Passing:
        """Whose fault it is, and who waits how long.

        >>> UploadRefused(507, "disk_full", "").passing.seconds, UploadRefused(413, "too_large", "").passing.seconds
        (60, 0)
        """
        return _PASSING.get(self.code, FINAL)


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a PATCH's body must come to. algorithm: one of CHECKSUMS"""

    algorithm: str
    digest: bytes

    def fits(self, body: "Hash") -> bool:
        return body.digest() == self.digest

    def fresh(self) -> "Hash":
        return Hash(self.algorithm)


@dataclass(slots=True)
class Hash:
    """A digest that grows with the bytes it is fed."""

    algorithm: str
    _sum: "hashlib._Hash" = field(init=False)

    def __post_init__(self) -> None:
        self._sum = hashlib.new(self.algorithm, usedforsecurity=False)

    def feed(self, piece: bytes) -> None:
        self._sum.update(piece)

    def digest(self) -> bytes:
        return self._sum.digest()

    def hexdigest(self) -> str:
        return self._sum.hexdigest()


def check_version(given: str | None) -> None:
    if given != VERSION:
        raise UploadRefused(
            412,
            "wrong_version",
            f"this server speaks tus {VERSION}, given: {given or 'nothing'}. Send `Tus-Resumable: {VERSION}`.",
            {"Tus-Version": VERSION},
        )


def check_body_type(given: str | None) -> None:
    if given is None or given.partition(";")[0].strip().lower() != BODY_TYPE:
        raise UploadRefused(
            415, "wrong_content_type", f"bytes are sent as {BODY_TYPE}, given: {given or 'nothing'}."
        )


def number(name: str, given: str | None) -> int:
    """A header that is a whole number.

    >>> number("Upload-Offset", "70")
    70
    """
    if given is None or not _DIGITS.fullmatch(given):
        raise UploadRefused(
            400, "not_a_number", f"{name} is a whole number of bytes, 0 or more, given: {given or 'nothing'}."
        )
    return int(given)


def checksum(given: str | None) -> Checksum | None:
    """`Upload-Checksum: sha256 <base64>`; None where there is none."""
    if given is None:
        return None
    algorithm, _, encoded = given.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise UploadRefused(
            400,
            "unknown_checksum",
            f"a checksum is one of {', '.join(CHECKSUMS)}, given: {algorithm or 'nothing'}.",
        )
    digest = _decoded(encoded.strip())
    if digest is None or len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise UploadRefused(
            400, "malformed_checksum", f"Upload-Checksum is `{algorithm}`, a space and its base64."
        )
    return Checksum(algorithm, digest)


def metadata(given: str | None, *, most_bytes: int, most_pairs: int) -> dict[str, str]:
    """Upload-Metadata as pairs of a key and its value, still in base64, in the order given: to be sent back.

    >>> metadata("name YQ==,draft", most_bytes=100, most_pairs=5)
    {'name': 'YQ==', 'draft': ''}
    """
    if not given:
        return {}
    if len(given.encode()) > most_bytes:
        raise UploadRefused(
            400,
            "metadata_too_large",
            f"Upload-Metadata takes {most_bytes} bytes at most, given {len(given)}.",
        )
    pairs: dict[str, str] = {}
    for pair in given.split(","):
        key, _, value = pair.strip(" ").partition(" ")
        if not key or not key.isascii() or not key.isprintable() or key in pairs or _decoded(value) is None:
            raise UploadRefused(
                400,
                "malformed_metadata",
                "Upload-Metadata is `key base64,key base64`, each key once and in ASCII.",
            )
        pairs[key] = value
    if len(pairs) > most_pairs:
        raise UploadRefused(
            400,
            "metadata_too_large",
            f"Upload-Metadata takes {most_pairs} pairs at most, given {len(pairs)}.",
        )
    return pairs


def as_metadata(pairs: Mapping[str, str]) -> str:
    """The header that `metadata` read.

    >>> as_metadata({"name": "YQ==", "draft": ""})
    'name YQ==,draft'
    """
    return ",".join(f"{key} {value}" if value else key for key, value in pairs.items())


def value(pairs: Mapping[str, str], key: str) -> str | None:
    """A value as text; None where the key is absent or empty."""
    decoded = _decoded(pairs.get(key, ""))
    if not decoded:
        return None
    try:
        return decoded.decode()
    except UnicodeDecodeError:
        raise UploadRefused(
            400, "malformed_metadata", f"the value of `{key}` in Upload-Metadata is UTF-8 in base64."
        ) from None


def moment(at: datetime) -> str:
    """A time as HTTP writes it; `at` is in UTC.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 11, 22, 12, tzinfo=UTC))
    'Sun, 22 Nov 2026 12:00:00 GMT'
    """
    return format_datetime(at, usegmt=True)


def _decoded(encoded: str) -> bytes | None:
    try:
        return base64.b64decode(encoded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
