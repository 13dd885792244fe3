"""A write screen with enough clips for a morning."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import BrowserContext, Page

from catalog.states import Role
from portal.context import PortalContext
from tests.portal.conftest import home_with
from tests.portal.live import context_of
from tests.portal.people import Somebody, sign_in
from tests.portal.write.screen import at_the_write_screen

A_MORNING = tuple(f"te/te-01_{number:03}.mp3" for number in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12))


@pytest.fixture(scope="session")
def home_with_tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder where more than ten Telugu clips wait."""
    return home_with(tmp_path_factory.mktemp("morning"), *A_MORNING)


@pytest.fixture
def asha(busy_portal: PortalContext) -> Somebody:
    return sign_in(busy_portal, "asha", [Role.TRANSCRIBER])


@pytest.fixture
def writer(busy_client: TestClient, asha: Somebody) -> TestClient:
    return asha.browser(busy_client)


@pytest.fixture
def context(browser, live, asha) -> Iterator[BrowserContext]:
    opened = context_of(browser, live, asha)
    # As fast as the screen plays: a clip is heard in half its time.
    opened.add_init_script(
        'if (!localStorage.getItem("boli-desk")) localStorage.setItem("boli-desk", JSON.stringify({speed: 2}))'
    )
    yield opened
    opened.close()


@pytest.fixture
def page(context) -> Page:
    return at_the_write_screen(context)
