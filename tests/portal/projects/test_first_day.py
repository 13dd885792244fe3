"""The first day of a project: its owner makes it in the portal, and its first recording is heard."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import Upload
from portal.context import PortalContext
from tests.portal.access.newcomer import comes_in, invite, take_on
from tests.portal.live import LAPTOP, PHONE, context_of, served
from tests.portal.record.field import KEPT_AND_HEARD, adds, says_yes_to_all, writes_down
from transcription.people import set_owner

RECORDING = Path(__file__).resolve().parents[3] / "examples" / "recordings" / "te" / "te-01_001.mp3"


def makes_a_project(page: Page) -> None:
    page.goto("/owner")
    page.get_by_role("link", name="Make a project").click()
    page.get_by_label("Name that people see").fill("Voices of Dumka")
    page.get_by_label("Short name").fill("dumka")
    page.get_by_role("checkbox", name="తెలుగు").check()
    page.get_by_role("button", name="Make the project").click()
    page.wait_for_url("**/manage/settings?done=made")


def has_the_notice_signed(page: Page) -> None:
    page.goto("/manage/notices")
    notice = page.locator("#notice-te")
    notice.get_by_label("Name of the native speaker").fill("Lakshmi Devi")
    notice.get_by_role("checkbox").check()
    notice.get_by_role("button", name="Sign").click()
    expect(page.get_by_text("Signed. People may be asked by it.")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_from_a_link_to_a_project_of_ones_own_whose_first_recording_was_heard(
    browser: Browser, portal: PortalContext, size: tuple[int, int]
) -> None:
    usha = take_on(portal, "usha", Role.MANAGER)
    with portal.catalog.writing() as session:
        set_owner(session, usha, owner=True, by="tests", now=portal.clock())
    with served(portal) as live:
        context = context_of(browser, live, size=size)
        page = context.new_page()

        comes_in(page, invite(portal, usha))
        makes_a_project(page)
        has_the_notice_signed(page)
        page.goto("/speakers/new")
        writes_down(page)
        page.wait_for_url("**/consent")
        says_yes_to_all(page)
        page.get_by_role("button", name="Show the paper with QR code").click(timeout=KEPT_AND_HEARD)
        page.goto("/record")
        adds(page, "DUM-001", RECORDING)

        expect(page.locator("#takes")).to_contain_text("good sound", timeout=KEPT_AND_HEARD)
        page.goto("/manage/lists/files")
        expect(page.get_by_text(RECORDING.name)).to_be_visible()
        with portal.catalog.reading() as session:
            upload = session.scalars(select(Upload)).one()
        assert (upload.project_id, upload.language) == ("dumka", "te")
        context.close()
