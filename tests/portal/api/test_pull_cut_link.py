"""A pull through a portal that dies in the middle of a part goes on, by itself or when it is started again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from catalog.config.settings import Settings, environment_of
from catalog.store import StoreUnavailable
from releases.fetching import BLOCK
from releases.portal_store import PortalStore
from releases.pull import pull
from releases.versions import read_version
from tests.conftest import REPOSITORY
from tests.portal.api.conftest import token_for
from tests.processes import free_ports, stop_process
from tests.waiting import PATIENCE_SECONDS, until

VERSION = "1.2.0"


class Server:
    """The portal as it is started on a server, on one port however often it is started."""

    def __init__(self, home: Path) -> None:
        settings = Settings(home=home, portal_port=free_ports(1)[0], workers=1)
        self.address = f"http://127.0.0.1:{settings.portal_port}"
        self._environment = {**os.environ, **environment_of(settings), "PYTHONPATH": str(REPOSITORY)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "boli.serve.portal"], env=self._environment, stderr=subprocess.DEVNULL
        )
        until(self._answers)

    def kill(self) -> None:
        if self._process is not None:
            stop_process(self._process.pid)
            self._process.wait()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/health", timeout=5).is_success
        except httpx.TransportError:
            return False


@pytest.fixture
def server(portal, shelf, tmp_path) -> Iterator[Server]:
    """It has a version with a part of several blocks."""
    shelf.add_recording("te-03", clips=170, seconds=5.0)
    assert shelf.publish().version == VERSION
    assert max(part.size for part in read_version(portal.store, "tiny", VERSION).parts) > 2 * BLOCK
    server = Server(tmp_path / "home")
    server.start()
    yield server
    server.kill()


@pytest.mark.slow
def test_a_pull_whose_portal_dies_in_the_middle_of_a_part_goes_on_there_when_it_is_started_again(
    server, portal, tmp_path
):
    copy = tmp_path / "copy"
    killed: list[int] = []

    def kill_it(label: str, done: int, whole: int) -> None:
        if done >= BLOCK and not killed:
            server.kill()
            killed.append(done)

    with PortalStore(server.address, token_for(portal, "pulls"), patience=1.0) as remote:
        with pytest.raises(StoreUnavailable, match="it goes on"):
            pull(remote, "tiny", VERSION, copy, progress=kill_it)
        assert list((copy / "data").glob(".*.partial"))
        server.start()

    with PortalStore(server.address, token_for(portal, "pulls again")) as remote:
        pulled = pull(remote, "tiny", VERSION, copy)

    assert killed
    assert pulled.travelled <= pulled.bytes - BLOCK
    same(portal, copy)


@pytest.mark.slow
def test_a_portal_that_comes_back_is_waited_for(server, portal, tmp_path):
    copy = tmp_path / "copy"
    killed: list[int] = []

    def start_it_anew(label: str, done: int, whole: int) -> None:
        if done >= BLOCK and not killed:
            killed.append(done)
            server.kill()
            server.start()

    # However long that takes on a slow machine
    with PortalStore(server.address, token_for(portal, "pulls"), patience=PATIENCE_SECONDS) as remote:
        pull(remote, "tiny", VERSION, copy, progress=start_it_anew)

    assert killed
    same(portal, copy)


def same(portal, copy: Path) -> None:
    version = read_version(portal.store, "tiny", VERSION)
    for file in version.files:
        assert (copy / file.path).read_bytes() == portal.store.get_bytes(version.key(file), 10**9)
