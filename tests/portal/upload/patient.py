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

    place: str
    receipt: str
    upload_id: str
    requests: int
    seconds: float


class GaveUp(Exception):
    """No retry was left."""


class OffsetFell(Exception):
    """The server told a smaller offset than before: it had promised bytes that it did not have."""


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
        self._told = 0
        self.requests = 0

    def send(self, data: bytes, metadata: str) -> Sent:
        """Raises GaveUp, OffsetFell, httpx.HTTPStatusError for an answer that a browser's client does not retry."""
        began = time.monotonic()
        attempt, place, before = 0, "", 0
        while True:
            try:
                place, answer = self._once(place, data, metadata)
            except (httpx.TransportError, Retried) as error:
                place = error.place if isinstance(error, Retried) else self._place or place
                if self._told > before:
                    attempt = 0
                before = self._told
                if attempt == len(self._delays):
                    raise GaveUp(
                        f"{self._told} of {len(data)} bytes after {self.requests} requests"
                    ) from error
                time.sleep(self._delays[attempt])
                attempt += 1
                continue
            return Sent(
                place,
                answer.headers["Boli-Receipt"],
                answer.headers.get("Boli-Upload", ""),
                self.requests,
                time.monotonic() - began,
            )

    _place = ""

    def _once(self, place: str, data: bytes, metadata: str) -> tuple[str, httpx.Response]:
        # A new connection each time: the one before may be dead without saying so.
        with httpx.Client(base_url=self._address, headers=self._headers, timeout=self._stall) as client:
            if place:
                answer = self._checked(client.head(place, headers=TUS), place)
            else:
                headers = TUS | {"Upload-Length": str(len(data)), "Upload-Metadata": metadata}
                answer = self._checked(client.post("/uploads", headers=headers), place)
                self._place = place = answer.headers["Location"]
            offset = self._offset(answer)
            while offset < len(data):
                end = len(data) if self._chunk is None else offset + self._chunk
                body = data[offset:end]
                headers = BODY | {"Upload-Offset": str(offset), "Content-Length": str(len(body))}
                answer = self._checked(client.patch(place, content=_pieces(body), headers=headers), place)
                offset = self._offset(answer)
            return place, answer

    def _checked(self, answer: httpx.Response, place: str) -> httpx.Response:
        self.requests += 1
        if answer.status_code in (409, 423) or answer.status_code >= 500:
            raise Retried(place, answer.status_code)
        answer.raise_for_status()
        return answer

    def _offset(self, answer: httpx.Response) -> int:
        offset = int(answer.headers["Upload-Offset"])
        if offset < self._told:
            raise OffsetFell(f"{self._told} bytes were told, now {offset}")
        self._told = offset
        return offset


class Retried(Exception):
    def __init__(self, place: str, status: int) -> None:
        super().__init__(f"{status}")
        self.place = place


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]
