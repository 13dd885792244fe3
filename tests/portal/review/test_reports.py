"""A clip is reported from wherever it is heard, is heard by nobody at once, and a reviewer decides by keys alone."""

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from catalog.states import ReportDecision, ReportState, Role
from catalog.tables import Clip, ClipReport
from portal.listening import SlotHeld, link
from tests.portal.live import LAPTOP, PHONE, Live, context_of
from tests.portal.people import sign_in
from tests.portal.write.screen import at_the_write_screen
from transcription import queue


def standing(portal) -> ClipReport:
    with portal.catalog.reading() as session:
        return session.scalars(select(ClipReport)).one()


@pytest.fixture
def in_hand(busy_portal):
    """Somebody who hears a clip: who, the lease, and a link to its sound."""
    writer = sign_in(busy_portal, "asha", [Role.TRANSCRIBER])
    lease = queue.claim(busy_portal.project_context("demo"), writer.person_id, now=busy_portal.clock())
    address = link(
        busy_portal,
        lease.clip_id,
        "preview",
        listener=writer.person_id,
        ground=SlotHeld(lease.hold),
        now=busy_portal.clock(),
    )
    return writer, lease, address


def report(client, clip: str, kind: str = "bystander"):
    return client.post(f"/clips/{clip}/reports", json={"kind": kind, "note": "his neighbour"})


def test_nobody_hears_a_reported_clip_by_the_link_they_had_but_its_reviewer_does(
    busy_portal, busy_client, in_hand
):
    writer, lease, address = in_hand
    client = writer.browser(busy_client)
    assert client.get(address).status_code == 200

    answer = report(client, lease.clip_id)

    assert answer.status_code == 200 and "Nobody hears" in answer.json()["message"]
    assert client.get(address).status_code in (404, 409)
    lead = sign_in(busy_portal, "lakshmi", [Role.REVIEWER]).browser(busy_client)
    page = lead.get("/review/reports")
    item = lead.get(f"/review/reports/{standing(busy_portal).id}")
    sound = item.text.partition('src="/listen')[2].partition('"')[0].replace("&amp;", "&")
    assert "Somebody else speaks" in page.text and "his neighbour" in item.text
    assert lead.get(f"/listen{sound}").content[:4] == b"OggS"
    assert lead.get("/review").text.count("/review/reports") == 1


def test_a_report_is_taken_from_people_of_the_clips_project_alone(busy_portal, busy_client, in_hand):
    _, lease, _ = in_hand
    stranger = sign_in(busy_portal, "stranger", [Role.TRANSCRIBER], project="field").browser(busy_client)

    assert report(stranger, lease.clip_id).status_code == 404
    reader = sign_in(busy_portal, "reader", [Role.ML_READER]).browser(busy_client)
    assert report(reader, lease.clip_id).status_code == 200
    assert report(reader, lease.clip_id, "nonsense").status_code == 422
    assert reader.get("/review/reports").status_code == 403


def test_a_reviewer_of_another_language_gets_no_report(busy_portal, busy_client, in_hand):
    writer, lease, _ = in_hand
    report(writer.browser(busy_client), lease.clip_id)

    other = sign_in(busy_portal, "kavya", [Role.REVIEWER], languages=["kn"]).browser(busy_client)

    assert "No report waits" in other.get("/review/reports").text
    assert other.get(f"/review/reports/{standing(busy_portal).id}").status_code == 404


def test_a_decision_that_lacks_something_says_so_and_keeps_what_was_marked(busy_portal, busy_client, in_hand):
    writer, lease, _ = in_hand
    report(writer.browser(busy_client), lease.clip_id)
    lead = sign_in(busy_portal, "lakshmi", [Role.REVIEWER]).browser(busy_client)
    address = f"/review/reports/{standing(busy_portal).id}"

    unmarked = lead.post(address, data={"decision": "bleep"})
    beyond = lead.post(address, data={"decision": "bleep", "spans": "100-900000"})
    nonsense = lead.post(address, data={"decision": "bleep", "spans": "a-b"})
    done = lead.post(address, data={"decision": "bleep", "spans": "100-500"})

    assert unmarked.status_code == 422 and "Mark the start and the end" in unmarked.text
    assert beyond.status_code == 422 and 'value="100-900000"' in beyond.text
    assert nonsense.status_code == 422
    assert done.status_code == 303 and standing(busy_portal).state is ReportState.DECIDED
    assert standing(busy_portal).spans == [[100, 500]]


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_reviewer_marks_and_decides_with_keys_alone(
    browser: Browser, live: Live, busy_portal, in_hand, size, request
):
    writer, _, _ = in_hand
    other = at_the_write_screen(context_of(browser, live, writer, size=size))
    other.locator("#report").click() if size == PHONE else other.locator("#player").press("p")
    other.locator("#report-dialog").get_by_role("button", name="Somebody else speaks").click()
    expect(other.locator("#report-dialog")).to_be_hidden()
    lead = sign_in(busy_portal, "lakshmi", [Role.REVIEWER])
    page = context_of(browser, live, lead, size=size).new_page()

    page.goto("/review/reports")
    page.reload()
    page.locator("#next").click()
    page.locator("#sound").evaluate(
        "sound => sound.readyState > 0 || new Promise(r => sound.onloadedmetadata = r)"
    )
    expect(page.locator("#marked svg")).to_have_count(1)  # the page's script has begun
    page.locator("#player").press("[")
    for _ in range(4):
        page.keyboard.press("l")
    page.keyboard.press("]")
    expect(page.locator("#marks")).to_contain_text("Marked:")
    if folder := request.config.getoption("--screens"):
        page.screenshot(path=f"{folder}/report-{size[0]}.png", full_page=True)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="A tone over what is marked").press("Enter")

    expect(page.locator(".note.ok")).to_contain_text("Within the hour")
    found = standing(busy_portal)
    assert found.decision is ReportDecision.BLEEP and found.spans == [[0, 1000]]
    with busy_portal.catalog.reading() as session:
        assert session.get_one(Clip, found.clip_id).seconds > 1
