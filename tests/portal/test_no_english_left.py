"""Whoever reads another language finds no English sentence on any page that links lead to."""

import pytest
from fastapi.testclient import TestClient

from catalog.states import Role
from portal.app import create_app
from portal.i18n.translation import COOKIE
from tests.portal.contradictions import STARTS
from tests.portal.crawler import walk
from tests.portal.people import sign_in

pytestmark = pytest.mark.slow

GUIDELINES = {"/manage/guidelines"}
"""Written by the projects, in English until somebody translates them."""


@pytest.mark.parametrize("role", list(STARTS))
@pytest.mark.parametrize("language", ["hi", "ur"])
def test_no_page_says_a_sentence_in_english(busy_portal, written, role, language):
    somebody = sign_in(busy_portal, "somebody", [role], languages=["te"])
    with TestClient(create_app(busy_portal), base_url=busy_portal.address, follow_redirects=False) as client:
        browser = somebody.browser(client)
        browser.cookies.set(COOKIE, language)
        starts = STARTS[role] + (("/manage/audit",) if role is Role.MANAGER else ())

        title = busy_portal.projects["demo"].title
        found = {
            page.address: said
            for page in walk(browser, *starts)
            if page.address not in GUIDELINES
            and (said := [each for each in page.english if each not in title])
        }

    assert not found, "\n".join(f"{address}: {each}" for address, each in found.items())
