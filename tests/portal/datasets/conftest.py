"""A portal whose project has two published versions, of real sound, and somebody who may read them."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from boli.serve.portal_context import open_portal_context
from catalog.config.settings import Settings
from catalog.states import Role
from catalog.tables import ReleaseItem
from portal.app import create_app
from portal.context import PortalContext
from tests.portal.datasets.flows import Deployed, deploy
from tests.portal.people import sign_in
from tests.releases.conftest import NOON, fill
from tests.releases.conftest import Archive as Shelf
from tests.servers import PrefectServer


@pytest.fixture(scope="session")
def home_with_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset `tiny`: 1.0.0 with ten clips of five speakers; 1.1.0 with two more and one text rewritten."""
    home = tmp_path_factory.mktemp("versions") / "home"
    with open_portal_context(Settings(home=home, workers=1)) as opened:
        shelf = Shelf(opened.catalog, opened.store, home.parent / "scratch")
        fill(shelf)
        shelf.publish()
        with shelf.catalog.reading() as session:
            one = session.query(ReleaseItem.clip_id).order_by(ReleaseItem.clip_id).limit(1).scalar()
        shelf.add_recording("te-01")
        shelf.rewrite(one, "నాకు ఇష్టం")
        shelf.publish()
    return home


@pytest.fixture
def portal(tmp_path: Path, home_with_versions: Path) -> Iterator[PortalContext]:
    shutil.copytree(home_with_versions, tmp_path / "home")
    with open_portal_context(Settings(home=tmp_path / "home", workers=1)) as opened:
        yield opened


@pytest.fixture
def shelf(portal: PortalContext, tmp_path: Path) -> Shelf:
    """The hands that published them."""
    return Shelf(portal.catalog, portal.store, tmp_path / "scratch", now=NOON + timedelta(hours=1))


@pytest.fixture
def reader(portal: PortalContext) -> Iterator[TestClient]:
    """The browser of somebody of an ML team."""
    with TestClient(create_app(portal), base_url=portal.address, follow_redirects=False) as browser:
        yield sign_in(portal, "leela", [Role.ML_READER]).browser(browser)


@pytest.fixture
def deployed(portal: PortalContext, prefect_server: PrefectServer) -> Deployed:
    """Flows on a real Prefect server, for a project of this test's own."""
    return deploy(portal, prefect_server)
