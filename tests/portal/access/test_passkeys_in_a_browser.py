"""A passkey in a real browser, with a device that the browser pretends to have: added, used, refused, removed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from portal.context import PortalContext
from tests.portal.access.newcomer import PIN, invite, take_on
from tests.portal.live import LAPTOP, PHONE, Live, axe_findings, context_of, served

pytestmark = pytest.mark.slow

SIGNED = """async () => {
  const { ask } = await import(document.querySelector("script[src*='js/passkeys.js']").src.replace("passkeys", "page"));
  const parts = document.querySelector("script[src*='js/passkeys.js']").src.replace("passkeys.js", "parts/webauthn.js");
  const { answerOf, optionsToSign } = await import(parts);
  const token = document.querySelector("form[data-passkey] [name=token]").value;
  const body = new URLSearchParams({ token });
  const options = await ask("/sign-in/passkey/challenge", { method: "POST", body });
  return JSON.stringify(answerOf(await navigator.credentials.get({ publicKey: optionsToSign(options) })));
}"""
"""What the device signs for the page that stands, without its form being sent."""
SEND = """async (credential) => {
  const token = document.querySelector("form[data-passkey] [name=token]").value;
  const body = new URLSearchParams({ token, credential });
  return (await fetch("/sign-in/passkey", { method: "POST", body, redirect: "manual" })).type;
}"""
"""`opaqueredirect` where it lets somebody in, `basic` where it does not."""


@pytest.fixture
def named(portal: PortalContext) -> Iterator[Live]:
    """The portal under a name: browsers keep no passkeys for numbers."""
    with served(portal, name="localhost") as live:
        yield live


@contextmanager
def profile(browser: Browser, live: Live, **looks: Any) -> Iterator[tuple[BrowserContext, Page, CDPSession]]:
    """A browser whose device has a fingerprint reader, and somebody's finger on it."""
    context = context_of(browser, live, **looks)
    page = context.new_page()
    link = context.new_cdp_session(page)
    link.send("WebAuthn.enable")
    yield context, page, link
    context.close()


def fingerprint_reader(link: CDPSession, *, verified: bool = True) -> str:
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verified,
        "automaticPresenceSimulation": True,
    }
    return str(link.send("WebAuthn.addVirtualAuthenticator", {"options": device})["authenticatorId"])


def comes_in(page: Page, live: Live, handle: str) -> None:
    page.goto(invite(live.portal, take_on(live.portal, handle)))
    page.fill("#secret", PIN)
    page.fill("#again", PIN)
    page.click("main button.next")
    page.wait_for_url("**/tour")


def adds_passkey(page: Page) -> None:
    page.goto("/me")
    page.click("[data-passkey-new] > summary")
    page.fill("#known-new", PIN)
    page.click("[data-passkey=add] button")
    expect(page.get_by_text("not used yet")).to_be_visible()


def leaves(page: Page) -> None:
    page.click(".me > summary")
    page.click("form[action='/sign-out'] button")
    page.wait_for_url("**/signed-out")


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_passkey_is_added_brings_its_person_in_and_once_removed_lets_nobody_in(browser, named, size):
    found: list[str] = []
    with profile(browser, named, size=size) as (_, page, link):
        device = fingerprint_reader(link)
        comes_in(page, named, "asha")
        adds_passkey(page)
        found += axe_findings(page)
        leaves(page)

        page.goto("/sign-in?back=/me")
        expect(page.get_by_role("button", name="Sign in with this device")).to_be_visible()
        found += axe_findings(page)
        page.get_by_role("button", name="Sign in with this device").click()
        page.wait_for_url("**/me")
        expect(page.get_by_text("last used")).to_be_visible()

        page.click(".held summary")
        page.get_by_role("button", name="Use a passkey instead of the PIN").click()
        expect(page.get_by_text("last used")).to_have_count(0)
        assert link.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
        leaves(page)
        page.goto("/sign-in")
        expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        assert page.locator("[data-passkey]").count() == 0
    assert found == []


def test_a_device_that_has_one_already_or_whose_owner_does_not_confirm_says_so(browser, named):
    with profile(browser, named) as (_, page, link):
        device = fingerprint_reader(link)
        comes_in(page, named, "asha")
        adds_passkey(page)

        page.click("[data-passkey-new] > summary")
        page.fill("#known-new", "739164")
        page.click("[data-passkey=add] button")
        expect(page.get_by_text("That was not right.")).to_be_visible()
        page.fill("#known-new", PIN)
        page.click("[data-passkey=add] button")
        expect(page.get_by_text("This device has a passkey of yours already.")).to_be_visible()
        leaves(page)

        link.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
        page.goto("/sign-in")
        page.get_by_role("button", name="Sign in with this device").click()
        expect(page.get_by_text("The device did not confirm that it is you.")).to_be_visible()
        page.fill("#secret", PIN)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda address: "/sign-in" not in address)


def test_what_one_browser_was_asked_is_signed_for_no_other_and_never_twice(browser, named):
    with profile(browser, named) as (_, page, link), profile(browser, named) as (_, other, other_link):
        fingerprint_reader(link)
        fingerprint_reader(other_link)
        comes_in(page, named, "asha")
        adds_passkey(page)
        leaves(page)
        comes_in(other, named, "bina")
        adds_passkey(other)
        leaves(other)
        for each in (page, other):
            each.goto("/sign-in")
            expect(each.get_by_role("button", name="Sign in with this device")).to_be_visible()

        signed = page.evaluate(SIGNED)

        assert other.evaluate(SEND, signed) == "basic"
        assert page.evaluate(SEND, signed) == "opaqueredirect"
        assert page.evaluate(SEND, signed) == "basic"


def test_under_another_name_of_the_portal_no_passkey_is_offered_and_the_page_says_where(browser, named):
    with profile(browser, named) as (_, page, link):
        fingerprint_reader(link)
        by_number = named.address.replace("localhost", "127.0.0.1")
        page.goto(by_number + invite(named.portal, take_on(named.portal, "asha")))
        page.fill("#secret", PIN)
        page.fill("#again", PIN)
        page.click("main button.next")
        page.wait_for_url("**/tour")

        page.goto(by_number + "/me")

        expect(page.get_by_text("Passkeys work at one address alone.")).to_contain_text(named.address)
        expect(page.locator("[data-passkey-new]")).to_be_hidden()
