"""The player of aligned speech in a real browser: a word is heard alone, lights up, and is reached by keys."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from catalog.states import Role
from tests.portal.live import PHONE, context_of
from tests.portal.people import sign_in

pytestmark = pytest.mark.slow

LIT = ".aligned .words [aria-current=true]"
DRAWN = """(name) => {
  const canvas = document.querySelector(`canvas.${name}`), pen = canvas.getContext("2d");
  return pen.getImageData(0, canvas.height / 2, canvas.width, 1).data.some((value) => value > 0);
}"""
"""Something stands along the middle of that canvas: peaks and sound are fetched after the page came."""


@pytest.fixture
def page(browser, live, busy_portal, written) -> Iterator[Page]:
    manager = sign_in(busy_portal, "meera", [Role.MANAGER])
    context = context_of(browser, live, manager, size=PHONE)
    opened = context.new_page()
    opened.goto(f"/manage/clips/{written.clip_id}")
    expect(opened.locator(".aligned.live canvas.wave")).to_be_visible()
    yield opened
    context.close()


def test_a_word_is_heard_alone_and_lights_up(page):
    page.locator(".aligned .words button").nth(1).click()

    expect(page.locator(LIT)).to_have_text("బడికి")
    page.wait_for_function("() => document.querySelector('.aligned audio').paused")
    at, end = page.evaluate(
        """() => [document.querySelector(".aligned audio").currentTime,
                  Number(document.querySelectorAll(".aligned .words button")[1].dataset.end)]"""
    )
    assert end <= at < end + 1


def test_arrows_go_from_word_to_word_and_no_other_key_is_taken(page):
    page.locator(".aligned").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(LIT)).to_have_text("బడికి")
    page.wait_for_function("() => document.querySelector('.aligned audio').paused")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(LIT)).to_have_text("అమ్మ")
    page.keyboard.press("Tab")

    assert page.evaluate("() => document.activeElement.matches('.aligned button')")


def test_the_waveform_is_drawn_and_the_spectrogram_when_it_is_asked_for(page):
    page.wait_for_function(DRAWN, arg="wave")
    expect(page.locator("canvas.spectrum")).to_be_hidden()

    page.locator(".aligned").press("s")

    expect(page.locator("canvas.spectrum")).to_be_visible()
    page.wait_for_function(DRAWN, arg="spectrum")


def test_closer_shows_the_whole_above_and_further_takes_it_away(page):
    expect(page.locator("canvas.overview")).to_be_hidden()
    page.locator("[data-act=in]").click()
    expect(page.locator("canvas.overview")).to_be_visible()
    page.locator("[data-act=out]").click()
    expect(page.locator("canvas.overview")).to_be_hidden()
