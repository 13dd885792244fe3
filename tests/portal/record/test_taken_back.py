"""A consent that was taken back while the coordinator's phone was away: the phone obeys as soon as it hears of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from sqlalchemy import select

from catalog import consent
from catalog.states import Role
from catalog.tables import Upload
from portal.context import PortalContext
from tests.portal.live import PHONE, Live, context_of, served
from tests.portal.people import Somebody, sign_in
from tests.portal.record.field import KEPT_AND_HEARD, adds, meets

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
    context = context_of(browser, field, asha, size=PHONE)
    errors: list[str] = []
    context.on("weberror", lambda event: errors.append(f"{event.error.message} {event.error.stack}"))
    yield context
    context.close()
    assert not errors, errors


def takes_it_back(portal: PortalContext, speaker: str) -> None:
    with portal.catalog.writing() as session:
        consent.withdraw(session, speaker_id=speaker, recorded_by="receipt", at=portal.clock())


def test_what_was_added_without_network_is_erased_and_the_voice_can_not_be_chosen_any_more(
    phone: BrowserContext, portal: PortalContext, asha: Somebody
) -> None:
    speaker = meets(portal, "DUM-001", asha.person_id)
    meets(portal, "DUM-002", asha.person_id)
    page = phone.new_page()
    page.goto("/record")
    phone.set_offline(True)
    adds(page, "DUM-001", EXAMPLE / "te-01_001.mp3")
    expect(page.locator("#takes li")).to_have_count(1)

    takes_it_back(portal, speaker)
    phone.set_offline(False)

    said = page.locator("#takes li .why")
    expect(said).to_contain_text("They took it back. Don't record them.", timeout=KEPT_AND_HEARD)
    page.get_by_role("button", name="Record or add files").click()
    option = page.locator("#speaker option", has_text="DUM-001")
    expect(option).to_be_disabled()
    expect(option).to_contain_text("Took it back: don't record")
    expect(page.locator("#speaker option:checked")).to_contain_text("DUM-002")
    kept = page.evaluate(
        """async () => {
             const { entries, blobOf } = await import(document.querySelector('script[src*="record/record"]').src
               .replace("record/record", "record/phone_store"));
             return Promise.all((await entries()).map(async (entry) => Boolean(await blobOf(entry.id))));
           }"""
    )
    assert kept == [False]
    with portal.catalog.reading() as session:
        assert session.scalars(select(Upload)).all() == []


def test_a_phone_that_said_yes_itself_hears_the_no_on_its_next_page(
    phone: BrowserContext, portal: PortalContext, asha: Somebody
) -> None:
    speaker = meets(portal, "DUM-001", asha.person_id)
    page = phone.new_page()
    page.goto("/record")

    takes_it_back(portal, speaker)
    page.goto("/record")
    page.get_by_role("button", name="Record or add files").click()

    expect(page.locator("#took-back")).to_be_visible()
    expect(page.locator("#ways")).to_be_hidden()
    page.goto("/speakers")
    expect(page.get_by_text("Took it back: don't record")).to_be_visible()
