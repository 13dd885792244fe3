"""What people's devices keep outlives an update of the portal: pages with their files, words, recordings."""

import base64
import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import Upload
from portal.context import PortalContext
from tests.portal.live import PHONE, context_of, served
from tests.portal.people import sign_in
from tests.portal.record.field import KEPT_AND_HEARD, long_sound, meets
from tests.waiting import until

pytestmark = pytest.mark.slow

KEEP = """async ({name, stores, rows}) => {
  const result = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    for (const [store, options] of Object.entries(stores)) opening.result.createObjectStore(store, options);
  };
  const base = await result(opening);
  for (const {store, key, value, bytes} of rows) {
    const kept = bytes ? new Blob([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))]) : value;
    const objects = base.transaction(store, "readwrite").objectStore(store);
    await result(key === undefined ? objects.put(kept) : objects.put(kept, key));
  }
  base.close();
}"""
"""As every version so far laid its databases out."""
WRITE_STORES: dict[str, dict[str, object]] = {"drafts": {}, "clips": {}, "sendings": {}}
RECORD_STORES = {
    "entries": {"keyPath": "id"},
    "blobs": {},
    "chunks": {"keyPath": ["entry", "number"]},
    "notes": {},
}
ALL_ARE_KEPT = """async () => {
  const pages = await caches.open("pages");
  const wanted = ["/record", "/speakers", "/speakers/new", "/speakers/consent"];
  return (await Promise.all(wanted.map((path) => pages.match(path)))).every(Boolean);
}"""
"""Else one that is still on its way would take the place of the old page."""
OLD_PAGE = """async () => {
  const old = await caches.open("files-0123456789");
  await old.put("/static/0123456789/js/gone.js", new Response("document.title = 'as of old'",
    {headers: {"Content-Type": "text/javascript"}}));
  await caches.open("files-9876543210");
  const pages = await caches.open("pages");
  await pages.delete("/speakers", {ignoreVary: true, ignoreSearch: true});
  await pages.put("/speakers", new Response(
    '<!doctype html><title>kept</title><script src="/static/0123456789/js/gone.js"></script>',
    {headers: {"Content-Type": "text/html"}}));
}"""


def kept_by_an_earlier_version(page: Page, name: str, stores: object, rows: list[dict[str, object]]) -> None:
    """On this device, before a page of today is opened."""
    page.goto("/health")
    page.evaluate(KEEP, {"name": name, "stores": stores, "rows": rows})


def test_words_that_an_earlier_version_kept_stand_in_the_box(browser, live, busy_portal):
    ravi = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER])
    context = context_of(browser, live, ravi)
    page = context.new_page()
    page.goto("/write")
    expect(page.locator("#text")).to_be_focused()
    slot = page.locator("#work").get_attribute("data-slot")
    page.close()
    old = context.new_page()
    draft = {"slot": slot, "text": "ఇది ఒక పరీక్ష", "sent": "", "seen": [""], "heard": [[0, 1.5]], "active": 4}

    kept_by_an_earlier_version(
        old,
        "boli-desk",
        WRITE_STORES,
        [{"store": "drafts", "key": [ravi.person_id, slot], "value": draft}],
    )
    old.goto("/write")

    expect(old.locator("#text")).to_have_value("ఇది ఒక పరీక్ష")
    expect(old.locator("#saved")).to_contain_text("on the server", timeout=KEPT_AND_HEARD)
    context.close()


def test_a_recording_that_an_earlier_version_kept_is_sent(browser, portal: PortalContext, tmp_path: Path):
    asha = sign_in(portal, "asha", [Role.COORDINATOR])
    speaker = meets(portal, "DUM-001", asha.person_id)
    sound = long_sound(tmp_path / "story.wav", seconds=4).read_bytes()
    entry = {
        "id": "0123456789abcdef0123456789abcdef",
        "person": asha.person_id,
        "project": "demo",
        "created": 1_795_000_000_000,
        "state": "kept",
        "size": len(sound),
        "type": "audio/wav",
        "kind": "recording",
        "name": "story.wav",
        "speaker": {"id": speaker, "pseudonym": "DUM-001", "short": "001"},
        "language": "te",
        "seconds": 4,
    }
    with served(portal) as live:
        context = context_of(browser, live, asha, size=PHONE)
        page = context.new_page()
        kept_by_an_earlier_version(
            page,
            "boli-record",
            RECORD_STORES,
            [
                {"store": "entries", "value": entry},
                {"store": "blobs", "key": entry["id"], "bytes": base64.b64encode(sound).decode()},
            ],
        )
        page.goto("/record")

        expect(page.locator("#takes")).to_contain_text("receipt", timeout=KEPT_AND_HEARD)
        context.close()
    with portal.catalog.reading() as session:
        (upload,) = session.scalars(select(Upload))
    assert upload.sha256 == hashlib.sha256(sound).hexdigest()


def test_a_page_kept_before_an_update_opens_without_network_by_its_own_files(browser, portal: PortalContext):
    asha = sign_in(portal, "asha", [Role.COORDINATOR])
    with served(portal) as live:
        context = context_of(browser, live, asha, size=PHONE)
        page = context.new_page()
        page.goto("/record")
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        until(lambda: page.evaluate(ALL_ARE_KEPT))  # wait_for_function takes a promise for true
        page.evaluate(OLD_PAGE)
        (worker,) = context.service_workers

        worker.evaluate("dropOldFiles()")
        kept = page.evaluate("() => caches.keys()")
    # The portal is gone, which holds for the worker too; a browser that is told to be offline may still let it out.
    page.goto("/speakers")

    expect(page).to_have_title("as of old")
    assert "files-0123456789" in kept
    assert "files-9876543210" not in kept
    context.close()
