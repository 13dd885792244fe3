"""A browser of somebody who is not in yet."""

import html
import re

from fastapi.testclient import TestClient
from httpx2 import Response  # what the test client of this Starlette answers with
from playwright.sync_api import Page

from catalog.states import Role
from portal.access.invites import make_invite
from portal.app import create_app
from portal.context import PortalContext
from transcription.people import add_person

PIN = "482913"


def phone(
    portal: PortalContext, agent: str = "Mozilla/5.0 (Linux; Android 10; K) Chrome/120 Mobile"
) -> TestClient:
    """A browser with no cookies yet."""
    return TestClient(
        create_app(portal),
        base_url=portal.address,
        follow_redirects=False,
        headers={"Accept": "text/html", "User-Agent": agent},
    )


def take_on(portal: PortalContext, handle: str, *roles: Role) -> str:
    """A person, by id."""
    with portal.catalog.writing() as session:
        return add_person(
            session,
            handle,
            project="demo",
            roles=roles or [Role.TRANSCRIBER],
            languages=["te"],
            by="tests",
            now=portal.clock(),
        ).id


def invite(portal: PortalContext, person_id: str, *, reset: bool = False) -> str:
    """The path that their link leads to."""
    with portal.catalog.writing() as session:
        code = make_invite(session, person_id, made_by="operator", now=portal.clock(), reset=reset)
    return f"/invite/{code}"


def comes_in(page: Page, link: str) -> None:
    """Somebody new opens their link in a real browser, chooses a PIN and is shown what their role is."""
    chooses_a_pin(page, link)
    page.get_by_role("button", name="Begin").click()  # five cards, once for each role


def chooses_a_pin(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("New PIN").fill(PIN)
    page.get_by_label("The same again").fill(PIN)
    page.get_by_role("button", name="Start").click()


def token_in(page: str) -> str:
    """What the forms of a page send back."""
    found = re.search(r'name="token" value="([^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


def send(browser: TestClient, page: str, action: str | None = None, **fields: str) -> Response:
    """Open a page and send its form."""
    token = token_in(browser.get(page).text)
    return browser.post(action or page.partition("?")[0], data={"token": token, **fields})


def come_in(
    portal: PortalContext, handle: str = "asha", *roles: Role, pin: str = PIN
) -> tuple[TestClient, str]:
    """Somebody new, from the invite to their first session; with their id."""
    person_id = take_on(portal, handle, *roles)
    browser = phone(portal)
    assert send(browser, invite(portal, person_id), secret=pin, again=pin).status_code == 303
    return browser, person_id
