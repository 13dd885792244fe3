"""What the tests and the bench of uploads share: a server that can be killed, and a client that does not give up."""

import atexit
import base64
import hashlib
import http.client
import multiprocessing
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import httpx
from sqlalchemy import select

from audio.limits import Limits
from catalog.database import Catalog, open_catalog
from catalog.receiving import register_project
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.store import open_store
from catalog.tables import Person, Transfer, Upload
from tests.portal.upload.server import PROJECT, Plan, serve
from tests.processes import free_ports
from tests.waiting import PATIENCE_SECONDS, until

TUS = {"Tus-Resumable": "1.0.0"}
BODY = TUS | {"Content-Type": "application/offset+octet-stream"}
PEOPLE = ("asha", "ravi")
SPEAKER = "te-01"
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.portal.upload.server"])


def pairs(**given: str) -> str:
    """Upload-Metadata."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in given.items())


def recording(name: str = "song.amr", **more: str) -> str:
    """Upload-Metadata of a recording of Asha's speaker."""
    return pairs(**({"filename": name, "language": "te", "speaker": SPEAKER} | more))


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that repeat nowhere, the same every time."""
    return hashlib.shake_128(seed.to_bytes(4)).digest(size)


@dataclass
class UploadPortal:
    """A catalogue with two coordinators and one speaker of the first, a store, and a server over both."""

    folder: Path
    database: str
    catalog: Catalog
    limits: Mapping[str, float] = field(default_factory=dict)
    lasts_seconds: float = 3600
    port: int = 0
    process: ForkServerProcess | None = None
    project: str = PROJECT
    wall_seconds: float = Limits().wall_seconds

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def arriving(self) -> Path:
        return self.folder / "uploads" / "arriving"

    def start(self) -> None:
        """Start the server, on the same port as before, and wait until it answers."""
        if self.port == 0:
            self.port = free_ports(1)[0]
        plan = Plan(
            self.database,
            (self.folder / "store").as_uri(),
            str(self.folder / "uploads"),
            self.port,
            dict(self.limits),
            self.lasts_seconds,
            self.project,
            self.wall_seconds,
        )
        # A process of its own, of which the imports are done already: a start takes tenths of a second.
        self.process = PROCESSES.Process(target=serve, args=(plan,))
        self.process.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.address}/health", timeout=5).is_success:
                    return
            if not self.process.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"the server of uploads did not start: exit {self.process.exitcode}")
            time.sleep(0.02)

    def kill(self) -> None:
        """As the power going: no last word."""
        assert self.process is not None
        self.process.kill()
        self.process.join()

    def stop(self) -> None:
        """As an operator does."""
        assert self.process is not None
        self.process.terminate()
        self.process.join(20)
        self.kill()

    def client(self, person: str = "asha") -> httpx.Client:
        return httpx.Client(base_url=self.address, headers={"X-Person": person}, timeout=PATIENCE_SECONDS)

    def create(self, length: int, metadata: str | None = None, person: str = "asha") -> str:
        """A new upload's path."""
        with self.client(person) as client:
            answer = client.post(
                "/uploads",
                headers=TUS
                | {"Upload-Length": str(length), "Upload-Metadata": metadata or recording(f"{length}.amr")},
            )
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])

    def file_of(self, location: str) -> Path:
        return self.arriving / f"{location.rpartition('/')[2]}.part"

    def transfer(self, location: str) -> Transfer:
        with self.catalog.reading() as session:
            return session.get_one(Transfer, location.rpartition("/")[2])

    def kept(self) -> dict[str, bytes]:
        """What has become an upload: name and bytes in the store."""
        store = open_store((self.folder / "store").as_uri())
        with self.catalog.reading() as session:
            uploads = session.scalars(select(Upload)).all()
        return {each.name: store.get_bytes(str(each.landing_key), 2**30) for each in uploads}


@contextmanager
def upload_portal(
    folder: Path, database: str | None = None, *, lasts_seconds: float = 3600, **limits: float
) -> Iterator[UploadPortal]:
    if database is None:
        shutil.copy(_empty_catalogue(), folder / "boli.sqlite")
        database = f"sqlite:///{folder / 'boli.sqlite'}"
    catalog = open_catalog(database)
    now = datetime.now(UTC)
    with catalog.writing() as session:
        languages = {"te": "Telugu", "kn": "Kannada", "sw": "Swahili"}
        register_project(session, project_id=PROJECT, title="Demo", languages=languages, at=now)
        session.add_all(Person(id=each, handle=each, languages=["te"], created_at=now) for each in PEOPLE)
        session.flush()
        speaker = register_speaker(
            session, project_id=PROJECT, facts=SpeakerFacts(SPEAKER), actor="asha", at=now
        )
        speaker.registered_by = "asha"
    portal = UploadPortal(folder, database, catalog, limits, lasts_seconds)
    portal.start()
    try:
        yield portal
    finally:
        portal.kill()
        catalog.close()


@cache
def _empty_catalogue() -> Path:
    """Tables without rows: making them takes a second, copying them none."""
    folder = Path(tempfile.mkdtemp(prefix="boli-catalogue-"))
    atexit.register(shutil.rmtree, folder)
    open_catalog(f"sqlite:///{folder / 'boli.sqlite'}").close()
    return folder / "boli.sqlite"


class RawPatch:
    """A PATCH whose bytes are sent by hand, so that it can stall, break and lie."""

    def __init__(
        self,
        port: int,
        location: str,
        offset: int,
        length: int | None,
        *,
        person: str | None = "asha",
        headers: Mapping[str, str] | None = None,
        method: str = "PATCH",
    ) -> None:
        """length: as Content-Length tells it; None sends in chunks"""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self._chunked = length is None
        lines = BODY | {"Upload-Offset": str(offset), "Host": "127.0.0.1"}
        lines |= {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}
        lines |= {"X-Person": person} if person else {}
        lines |= dict(headers or {})
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.socket.sendall(f"{method} {location} HTTP/1.1\r\n{text}\r\n".encode())

    def send(self, piece: bytes) -> None:
        self.socket.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if self._chunked else piece)

    def finish(self) -> None:
        if self._chunked:
            self.socket.sendall(b"0\r\n\r\n")

    def answer(self) -> http.client.HTTPResponse:
        response = http.client.HTTPResponse(self.socket, method="PATCH")
        response.begin()
        return response

    def close(self) -> None:
        """An orderly end."""
        self.socket.close()

    def reset(self) -> None:
        """An RST, as a phone that leaves the cell."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()


def offset_of(client: httpx.Client, location: str) -> int:
    """The bytes that count of an upload."""
    return int(client.head(location, headers=TUS).headers["Upload-Offset"])


def resume(client: httpx.Client, location: str) -> int:
    """The offset to go on from, asked until the server is back and the upload's lock is free."""
    offsets: list[int] = []

    def answered() -> bool:
        with suppress(httpx.TransportError):
            answer = client.head(location, headers=TUS)
            if answer.status_code == 200:
                offsets.append(int(answer.headers["Upload-Offset"]))
            else:
                assert answer.status_code == 423, (answer.status_code, answer.text)
        return bool(offsets)

    until(answered)
    return offsets[0]


def patch(
    client: httpx.Client, location: str, offset: int, body: bytes, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    return client.patch(
        location, content=body, headers=BODY | {"Upload-Offset": str(offset)} | dict(headers or {})
    )
