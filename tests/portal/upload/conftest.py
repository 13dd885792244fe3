"""A server of uploads, one for the tests that only ask it, one of their own for those that hurt it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.portal.upload.upload_portal import UploadPortal, upload_portal


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UploadPortal]:
    with upload_portal(
        tmp_path_factory.mktemp("uploads"),
        portion_bytes=64 * 1024,
        portion_seconds=0.2,
        idle_seconds=1.0,
        checked_bytes=256 * 1024,
        free_bytes=0,
    ) as opened:
        yield opened


@pytest.fixture
def client(portal: UploadPortal) -> Iterator[httpx.Client]:
    with portal.client() as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
