"""From the invite to the first page in a real browser, whose forms carry what browsers really send."""

import re

import pytest

from catalog.states import Role
from tests.portal.access.newcomer import PIN, invite, take_on
from tests.portal.live import LAPTOP, PHONE, axe_findings, context_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("size", "language"), [(PHONE, "en"), (LAPTOP, "ur")])
def test_somebody_comes_in_goes_out_and_comes_back(browser, live, size, language):
    manager = take_on(live.portal, "meera", Role.MANAGER)
    take_on(live.portal, "asha")
    context = context_of(browser, live, size=size, language=language)
    page = context.new_page()
    found: list[str] = []

    def looked_at() -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        found.extend(axe_findings(page))

    page.goto(invite(live.portal, manager))
    looked_at()
    page.fill("#secret", PIN)
    page.fill("#again", PIN)
    page.click("main button.next")
    page.wait_for_url("**/tour")
    looked_at()
    page.click("main button.next")
    page.wait_for_url("**/manage")

    page.goto("/people/asha/access")
    looked_at()
    page.click("main button.next")
    page.wait_for_selector("img.qr")
    assert page.evaluate("document.querySelector('img.qr').naturalWidth") > 100
    looked_at()
    page.goto("/manage/audit")
    looked_at()

    page.goto("/me")
    looked_at()
    page.click(".me summary")
    page.click("form[action='/sign-out'] button")
    page.wait_for_url("**/signed-out")
    looked_at()
    page.goto("/me")
    page.wait_for_url(re.compile("/sign-in.back=/me$"))
    looked_at()
    page.fill("#secret", PIN)
    page.click("main button.next")
    page.wait_for_url("**/me")

    assert found == []
    context.close()
