"""The real page and the real tus-js-client over links that die, and over a server that dies."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import Transfer, Upload
from portal.context import PortalContext
from tests.portal.browser.serving import serving
from tests.portal.live import PHONE, Live, context_of, served
from tests.portal.people import sign_in
from tests.portal.record.field import KEPT_AND_HEARD, UNHINDERED, adds, long_sound, meets, pace, sends_a_part
from tests.portal.upload.bad_link import Fate, bad_link
from tests.processes import free_ports

pytestmark = pytest.mark.slow

EVERY = 200_000
SENDING = re.compile(r"Sending, ([1-9]|[1-9][0-9])%")
REMEMBER = """(() => {
  window.shown = [];
  new MutationObserver(() => {
    const takes = document.getElementById("takes");
    if (takes?.querySelector("progress")) window.shown.push(takes.textContent);
  }).observe(document, {subtree: true, childList: true, characterData: true});
})()"""
"""All that the list said beside a progress bar: over a quick link it is gone before anybody could look again."""


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Of 960 kB."""
    return long_sound(tmp_path / "story.wav", seconds=30)


@pytest.fixture
def asha(portal: PortalContext):
    asha = sign_in(portal, "asha", [Role.COORDINATOR])
    meets(portal, "DUM-001", asha.person_id)
    return asha


def has_arrived(portal: PortalContext, page: Page, sound: Path) -> None:
    """The page shows the receipt; the store has the very bytes, once."""
    expect(page.locator("#takes")).to_contain_text("Received", timeout=KEPT_AND_HEARD)
    with portal.catalog.reading() as session:
        (upload,) = session.scalars(select(Upload))
        (transfer,) = session.scalars(select(Transfer))
    assert f"receipt {upload.receipt}" in page.locator("#takes").inner_text()
    assert portal.store.get_bytes(str(upload.landing_key), 2**24) == sound.read_bytes()
    assert transfer.upload_id == upload.id


@pytest.mark.parametrize("fate", [Fate.BLACK_HOLE, Fate.RESET])
def test_a_recording_arrives_over_a_link_that_dies_every_200_kb(browser, portal, asha, sound, fate):
    with served(portal) as live, bad_link(int(live.address.rpartition(":")[2]), fate, every=EVERY) as link:
        through = Live(replace(live.portal, address=f"http://127.0.0.1:{link.port}"))
        context = context_of(browser, through, asha, size=PHONE)
        context.add_init_script(REMEMBER)
        page = context.new_page()
        page.goto("/record")
        adds(page, "DUM-001", sound)

        has_arrived(portal, page, sound)
        assert any(SENDING.search(said) for said in page.evaluate("() => window.shown"))
        assert link.broken >= sound.stat().st_size // EVERY
        context.close()


def test_a_recording_arrives_though_the_server_is_killed_on_the_way(browser, portal, asha, sound, tmp_path):
    port = free_ports(1)[0]
    context = context_of(browser, Live(replace(portal, address=f"http://127.0.0.1:{port}")), asha, size=PHONE)
    with serving(tmp_path / "home", port) as server:
        page = context.new_page()
        page.goto("/record")
        link = sends_a_part(context, page, "DUM-001", sound)
        server.kill()
        server.wait()

    pace(link, UNHINDERED)
    with serving(tmp_path / "home", port):
        has_arrived(portal, page, sound)
        context.close()
