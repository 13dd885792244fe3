"""The head of every page on a phone."""

import pytest

from catalog.states import Role
from portal.i18n.translation import COOKIE, LANGUAGES
from tests.portal.live import PHONE, context_of
from tests.portal.people import sign_in

pytestmark = pytest.mark.slow
ONE_ROW = 60
"""Pixels: a target of 48, its padding, a rule."""


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REVIEWER, Role.COORDINATOR])
def test_a_head_with_two_places_is_one_row_on_a_phone_in_every_language(browser, live, busy_portal, role):
    someone = sign_in(busy_portal, "bhagyalakshmi", [role])
    context = context_of(browser, live, someone, size=PHONE)
    page = context.new_page()
    for code in LANGUAGES:
        context.add_cookies([{"name": COOKIE, "value": code, "url": live.address}])
        page.goto("/help")

        head = page.locator("header.top")
        height = head.evaluate("each => each.getBoundingClientRect().height")
        places = head.locator(".places a")
        boxes = [places.nth(index).bounding_box() for index in range(places.count())]

        assert len(boxes) == 2 and height <= ONE_ROW, (code, height)
        assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0] for box in boxes), (
            code,
            boxes,
        )
        assert all(box and box["width"] >= 44 and box["height"] >= 44 for box in boxes), (code, boxes)
    context.close()
