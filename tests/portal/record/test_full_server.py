"""A phone whose server can't take a recording, in a real browser: whose fault it is, and what goes on meanwhile."""

import hashlib
import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import select

from catalog.keys import landing_key
from catalog.receiving import upload_id_of
from catalog.states import Role
from catalog.tables import Upload
from portal.context import PortalContext
from portal.upload.limits import UploadLimits
from tests.flows.prefect_pages import eventually
from tests.portal.live import PHONE, context_of, served
from tests.portal.people import Somebody, sign_in
from tests.portal.record.field import adds, long_sound, meets
from tests.waiting import until

pytestmark = pytest.mark.slow
MILLISECONDS = 60_000


@pytest.fixture
def asha(portal: PortalContext) -> Somebody:
    somebody = sign_in(portal, "asha", [Role.COORDINATOR])
    meets(portal, "DUM-001", somebody.person_id)
    return somebody


@contextmanager
def phone(browser: Browser, portal: PortalContext, asha: Somebody) -> Iterator[BrowserContext]:
    with served(portal) as live:
        context = context_of(browser, live, asha, size=PHONE)
        yield context
        context.close()


def names(portal: PortalContext) -> list[str]:
    with portal.catalog.reading() as session:
        return list(session.scalars(select(Upload.name)))


def arrives(page: Page, portal: PortalContext, file: Path) -> None:
    """Wait until the server has it; what the page asks meanwhile is answered while we talk with the browser."""
    until(lambda: page.evaluate("true") and file.name in names(portal))


def test_a_full_server_is_called_full_and_not_the_network(portal, browser, asha, tmp_path: Path) -> None:
    full = replace(portal, uploads=UploadLimits(free_bytes=10**17))
    with phone(browser, full, asha) as context:
        page = context.new_page()
        page.goto("/record")

        adds(page, "DUM-001", long_sound(tmp_path / "story.wav", 5))

        expect(page.locator("#strip")).to_contain_text("The server is full", timeout=MILLISECONDS)
        expect(page.locator("#strip")).to_contain_text("1 waits here")


def test_a_recording_that_the_server_fails_at_three_times_lets_the_next_go_first(
    portal, browser, asha, tmp_path: Path
) -> None:
    stuck, other = long_sound(tmp_path / "stuck.wav", 5), long_sound(tmp_path / "other.wav", 6)
    digest = hashlib.sha256(stuck.read_bytes()).hexdigest()
    in_the_way = portal.store.folder / landing_key(upload_id_of("demo", stuck.name, digest))
    (in_the_way / "something").mkdir(parents=True)  # the store can't put this one object where it belongs
    with phone(browser, portal, asha) as context:
        page = context.new_page()
        page.goto("/record")
        adds(page, "DUM-001", stuck)
        expect(page.locator("#strip")).to_contain_text("The server can't take it", timeout=MILLISECONDS)

        adds(page, "DUM-001", other)

        eventually(lambda: names(portal), lambda found: found == ["other.wav"])
        shutil.rmtree(in_the_way)
        eventually(lambda: names(portal), lambda found: set(found) == {"other.wav", "stuck.wav"})
        expect(page.locator("#strip")).to_contain_text("All sent", timeout=MILLISECONDS)


def test_a_recording_waits_as_long_as_the_server_says_and_the_others_go_meanwhile(
    portal, browser, asha, tmp_path: Path
) -> None:
    stuck, first, second = (long_sound(tmp_path / f"{name}.wav", 5) for name in ("stuck", "first", "second"))
    for number, path in enumerate((stuck, first, second)):
        path.write_bytes(path.read_bytes() + bytes(2 * number))  # no two files alike
    refused: list[str] = []

    def no_room_for_it(route: Route) -> None:
        """As a server in front answers that has no room for this one."""
        if b64encode(b"stuck.wav").decode() in route.request.headers.get("upload-metadata", ""):
            refused.append(route.request.method)
            route.fulfill(status=507, headers={"Retry-After": "120"})
        else:
            route.continue_()

    with phone(browser, portal, asha) as context:
        page = context.new_page()
        page.clock.install()
        page.route("**/uploads", no_room_for_it)
        page.goto("/record")
        adds(page, "DUM-001", stuck)
        expect(page.locator("#strip")).to_contain_text("The server can't take it", timeout=MILLISECONDS)
        adds(page, "DUM-001", first)
        arrives(page, portal, first)

        page.clock.fast_forward(60_000)
        adds(page, "DUM-001", second)
        arrives(page, portal, second)
        expect(page.locator("#strip")).to_contain_text("1 waits here", timeout=MILLISECONDS)
        assert refused == ["POST"]

        page.unroute("**/uploads")
        page.clock.fast_forward(70_000)
        arrives(page, portal, stuck)
        expect(page.locator("#strip")).to_contain_text("All sent", timeout=MILLISECONDS)
