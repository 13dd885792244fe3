"""A day in the field with a real browser: no network, a closed tab, a crash, a phone that is shared."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import select

from catalog.consent import history
from catalog.states import Role
from catalog.tables import SignIn, Speaker, SpeakerPrivate, Transfer, Upload
from portal.access import session as sessions
from portal.context import PortalContext
from tests.flows.prefect_pages import eventually
from tests.portal.live import PHONE, Live, axe_findings, context_of, served
from tests.portal.people import Somebody, sign_in
from tests.portal.record.field import (
    KEPT_AND_HEARD,
    UNHINDERED,
    adds,
    long_sound,
    meets,
    pace,
    records_and_listens,
    says_yes_to_all,
    sends_a_part,
    slow,
    writes_down,
)
from tests.portal.upload.bad_link import Fate, bad_link
from tests.waiting import until

pytestmark = pytest.mark.slow
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "recordings" / "te"


@pytest.fixture
def asha(portal: PortalContext) -> Somebody:
    return sign_in(portal, "asha", [Role.COORDINATOR])


@pytest.fixture
def field(portal: PortalContext) -> Iterator[Live]:
    with served(portal) as live:
        yield live


@pytest.fixture
def phone(browser: Browser, field: Live, asha: Somebody) -> Iterator[BrowserContext]:
    """No script of any of its pages may raise an error."""
    context = context_of(browser, field, asha, size=PHONE)
    errors: list[str] = []
    context.on("weberror", lambda event: errors.append(f"{event.error.message} {event.error.stack}"))
    yield context
    context.close()
    assert not errors, errors


def opened(context: BrowserContext, path: str) -> Page:
    page = context.new_page()
    page.goto(path)
    return page


def wait_for_kept_pages(page: Page) -> None:
    """Until the phone has every page that a day without network needs."""
    page.evaluate(
        """async () => { const pages = await caches.open("pages");
        while (!await pages.match("/speakers/consent")) await new Promise(go => setTimeout(go, 50)) }"""
    )


def uploads(portal: PortalContext) -> list[Upload]:
    with portal.catalog.reading() as session:
        return list(session.scalars(select(Upload).order_by(Upload.received_at)))


def test_from_somebody_new_to_a_verdict_while_they_are_still_there(phone, portal):
    page = opened(phone, "/speakers/new")

    writes_down(page)
    page.wait_for_url("**/consent")
    assert not axe_findings(page)
    says_yes_to_all(page)
    page.get_by_role("button", name="Show the paper with QR code").click(timeout=KEPT_AND_HEARD)
    code = page.locator(".code").inner_text()
    assert not axe_findings(page)
    page.get_by_role("link", name="Record", exact=True).last.click()
    page.locator("#open-recorder").click()
    page.locator("#recorder").get_by_role("button", name="Record").click()
    records_and_listens(page, "Keep and send")
    page.get_by_role("button", name="Close").last.click()

    # The browser's own microphone beeps: nobody speaks, and that is said at once.
    expect(page.locator("#takes")).to_contain_text("Nobody speaks here", timeout=KEPT_AND_HEARD)
    expect(page.locator("#takes").get_by_role("button", name="Record again")).to_be_visible()
    assert re.fullmatch(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", code)
    (upload,) = uploads(portal)
    assert upload.prompt == "everyday/morning" and upload.language == "te"
    assert upload.receipt in page.locator("#takes").inner_text()
    with portal.catalog.reading() as session:
        speaker = session.scalar(select(Speaker).where(Speaker.pseudonym == "DUM-001"))
        (event,) = history(session, speaker.id)
    assert speaker.id == upload.speaker_id
    assert event.scopes == ["publication", "transcription"] and event.notice_language == "te"
    assert len(portal.store.get_bytes(event.evidence, 2**22)) > 1000


def test_an_upload_goes_on_where_the_network_was_cut(phone, portal, asha, tmp_path):
    meets(portal, "DUM-001", asha.person_id)
    sound = long_sound(tmp_path / "story.wav")
    page = opened(phone, "/record")
    link = sends_a_part(phone, page, "DUM-001", sound)
    expect(page.locator("#takes progress")).to_be_visible()

    phone.set_offline(True)
    expect(page.locator("#strip")).to_contain_text("No network")
    expect(page.locator("#strip")).to_contain_text("1 waits here")
    phone.set_offline(False)
    pace(link, UNHINDERED)

    expect(page.locator("#takes")).to_contain_text("Received", timeout=KEPT_AND_HEARD)
    (upload,) = uploads(portal)
    assert upload.sha256 == hashlib.sha256(sound.read_bytes()).hexdigest()
    with portal.catalog.reading() as session:
        assert len(session.scalars(select(Transfer)).all()) == 1  # gone on with, not begun anew


@pytest.mark.parametrize("fate", list(Fate))
def test_a_link_that_dies_every_200_kb_carries_a_recording_in_seconds(
    browser, field, portal, asha, tmp_path, fate
):
    meets(portal, "DUM-001", asha.person_id)
    sound = long_sound(tmp_path / "story.wav", 30)  # 960 kB
    port = urlsplit(field.address).port
    assert port is not None
    with bad_link(port, fate, every=200_000) as link:
        address = f"http://127.0.0.1:{link.port}"
        phone = context_of(browser, Live(replace(field.portal, address=address)), asha, size=PHONE)
        page = opened(phone, f"{address}/record")
        adds(page, "DUM-001", sound)
        expect(page.locator("#takes")).to_contain_text("receipt", timeout=KEPT_AND_HEARD)
        phone.close()

    (upload,) = uploads(portal)
    assert upload.sha256 == hashlib.sha256(sound.read_bytes()).hexdigest()
    assert link.broken >= 2


def test_a_server_that_takes_seconds_to_answer_anything_gets_a_recording(phone, portal, asha, tmp_path):
    meets(portal, "DUM-001", asha.person_id)
    sound = long_sound(tmp_path / "story.wav", 10)  # 320 kB
    page = opened(phone, "/record")
    link = slow(phone, page, UNHINDERED)
    pace(link, UNHINDERED, latency=3000)
    adds(page, "DUM-001", sound)

    expect(page.locator("#takes")).to_contain_text("receipt", timeout=KEPT_AND_HEARD)
    (upload,) = uploads(portal)
    assert upload.sha256 == hashlib.sha256(sound.read_bytes()).hexdigest()


def test_a_tab_closed_on_the_way_goes_on_when_it_is_opened_again(phone, portal, asha, tmp_path):
    meets(portal, "DUM-001", asha.person_id)
    sound = long_sound(tmp_path / "story.wav")
    page = opened(phone, "/record")
    sends_a_part(phone, page, "DUM-001", sound)
    page.close()

    again = opened(phone, "/record")

    expect(again.locator("#takes")).to_contain_text("Received", timeout=KEPT_AND_HEARD)
    (upload,) = uploads(portal)
    assert upload.sha256 == hashlib.sha256(sound.read_bytes()).hexdigest()
    with portal.catalog.reading() as session:
        assert len(session.scalars(select(Transfer)).all()) == 1
    kept = again.evaluate(
        """() => new Promise(resolve => { const open = indexedDB.open("boli-record");
        open.onsuccess = () => { const ask = open.result.transaction("blobs").objectStore("blobs").count();
        ask.onsuccess = () => resolve(ask.result) } })"""
    )
    assert kept == 0  # freed, now that there is a receipt


@pytest.mark.parametrize("left_open", [None, "/news"], ids=["no page", "a page that sends nothing"])
def test_the_service_worker_goes_on_where_no_page_sends(phone, portal, asha, tmp_path, left_open):
    meets(portal, "DUM-001", asha.person_id)
    sound = long_sound(tmp_path / "story.wav")
    page = opened(phone, "/record")
    wait_for_kept_pages(page)
    sends_a_part(phone, page, "DUM-001", sound)
    (worker,) = phone.service_workers
    if left_open:
        opened(phone, left_open)
    page.close()
    assert not uploads(portal)

    worker.evaluate("wake()")  # what the browser's sync event does

    (upload,) = eventually(lambda: uploads(portal), bool)
    assert upload.sha256 == hashlib.sha256(sound.read_bytes()).hexdigest()
    again = opened(phone, "/record")
    expect(again.locator("#takes")).to_contain_text("receipt")


def test_a_whole_day_without_network_is_sent_in_the_evening(phone, portal):
    page = opened(phone, "/record")
    wait_for_kept_pages(page)
    phone.set_offline(True)

    page.goto("/speakers/new")
    writes_down(page, "Shikaripara")
    page.wait_for_url("**/speakers/consent#*")
    says_yes_to_all(page)
    page.get_by_role("link", name="Record", exact=True).last.click()
    page.locator("#open-recorder").click()
    page.locator("#recorder").get_by_role("button", name="Record").click()
    records_and_listens(page, "Keep and send")
    page.get_by_role("button", name="Close").last.click()
    expect(page.locator("#strip")).to_contain_text("3 wait here")
    assert not uploads(portal)
    page.close()
    phone.set_offline(False)
    evening = opened(phone, "/record")

    expect(evening.locator("#strip")).to_contain_text("All sent", timeout=KEPT_AND_HEARD)
    (upload,) = uploads(portal)
    with portal.catalog.reading() as session:
        speaker = session.get_one(Speaker, upload.speaker_id)
        (event,) = history(session, speaker.id)
    assert speaker.pseudonym == "SHI-001" and event.at <= upload.received_at


def test_somebody_met_without_network_who_was_known_already_stays_one_person(phone, portal, asha):
    known = meets(portal, "DUM-001", asha.person_id, consents=False)
    with portal.catalog.writing() as session:
        session.add(SpeakerPrivate(speaker_id=known, name=None, phone="9848012345"))
    page = opened(phone, "/record")
    wait_for_kept_pages(page)
    phone.set_offline(True)
    page.goto("/speakers/new")
    page.get_by_label("Phone").fill("+91 98480 12345")
    writes_down(page, "Godda")
    page.wait_for_url("**/speakers/consent#*")
    says_yes_to_all(page)
    phone.set_offline(False)

    page.goto("/speakers")
    page.get_by_role("button", name="It is DUM-001").click(timeout=KEPT_AND_HEARD)

    page.goto("/record")
    expect(page.locator("#strip")).to_contain_text("All sent", timeout=KEPT_AND_HEARD)
    with portal.catalog.reading() as session:
        assert len(session.scalars(select(Speaker)).all()) == 1
        assert len(history(session, known)) == 1


def test_on_a_shared_phone_only_its_own_person_sends(phone, portal, asha, browser, field):
    meets(portal, "DUM-001", asha.person_id)
    page = opened(phone, "/record")
    phone.set_offline(True)
    adds(page, "DUM-001", EXAMPLE / "te-01_001.mp3")
    expect(page.locator("#strip")).to_contain_text("1 waits here")
    ravi = sign_in(portal, "ravi", [Role.COORDINATOR])
    name, value = ravi.cookie
    phone.add_cookies([{"name": name, "value": value, "url": field.address}])
    phone.set_offline(False)

    expect(page.locator("#strip")).to_contain_text("Sign in as yourself to send")
    other = opened(phone, "/record")
    expect(other.locator("#notes")).to_contain_text("somebody else waits on this phone")
    assert not uploads(portal)

    name, value = asha.cookie
    phone.add_cookies([{"name": name, "value": value, "url": field.address}])
    other.close()
    page.reload()
    expect(page.locator("#takes")).to_contain_text("receipt", timeout=KEPT_AND_HEARD)
    (upload,) = uploads(portal)
    assert upload.sent_by == asha.person_id


def test_a_session_that_ended_loses_nothing_and_says_sign_in(phone, portal, asha, field):
    meets(portal, "DUM-001", asha.person_id)
    page = opened(phone, "/record")
    with portal.catalog.writing() as session:
        ended = session.scalar(select(SignIn.id).where(SignIn.person_id == asha.person_id))
        sessions.end(session, [ended], now=portal.clock())

    adds(page, "DUM-001", EXAMPLE / "te-01_001.mp3")

    expect(page.get_by_role("link", name="Sign in to send")).to_be_visible()
    expect(page.locator("#strip")).to_contain_text("1 waits here")
    name, value = sign_in(portal, "asha", [], person_id=asha.person_id).cookie
    phone.add_cookies([{"name": name, "value": value, "url": field.address}])
    page.reload()
    expect(page.locator("#takes")).to_contain_text("receipt", timeout=KEPT_AND_HEARD)
    assert len(uploads(portal)) == 1


def test_a_poor_recording_says_what_to_do_and_a_refused_one_stays_on_the_phone(phone, portal, asha):
    meets(portal, "DUM-001", asha.person_id)
    page = opened(phone, "/record")

    adds(page, "DUM-001", EXAMPLE / "te-01 far away.wav", EXAMPLE / "te-01_002.mp3")

    takes = page.locator("#takes")
    expect(takes).to_contain_text("Hold the phone a hand's width from the mouth.", timeout=KEPT_AND_HEARD)
    expect(takes).to_contain_text("good sound", timeout=KEPT_AND_HEARD)
    assert not axe_findings(page)
    page.goto("/record/mine")
    expect(page.locator("#files")).to_contain_text("good sound")
    assert not axe_findings(page)
    page.goto("/speakers")
    assert not axe_findings(page)


@pytest.mark.parametrize("way", ["the session ended", "signs out"])
def test_whoever_comes_in_finds_no_page_of_the_one_before(phone, portal, asha, way):
    page = opened(phone, "/record")
    wait_for_kept_pages(page)
    if way == "signs out":
        page.locator("details.me summary").click()
        page.get_by_role("button", name="Sign out").click()
    else:
        with portal.catalog.writing() as session:
            ended = session.scalar(select(SignIn.id).where(SignIn.person_id == asha.person_id))
            sessions.end(session, [ended], now=portal.clock())
        page.goto("/record")

    until(lambda: not page.evaluate("caches.has('pages')"))
    phone.set_offline(True)
    with pytest.raises(PlaywrightError):
        page.goto("/record")
