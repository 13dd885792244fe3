"""The portal in a process of its own, as `boli up` starts it: to be killed, or to have a core to itself."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.waiting import PATIENCE_SECONDS


@contextmanager
def serving(home: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Serve that home folder until the end of the block."""
    environment = {**os.environ, "BOLI_HOME": str(home), "BOLI_PORTAL_PORT": str(port)}
    log = home / "portal.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "boli.serve.portal"], env=environment, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the portal did not start:\n{log.read_text()}")
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).is_success
    except httpx.TransportError:
        return False
