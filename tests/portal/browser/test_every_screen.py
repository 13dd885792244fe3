"""Every screen of every role, on a phone and on a laptop, in light English and in dark Urdu: whole, and looked at.

`pytest tests/portal/browser/test_every_screen.py --screens docs/screens` keeps the pictures.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from portal.app import create_app
from tests.portal.browser.screens import (
    PEOPLE,
    SCREENS,
    WITHOUT_SCREEN,
    Known,
    Screen,
    is_shown,
    known_in,
    show,
    somebody_of,
)
from tests.portal.live import LAPTOP, PHONE, Live, axe_findings, context_of, page_weights
from tests.portal.people import Somebody
from tests.portal.routes_table import every_route

pytestmark = pytest.mark.slow

SIZES = {"phone": PHONE, "laptop": LAPTOP}
LOOKS = {"english": ("en", False), "urdu": ("ur", True)}
LEAST = 44
"""CSS pixels of whatever a thumb presses; ours are made 48 high."""
FIRST_PAGE = 100_000
"""Bytes on the wire."""
MOST_BYTES = 60_000
"""Of a picture in the repository."""
QUALITIES = (55, 45, 35, 25)

SMALL = """(least) => {
  // Links within a line of words are as high as the line (WCAG 2.5.8, exception Inline).
  const inline = each => each.tagName === "A" && getComputedStyle(each).display === "inline";
  const pressed = each => each.matches("input[type=checkbox], input[type=radio]") ? each.closest("label") : each;
  const height = each => Math.round((pressed(each) ?? each).getBoundingClientRect().height);
  return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.closest(".sr, .skip") && !inline(each))
    .filter(each => height(each) < least)
    .map(each => height(each) + " px: " + each.outerHTML.slice(0, 120));
}"""
NEXT = """() => [...document.querySelectorAll(".next")]
  .filter(each => each.checkVisibility() && !each.closest("dialog")).map(each => each.textContent.trim())"""
TOO_WIDE = """() => {
  const {scrollWidth} = document.documentElement;
  if (scrollWidth <= innerWidth) return null;
  const beyond = ({left, right}) => right > innerWidth + 1 || left < -1;
  return scrollWidth + " px: " + [...document.querySelectorAll("main *, header *")]
    .filter(each => beyond(each.getBoundingClientRect()))
    .slice(0, 3).map(each => each.outerHTML.slice(0, 100)).join(" | ");
}"""

SQUEEZED = """() => {
  // Words in a column so narrow that a line holds a letter; what only a screen reader reads lies in a box of a pixel.
  const unseen = each => each !== null && (each.getBoundingClientRect().width <= 1 || unseen(each.parentElement));
  const found = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const {data, parentElement} = words.currentNode, letters = data.replace(/\\s/g, "").length;
    const range = document.createRange();
    range.selectNodeContents(words.currentNode);
    const lines = new Set([...range.getClientRects()].map(each => Math.round(each.top))).size;
    if (letters > 3 && lines > letters / 2 && !parentElement.closest("svg") && !unseen(parentElement))
      found.push(parentElement.outerHTML);
  }
  return found.slice(0, 3).map(each => each.slice(0, 100));
}"""


@pytest.fixture(scope="session")
def known(full: Live) -> Known:
    return known_in(full.portal)


@pytest.fixture(scope="session")
def people(full: Live) -> Mapping[str, Somebody | None]:
    """One session for each of them, on all sizes."""
    return {who: somebody_of(full.portal, who) for who in PEOPLE}


@pytest.fixture
def app(full: Live) -> FastAPI:
    return create_app(full.portal)


def test_every_page_is_looked_at(app):
    pages = {path for method, path in every_route(app.routes) if method == "GET"}

    unseen = {
        path for path in pages if not is_shown(path) and not path.startswith("/api/v1")
    } - WITHOUT_SCREEN

    assert unseen == set()


def screens_of(who: str, size: str, look: str, *, all_english: bool) -> Iterator[Screen]:
    """Each screen once on each size, and once in each look; in English on both, where pictures are wanted."""
    for place, screen in enumerate(SCREENS):
        turn = (place % 2 == 0) == ((size == "phone") == (look == "english"))
        if screen.who == who and (turn or (all_english and look == "english")):
            yield screen


@pytest.mark.parametrize(("who", "size", "look"), list(product(PEOPLE, SIZES, LOOKS)))
def test_every_screen_is_whole(browser, full, people, known, pictures, who, size, look):
    language, dark = LOOKS[look]
    context = context_of(browser, full, people[who], size=SIZES[size], language=language, dark=dark)
    wrong: dict[str, list[str]] = {}
    for screen in screens_of(who, size, look, all_english=pictures.wanted):
        page = context.new_page()
        messages = watched(page)
        show(page, screen, known)
        if screen.asks_prefect and full.portal.prefect is None:
            messages = [each for each in messages if "503" not in each]
        found = messages.copy() + findings(page, size)  # axe-core itself offends our policy of styles
        if look == "english":
            take(page, pictures.folder / f"{who}-{screen.name}-{size}.jpg")
        if found:
            wrong[screen.name] = found
        page.close()
    context.close()

    assert not wrong, "\n".join(f"{name}: {each}" for name, found in wrong.items() for each in found)


@pytest.mark.parametrize(
    ("who", "path", "ready"), [("transcriber", "/write", "#text"), ("coordinator", "/record", "#begin")]
)
def test_a_first_page_comes_over_a_bad_link(browser, full, people, who, path, ready):
    context = context_of(browser, full, people[who], size=PHONE)
    page = context.new_page()
    link = context.new_cdp_session(page)
    link.send("Network.enable")
    link.send("Network.setCacheDisabled", {"cacheDisabled": True})
    link.send("Network.setBypassServiceWorker", {"bypass": True})
    weights = page_weights(link)

    page.goto(path)
    expect(page.locator(ready)).to_be_visible()
    page.wait_for_load_state("networkidle")
    context.close()

    heaviest = sorted(weights.items(), key=lambda each: -each[1])[:5]
    assert sum(weights.values()) < FIRST_PAGE, heaviest


def watched(page: Page) -> list[str]:
    """What goes wrong on that page from now on, as it goes wrong."""
    found: list[str] = []

    def note(wrong: bool, what: str) -> None:
        if wrong:
            found.append(what)

    page.on("console", lambda message: note(message.type == "error", f"console: {message.text}"))
    page.on("pageerror", lambda error: note(True, f"script: {error}"))
    page.on("response", lambda answer: note(answer.status >= 400, f"{answer.status}: {answer.url}"))
    return found


def findings(page: Page, size: str) -> list[str]:
    """What is wrong with a screen as it stands."""
    found = [f"axe: {each}" for each in axe_findings(page)]
    if wide := page.evaluate(TOO_WIDE):
        found.append(f"scrolls sideways: {wide}")
    found += [f"a letter a line: {each}" for each in page.evaluate(SQUEEZED)]
    if size == "phone":
        found += [f"too small: {each}" for each in page.evaluate(SMALL, LEAST)]
    urged = page.evaluate(NEXT)
    if len(urged) > 1:
        found.append(f"more than one next act: {urged}")
    return found


def take(page: Page, path: Path) -> None:
    """A small picture: pages full of words are kept a little coarser."""
    for quality in QUALITIES:
        if len(picture := page.screenshot(type="jpeg", quality=quality)) < MOST_BYTES:
            path.write_bytes(picture)
            return
    raise AssertionError(f"{path.name} has {len(picture)} bytes, more than {MOST_BYTES}")
