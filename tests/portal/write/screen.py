"""The write screen in a browser, for tests: opening it, killing it, what it shows and what came of it."""

from contextlib import suppress

from playwright.sync_api import BrowserContext, Error, Page, expect
from sqlalchemy import select

from catalog.states import SubmissionKind
from catalog.tables import Submission
from portal.context import PortalContext
from tests.portal.people import Somebody

WORDS = "ఇది ఒక పరీక్ష"


def at_the_write_screen(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/write")
    expect(page.locator("#text")).to_be_focused()
    return page


def crash(page: Page) -> None:
    """As when the phone has no memory left: the page has no time for a last word."""
    with suppress(Error):
        page.goto("chrome://crash")
    page.close()


def heard(page: Page) -> None:
    expect(page.locator("#work")).to_have_attribute("data-heard", "true")


def slot_of(page: Page) -> str:
    return page.locator("#work").get_attribute("data-slot") or ""


def finals(portal: PortalContext, person: Somebody) -> list[str]:
    with portal.catalog.reading() as session:
        query = select(Submission.slot_id).where(
            Submission.person_id == person.person_id, Submission.kind == SubmissionKind.FINAL
        )
        return sorted(session.scalars(query))
