"""What somebody sees who comes for the first time, in a real browser."""

import pytest

from tests.portal.live import LAPTOP, PHONE, axe_findings, context_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("language", ["en", "te", "ur"])
def test_the_start_page_is_accessible_in_every_direction_and_size(browser, live, size, language):
    context = context_of(browser, live, size=size, language=language)
    page = context.new_page()
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    page.goto("/")

    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ur" else "ltr")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe_findings(page) == []
    assert errors == []
    context.close()
