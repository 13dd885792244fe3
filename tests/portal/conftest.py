"""A portal over a real catalogue and store: empty but for its projects, or with clips waiting for people."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, sync_playwright

from boli.serve.portal_context import open_portal_context
from catalog.config.settings import Settings
from catalog.states import Role
from flows.sources import FolderSource
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.receive import receive_all
from flows.steps.segment import segment_batch, uncut_recordings
from flows.workspace import open_workspace
from portal.app import create_app
from portal.context import PortalContext
from tests.flows.conftest import Coordinator
from tests.portal.live import Live, launch, served
from tests.portal.people import sign_in
from tests.portal.written import WrittenClip, statements_of, write_and_align
from transcription.context import ProjectContext
from transcription.routing import route_clips

VOICES = ("te/te-01_001.mp3", "te/te-01_002.mp3", "te/te-01_003.mp3", "te/te-01_004.mp3")


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[PortalContext]:
    """Nobody and nothing in it yet."""
    with open_portal_context(Settings(home=tmp_path / "home", workers=1)) as opened:
        yield replace(opened, projects=dict(opened.projects))  # of which a test may change one


@pytest.fixture
def client(portal: PortalContext) -> Iterator[TestClient]:
    with TestClient(create_app(portal), base_url=portal.address, follow_redirects=False) as browser:
        yield browser


@pytest.fixture(scope="session")
def home_with_tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder where the Telugu clips of VOICES wait for transcribers, to be copied."""
    return home_with(tmp_path_factory.mktemp("tasks"), *VOICES)


def home_with(folder: Path, *voices: str) -> Path:
    """A home folder in which those example recordings of one speaker are cut, and their clips wait."""
    someone = Coordinator(folder / "inbox")
    someone.folder.mkdir()
    someone.brings_consent("te-01")
    someone.puts_examples(*voices)
    settings = Settings(home=folder / "home", workers=1)
    with open_workspace("demo", settings) as workspace:
        receive_all(workspace, FolderSource(someone.folder))
        for batch in waiting_uploads(workspace):
            ingest_batch(workspace, batch)
        for batch in uncut_recordings(workspace):
            segment_batch(workspace, batch)
    with open_portal_context(settings) as opened:
        project_context: ProjectContext = opened.project_context("demo")
        route_clips(project_context, now=opened.clock())
    return folder / "home"


@pytest.fixture
def busy_portal(tmp_path: Path, home_with_tasks: Path) -> Iterator[PortalContext]:
    """The project `demo` with Telugu clips waiting to be written down."""
    shutil.copytree(home_with_tasks, tmp_path / "busy")
    with open_portal_context(Settings(home=tmp_path / "busy", workers=1)) as opened:
        yield replace(opened, projects=dict(opened.projects))  # of which a test may change one


@pytest.fixture
def busy_client(busy_portal: PortalContext) -> Iterator[TestClient]:
    with TestClient(create_app(busy_portal), base_url=busy_portal.address, follow_redirects=False) as browser:
        yield browser


@pytest.fixture
def manager(busy_portal: PortalContext, busy_client: TestClient) -> TestClient:
    return sign_in(busy_portal, "meera", [Role.MANAGER]).browser(busy_client)


@pytest.fixture
def written(busy_portal: PortalContext) -> WrittenClip:
    """A clip of the busy portal that two people wrote alike, with its words in time."""
    return write_and_align(busy_portal)


@pytest.fixture
def statements(busy_portal: PortalContext) -> Callable[[], AbstractContextManager[list[str]]]:
    """Opens a block in which what is asked of the busy portal's database is noted."""
    return partial(statements_of, busy_portal)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture
def live(busy_portal: PortalContext) -> Iterator[Live]:
    """The busy portal, served."""
    with served(busy_portal) as open_to_all:
        yield open_to_all
