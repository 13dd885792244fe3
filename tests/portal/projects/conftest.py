"""A portal with a configuration of its own, which tests may change."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from boli.serve.portal_context import open_portal_context
from catalog.config.settings import ROOT, Settings
from catalog.states import Role
from portal.app import create_app
from portal.context import PortalContext
from tests.portal.people import Somebody, sign_in
from transcription.people import set_owner


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    """Our own, to be written in."""
    return Path(shutil.copytree(ROOT / "configs", tmp_path / "configs"))


@pytest.fixture
def settings(tmp_path: Path, configs: Path) -> Settings:
    return Settings(home=tmp_path / "home", configs=configs, workers=1)


@pytest.fixture
def portal(settings: Settings) -> Iterator[PortalContext]:
    with open_portal_context(settings) as opened:
        yield opened


@pytest.fixture
def client(portal: PortalContext) -> Iterator[TestClient]:
    with TestClient(create_app(portal), base_url=portal.address, follow_redirects=False) as browser:
        yield browser


@pytest.fixture
def manager(portal: PortalContext, client: TestClient) -> TestClient:
    """Meera's browser, who manages `demo`."""
    return sign_in(portal, "meera", [Role.MANAGER]).browser(client)


@pytest.fixture
def usha(portal: PortalContext) -> Somebody:
    """An owner of the installation, who manages `demo` too."""
    somebody = sign_in(portal, "usha", [Role.MANAGER])
    with portal.catalog.writing() as session:
        set_owner(session, somebody.person_id, owner=True, by="tests", now=portal.clock())
    return somebody
