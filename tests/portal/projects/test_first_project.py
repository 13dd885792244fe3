"""A new owner's first day: from their link to a project of their own and a recording in it that was heard."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import Upload
from tests.portal.access.newcomer import comes_in, invite, take_on
from tests.portal.browser.test_days import RECORDING
from tests.portal.live import LAPTOP, PHONE, context_of, served
from tests.portal.record.field import sends_somebody_new
from transcription.people import find_person, set_owner

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"]),
]


@pytest.fixture
def link(portal) -> str:
    """Of somebody who owns the installation and was never here."""
    taken_on = take_on(portal, "usha", Role.MANAGER)
    with portal.catalog.writing() as session:
        usha = find_person(session, "usha")
        assert usha is not None
        set_owner(session, usha.id, owner=True, by="tests", now=portal.clock())
    return invite(portal, taken_on)


def makes_the_project(page: Page) -> None:
    page.goto("/owner")
    page.get_by_role("link", name="Make a project").click()
    page.get_by_label("Name that people see").fill("Voices of Dumka")
    page.get_by_label("Short name").fill("dumka")
    page.get_by_role("checkbox", name="తెలుగు").check()
    page.get_by_label("Hours wanted of each").fill("20")
    page.get_by_role("button", name="Make the project").click()


def lets_a_native_speaker_sign(page: Page) -> None:
    page.get_by_role("link", name="A native speaker signs each notice").click()
    page.get_by_label("Name of the native speaker").fill("Lakshmi Devi")
    page.get_by_label("They read it, word for word").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Signed")


def test_from_the_owners_link_to_a_recording_that_was_heard(browser, portal, link, size):
    with served(portal) as field:
        context = context_of(browser, field, size=size)
        page = context.new_page()

        comes_in(page, link)
        page.wait_for_url("**/manage")
        makes_the_project(page)
        expect(page.locator("main")).to_contain_text("The project is made.")
        lets_a_native_speaker_sign(page)
        sends_somebody_new(page, RECORDING)

        with portal.catalog.reading() as session:
            assert session.scalars(select(Upload.project_id)).one() == "dumka"
        context.close()
