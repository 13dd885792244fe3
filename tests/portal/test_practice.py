"""Somebody new practises in the portal: hears, writes, and reads at once what is right and which rule says so."""

import html
import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select, update

from catalog.states import Role
from catalog.tables import LedgerEntry, Submission, Transcript
from portal.listening import PracticeHeard, link
from tests.portal.live import LAPTOP, PHONE, context_of
from tests.portal.people import sign_in
from tests.portal.written import TEXT

PLAYER = re.compile(r'<audio[^>]* src="([^"]+)"')


@pytest.fixture
def reviewed(busy_portal, written):
    """The written clip, as if a reviewer had accepted its text."""
    with busy_portal.catalog.writing() as session:
        session.execute(update(Transcript).values(origin="review"))
    return written


@pytest.fixture
def newcomer(busy_portal):
    return sign_in(busy_portal, "asha", [Role.TRANSCRIBER])


def test_the_answer_comes_at_once_with_the_rule_and_counts_for_nothing(
    busy_portal, busy_client, reviewed, newcomer
):
    client = newcomer.browser(busy_client)
    with busy_portal.catalog.reading() as session:
        before = session.scalar(select(func.count()).select_from(Submission))
    page = client.get("/practice").text
    assert f"/practice/{reviewed.clip_id}" in page and TEXT not in page
    assert client.get(html.unescape(PLAYER.search(page).group(1))).content[:4] == b"OggS"

    answer = client.post(f"/practice/{reviewed.clip_id}", data={"text": "అమ్మ బడికి"}).text

    assert "2 of 3 words are right" in answer and "everything that is heard is written" in answer
    assert "<mark>వెళ్ళింది</mark>" in answer
    assert answer.count("data-start=") == 3  # each right word can be heard
    with busy_portal.catalog.reading() as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == before
        assert not session.scalars(
            select(LedgerEntry.id).where(LedgerEntry.person_id == newcomer.person_id)
        ).all()
    assert "You have practised on every clip" in client.get("/practice").text


def test_what_was_typed_is_never_taken_for_markup_and_an_empty_answer_gives_nothing_away(
    busy_client, reviewed, newcomer
):
    client = newcomer.browser(busy_client)
    empty = client.post(f"/practice/{reviewed.clip_id}", data={"text": "  "})
    assert empty.status_code == 422 and TEXT.split()[2] not in empty.text

    answer = client.post(f"/practice/{reviewed.clip_id}", data={"text": "<script>alert(1)</script>"})

    assert answer.status_code == 200 and "<script>alert" not in answer.text


def test_what_is_no_practice_clip_is_neither_heard_nor_answered(busy_portal, busy_client, written, newcomer):
    client = newcomer.browser(busy_client)  # two writers agree: no reviewer has accepted it
    address = link(
        busy_portal,
        written.clip_id,
        "preview",
        listener=newcomer.person_id,
        ground=PracticeHeard("demo"),
        now=busy_portal.clock(),
    )

    assert "There is no clip to practise on yet" in client.get("/practice").text
    assert client.post(f"/practice/{written.clip_id}", data={"text": "x"}).status_code == 404
    assert client.get(address).status_code == 404


def test_the_write_screen_leads_newcomers_to_practice_until_their_first_text(
    busy_portal, busy_client, reviewed, newcomer
):
    assert "New here?" in newcomer.browser(busy_client).get("/write").text
    with busy_portal.catalog.reading() as session:
        writer = session.scalars(select(Submission.person_id).limit(1)).one()
    old = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER], person_id=writer)
    assert "New here?" not in old.browser(busy_client).get("/write").text


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, LAPTOP])
def test_practice_is_done_by_keys_alone(browser, live, reviewed, newcomer, size):
    context = context_of(browser, live, newcomer, size=size)
    page = context.new_page()
    page.goto("/practice")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.insert_text("అమ్మ బడికి వెళ్ళింది")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#result")).to_have_text("All of it is right.")
    expect(page.locator("#result")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".empty")).to_contain_text("every clip")
    context.close()
