"""What is new for somebody: quiet, by person and project, gone once they have read it, and nobody else's."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from catalog.states import ReviewDecision, Role, UploadState
from catalog.tables import NewsRead, Upload
from tests.portal.live import LAPTOP, PHONE, axe_findings, context_of
from tests.portal.people import sign_in
from tests.portal.review.test_routes import TEXTS
from transcription import queue, review
from transcription.news.queries import ONCE
from transcription.submission import submit


def read_all(client) -> None:
    until = client.get("/news").text.partition('name="until" value="')[2].partition('"')[0]
    assert client.post("/news/read", data={"until": until}).status_code == 303


def send_back(portal, writer_id, lead_id) -> None:
    """Three texts that differ, so that a reviewer sees them; the writer's is sent back."""
    context, now = portal.project_context("demo"), portal.clock()
    others = [sign_in(portal, handle, [Role.TRANSCRIBER]).person_id for handle in ("lakshmi", "kiran")]
    for number, (person, text) in enumerate(zip((writer_id, *others), TEXTS, strict=True)):
        lease = queue.claim(context, person, now=now)
        assert lease is not None
        submit(context, lease.hold, text, request_id=f"request-{number}", now=now)
    item = review.next_review(context, lead_id, now=now)
    assert item is not None
    (mine,) = (each for each in item.candidates if each.verbatim == TEXTS[0])
    review.decide(
        context,
        item.hold,
        ReviewDecision.SEND_BACK,
        submission_id=mine.submission_id,
        reasons=["missing_words"],
        now=now,
    )


def test_a_text_that_was_sent_back_is_news_with_its_reason_until_it_was_read(busy_portal, busy_client):
    writer = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER])
    lead = sign_in(busy_portal, "sunita", [Role.REVIEWER])
    send_back(busy_portal, writer.person_id, lead.person_id)
    client = writer.browser(busy_client)

    page = client.get("/news").text
    assert "A text of yours was sent back" in page and "I have read this" in page
    assert 'class="count"' in client.get("/me").text

    read_all(client)

    assert 'class="count"' not in client.get("/me").text
    again = client.get("/news").text
    assert "A text of yours was sent back" in again and "I have read this" not in again


def test_new_work_is_one_line_however_much_of_it_came(busy_portal, busy_client):
    client = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER]).browser(busy_client)

    page = client.get("/news").text

    assert page.count("to be written</a>") == 2  # as news, and in the plan for the week
    read_all(client)
    assert "I have read this" not in client.get("/news").text


def test_a_refused_recording_is_news_to_whoever_sent_it_and_to_nobody_else(busy_portal, busy_client):
    asha = sign_in(busy_portal, "asha", [Role.COORDINATOR])
    other = sign_in(busy_portal, "kiran", [Role.COORDINATOR])
    with busy_portal.catalog.writing() as session:
        upload = session.scalars(select(Upload).order_by(Upload.id)).first()
        session.execute(
            update(Upload)
            .where(Upload.id == upload.id)
            .values(state=UploadState.REJECTED, reason="too_quiet", sent_by=asha.person_id, name="<b>one.wav")
        )

    mine = asha.browser(busy_client).get("/news").text
    theirs = other.browser(busy_client).get("/news").text

    assert "A recording was refused: &lt;b&gt;one.wav" in mine
    assert "one.wav" not in theirs


def test_what_one_person_has_read_is_still_new_to_another(busy_portal, busy_client):
    read_all(sign_in(busy_portal, "ravi", [Role.TRANSCRIBER]).browser(busy_client))

    other = sign_in(busy_portal, "lakshmi", [Role.TRANSCRIBER]).browser(busy_client)

    assert "I have read this" in other.get("/news").text


def test_clips_that_still_wait_are_new_again_the_day_after(busy_portal, busy_client):
    someone = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER])
    client = someone.browser(busy_client)
    read_all(client)

    with busy_portal.catalog.writing() as session:
        session.execute(update(NewsRead).values(at=busy_portal.clock() - ONCE - timedelta(minutes=1)))

    assert "I have read this" in client.get("/news").text


def test_what_came_after_the_page_was_made_stays_unread(busy_portal, busy_client):
    client = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER]).browser(busy_client)

    client.post("/news/read", data={"until": "2020-01-01T00:00:00+00:00"})

    assert "I have read this" in client.get("/news").text
    assert client.post("/news/read", data={"until": "2020-01-01T00:00:00"}).status_code == 422


def test_the_head_of_a_page_asks_the_same_few_things_however_much_is_new(
    busy_portal, busy_client, written, statements
):
    client = sign_in(busy_portal, "meera", list(Role)).browser(busy_client)
    with statements() as before:
        client.get("/me")
    read_all(client)
    with statements() as after:
        client.get("/me")

    assert len(after) == len(before)


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, LAPTOP])
def test_news_fit_the_screen_and_are_read_by_keys(browser, live, busy_portal, size):
    someone = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER, Role.REVIEWER])
    context = context_of(browser, live, someone, size=size)
    page = context.new_page()
    page.goto("/me")
    page.locator(".me > summary").click()
    page.get_by_role("link", name="What is new").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is new")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe_findings(page) == []
    page.get_by_role("button", name="I have read this").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_have_count(0)
    context.close()
