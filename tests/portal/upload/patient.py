"""A client that behaves as tus-js-client 4 does, with the watch on a stalled link that our page adds to it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from tests.portal.upload.upload_portal import BODY, TUS

RETRY_DELAYS = (0.0, 1.0, 3.0, 5.0)
STALL_SECONDS = 1.5
PIECE = 16 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that the server has given a receipt for. requests: how many were answered on the way"""

    location: str
    receipt: str
    upload_id: str
    requests: int
    seconds: float


class GaveUp(Exception):
    """No retry was left."""


class OffsetFell(Exception):
    """The server gave a smaller offset than before: it had promised bytes that it did not have."""


class PatientClient:
    """Sends one file. A retry that got somewhere begins the delays anew, as tus-js-client has it."""

    def __init__(
        self,
        port: int,
        *,
        person: str = "asha",
        stall_seconds: float = STALL_SECONDS,
        retry_delays: tuple[float, ...] = RETRY_DELAYS,
        chunk: int | None = None,
    ) -> None:
        """chunk: bytes of one PATCH; None sends the rest in one"""
        self._address = f"http://127.0.0.1:{port}"
        self._headers = {"X-Person": person}
        self._stall = stall_seconds
        self._delays = retry_delays
        self._chunk = chunk
        self._promised = 0
        self.requests = 0

    def send(self, data: bytes, metadata: str) -> Sent:
        """Raises GaveUp, OffsetFell, httpx.HTTPStatusError for an answer that a browser's client does not retry."""
        began = time.monotonic()
        attempt, location, before = 0, "", 0
        while True:
            try:
                location, answer = self._once(location, data, metadata)
            except (httpx.TransportError, Retried) as error:
                location = error.location if isinstance(error, Retried) else self._location or location
                if self._promised > before:
                    attempt = 0
                before = self._promised
                if attempt == len(self._delays):
                    raise GaveUp(
                        f"{self._promised} of {len(data)} bytes after {self.requests} requests"
                    ) from error
                time.sleep(self._delays[attempt])
                attempt += 1
                continue
            return Sent(
                location,
                answer.headers["Boli-Receipt"],
                answer.headers.get("Boli-Upload", ""),
                self.requests,
                time.monotonic() - began,
            )

    _location = ""

    def _once(self, location: str, data: bytes, metadata: str) -> tuple[str, httpx.Response]:
        # A new connection each time: the one before may be dead without saying so.
        with httpx.Client(base_url=self._address, headers=self._headers, timeout=self._stall) as client:
            if location:
                answer = self._checked(client.head(location, headers=TUS), location)
            else:
                headers = TUS | {"Upload-Length": str(len(data)), "Upload-Metadata": metadata}
                answer = self._checked(client.post("/uploads", headers=headers), location)
                self._location = location = answer.headers["Location"]
            offset = self._offset(answer)
            while offset < len(data):
                end = len(data) if self._chunk is None else offset + self._chunk
                body = data[offset:end]
                headers = BODY | {"Upload-Offset": str(offset), "Content-Length": str(len(body))}
                answer = self._checked(
                    client.patch(location, content=_pieces(body), headers=headers), location
                )
                offset = self._offset(answer)
            return location, answer

    def _checked(self, answer: httpx.Response, location: str) -> httpx.Response:
        self.requests += 1
        if answer.status_code in (409, 423) or answer.status_code >= 500:
            raise Retried(location, answer.status_code)
        answer.raise_for_status()
        return answer

    def _offset(self, answer: httpx.Response) -> int:
        offset = int(answer.headers["Upload-Offset"])
        if offset < self._promised:
            raise OffsetFell(f"{self._promised} bytes were promised, now {offset}")
        self._promised = offset
        return offset


class Retried(Exception):
    def __init__(self, location: str, status: int) -> None:
        super().__init__(f"{status}")
        self.location = location


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]
