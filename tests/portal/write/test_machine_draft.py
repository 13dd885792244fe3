"""The write screen with a machine draft: it stands in the box, the screen says whose it is, people correct it."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from catalog.config.recognisers import Recogniser
from catalog.states import SubmissionKind
from catalog.tables import Clip, DraftShown, Submission
from tests.portal.live import LAPTOP, PHONE, context_of
from tests.portal.write.screen import at_the_write_screen, heard, slot_of
from transcription.drafts.keeping import HeardText, keep_draft

pytestmark = pytest.mark.slow

HEARD = "ఇప్పుడు మన ముందున్న అతి పెద్ద సవాలు ఇది"


@pytest.fixture(autouse=True)
def every_clip_is_drafted(busy_portal) -> None:
    demo = busy_portal.projects["demo"]
    busy_portal.projects["demo"] = replace(
        demo,
        recognisers={"te": Recogniser(service="te-small")},
        prefill=replace(demo.prefill, drafts=True, blind_share=0.0001),
    )
    with busy_portal.catalog.writing() as session:
        for clip_id in session.scalars(select(Clip.id)).all():
            keep_draft(session, clip_id, "service:te-small", HeardText(HEARD), now=busy_portal.clock())


def test_the_box_holds_what_the_machine_heard_and_the_screen_says_so(page: Page):
    expect(page.locator("#text")).to_have_value(HEARD)
    expect(page.locator("#by-machine")).to_be_visible()
    expect(page.locator("#by-machine")).to_contain_text("A machine wrote this first")


def test_a_corrected_draft_is_handed_in_as_the_persons_own(page: Page, busy_portal, asha):
    slot = slot_of(page)
    heard(page)
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(" రోజు")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#work")).not_to_have_attribute("data-slot", slot)
    expect(page.locator("#strip-clips")).to_have_text("1")

    with busy_portal.catalog.reading() as session:
        query = select(Submission.verbatim).where(Submission.kind == SubmissionKind.FINAL)
        assert session.scalars(query).all() == [f"{HEARD} రోజు"]
        assert set(session.scalars(select(DraftShown.person_id))) == {asha.person_id}


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_the_note_fits_the_screen(browser, live, asha, size, request: pytest.FixtureRequest):
    opened = context_of(browser, live, asha, size=size)
    page = at_the_write_screen(opened)

    expect(page.locator("#by-machine")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if folder := request.config.getoption("--screens"):
        page.screenshot(path=f"{folder}/transcriber-machine-draft-{size[0]}.png")
    opened.close()
