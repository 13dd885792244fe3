"""Reading a dataset through a portal, for those who can't reach its store: HTTPS and a token are all that is needed."""

import hashlib
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from urllib.parse import quote, urlsplit

import httpx

from catalog.store import (
    Damaged,
    InvalidAddress,
    NotStored,
    Stored,
    StoreRefused,
    StoreUnavailable,
    TooLarge,
)

PATIENCE = 60.0
"""Seconds for which a portal that has answered before is asked again: it may be starting anew, or the link be lost."""
FIRST_PATIENCE = 8.0
"""Seconds for one that has never answered: its address may be wrong."""
PAUSE = 0.25  # seconds before a request is tried again, doubled each time
LONGEST_PAUSE = 4.0
SECONDS = 60.0
BLOCK = 8 * 2**20
_LOCAL = ("127.0.0.1", "::1", "localhost")


class PortalStore:
    """The datasets of a portal as a store that is only read; the portal decides what the token's owner may have.

    address: of the portal, as https://voices.example.org; plain http only on this machine, for tests
    version: the one that is being fetched, once it is known: the portal notes who holds which, to tell them of
             withdrawals, and versions share parts
    patience: seconds for which it is asked again once it has answered
    """

    def __init__(self, address: str, token: str, *, patience: float = PATIENCE) -> None:
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
            raise InvalidAddress(
                f"a portal is reached by https://, given: {address}. Over plain http anybody could read the token."
            )
        self.version: str | None = None
        self._patience = patience
        self._has_answered = False
        self._address = address.rstrip("/")
        # httpx takes the token out of a request that is sent on to another host, as to a link of S3's own
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
            follow_redirects=True,
            limits=httpx.Limits(max_connections=16),
        )

    def __enter__(self) -> "PortalStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @property
    def url(self) -> str:
        return self._address

    def read_range(self, key: str, start: int, length: int) -> bytes:
        if length <= 0:
            return b""
        answer = self._asked(self._place(key), {"Range": f"bytes={start}-{start + length - 1}"})
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return b""
        self._refuse(answer, key)
        # a server that knows no ranges sends everything
        return (
            answer.content[start : start + length] if answer.status_code == httpx.codes.OK else answer.content
        )

    def get_bytes(self, key: str, max_bytes: int, *, sha256: str | None = None) -> bytes:
        data = self.read_range(key, 0, max_bytes + 1)
        if len(data) > max_bytes:
            raise TooLarge(f"{key} is larger than the {max_bytes} bytes that its reader takes.")
        if sha256 is not None:
            _compare(key, hashlib.sha256(data).hexdigest(), sha256)
        return data

    def fetch(self, key: str, path: Path, *, sha256: str | None = None) -> Stored:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{uuid.uuid4().hex}.part")
        seen, size = hashlib.sha256(), 0
        try:
            with aside.open("xb") as out:
                while block := self.read_range(key, size, BLOCK):
                    seen.update(block)
                    size += out.write(block)
                out.flush()
                os.fsync(out.fileno())
            if size == 0 and self.head(key) is None:
                raise NotStored(f"{key} is not in the store {self.url}")
            if sha256 is not None:
                _compare(key, seen.hexdigest(), sha256)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
        return Stored(key, size, seen.hexdigest())

    def head(self, key: str) -> Stored | None:
        return next((each for each in self.list(key) if each.key == key), None)

    def exists(self, key: str) -> bool:
        return self.head(key) is not None

    def list(self, prefix: str = "") -> Iterator[Stored]:
        dataset, _, inside = prefix.removeprefix("datasets/").partition("/")
        cursor: str | None = ""
        while cursor is not None:
            where = f"{self._address}/api/v1/datasets/{quote(dataset)}/objects"
            answer = self._asked(f"{where}?prefix={quote(inside)}&cursor={quote(cursor)}", {})
            self._refuse(answer, prefix)
            said = answer.json()
            for each in said["objects"]:
                yield Stored(f"datasets/{dataset}/{each['path']}", each["bytes"], None)
            cursor = said["next_cursor"]

    def _place(self, key: str) -> str:
        dataset, _, path = key.removeprefix("datasets/").partition("/")
        of = f"?of={quote(self.version)}" if self.version else ""
        return f"{self._address}/api/v1/datasets/{quote(dataset)}/objects/{quote(path)}{of}"

    def _asked(self, place: str, headers: Mapping[str, str]) -> httpx.Response:
        """Ask, and ask again where the link broke or the portal was busy."""
        patience = self._patience if self._has_answered else min(self._patience, FIRST_PATIENCE)
        deadline = time.monotonic() + patience
        pause = PAUSE
        while True:
            is_last = time.monotonic() + pause > deadline
            try:
                answer = self._client.get(place, headers=headers)
            except httpx.HTTPError as error:
                if is_last:
                    raise StoreUnavailable(
                        f"{self.url} can't be reached ({type(error).__name__}: {error}). "
                        "Check its address and the network, then run the same command again: it goes on."
                    ) from error
            else:
                self._has_answered = True
                if answer.status_code < 500 or is_last:
                    return answer
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _refuse(self, answer: httpx.Response, what: str) -> None:
        code = answer.status_code
        if code == httpx.codes.NOT_FOUND:
            raise NotStored(f"{what} is not in the store {self.url}")
        if code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise StoreRefused(
                f"{self.url} does not take this token ({code}). Make one on its page “My tokens”, as somebody who may "
                "read datasets, and put it into BOLI_TOKEN."
            )
        if code >= 500:
            raise StoreUnavailable(
                f"{self.url} is busy or ill (HTTP {code}). Run the same command again later."
            )
        if code >= 400:
            raise StoreRefused(f"{self.url} refused {what} (HTTP {code}).")


def _compare(key: str, seen: str, expected: str) -> None:
    if seen != expected:
        raise Damaged(f"{key} must hold the bytes with SHA-256 {expected}, they have {seen}.")
