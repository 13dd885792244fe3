"""First days: from a link that somebody was sent to a clip that is accepted, and to a recording that was heard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import select

from catalog.states import Role, SubmissionKind, TaskState
from catalog.tables import Review, Slot, Submission, Task, Transcript, Upload
from portal.context import PortalContext
from tests.portal.access.newcomer import PIN, comes_in, invite, take_on
from tests.portal.live import LAPTOP, PHONE, Live, context_of, served
from tests.portal.people import sign_in
from tests.portal.record.field import KEPT_AND_HEARD, adds, says_yes_to_all, writes_down
from tests.waiting import until
from transcription import queue, submission

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"]),
]

RECORDING = Path(__file__).resolve().parents[3] / "examples" / "recordings" / "te" / "te-01_001.mp3"
TEXT = "ఇది ఒక పరీక్ష"
OTHER_TEXT = "అమ్మ బడికి వెళ్ళింది"
TWICE_AS_FAST = 'localStorage.setItem("boli-desk", JSON.stringify({speed: 2}))'
SILENT_UNTIL_ALLOWED = """(() => {
  const play = HTMLMediaElement.prototype.play;
  const allowed = new Promise((allow) => { window.allowSound = allow; });
  HTMLMediaElement.prototype.play = async function () { await allowed; return play.call(this); };
})()"""
"""Nothing is heard, on a machine however slow, before the test has done what comes before the hearing."""


@pytest.fixture
def invited_by_a_manager(browser, live, busy_portal, size) -> str:
    """The link of a new transcriber, made on the manager's pages."""
    meera = sign_in(busy_portal, "meera", [Role.MANAGER])
    context = context_of(browser, live, meera, size=size)
    page = context.new_page()
    page.goto("/manage/people")
    page.get_by_text("Take somebody on").click()
    page.get_by_label("Short name that colleagues see").fill("gita")
    page.get_by_role("checkbox", name="transcriber").check()
    page.get_by_role("checkbox", name="తెలుగు").check()
    page.get_by_role("button", name="Take on, and make the invite").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#link").inner_text()
    context.close()
    return link


@pytest.fixture
def profile(browser: Browser, live: Live, size: tuple[int, int]) -> Iterator[BrowserContext]:
    """A browser that was never here."""
    context = context_of(browser, live, size=size)
    context.add_init_script(TWICE_AS_FAST)
    yield context
    context.close()


def signs_out_and_in_again(page: Page, handle: str) -> None:
    page.locator(".me > summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").click()
    who = page.get_by_role("button", name=handle).or_(page.get_by_role("link", name=handle))
    if who.count():
        who.click()
    page.get_by_label("Your PIN").fill(PIN)
    page.get_by_role("button", name="Sign in").click()


def hears_writes_and_sends(page: Page) -> None:
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.insert_text(TEXT)
    expect(page.locator("#work")).to_have_attribute("data-heard", "true")
    slot = page.locator("#work").get_attribute("data-slot") or ""
    page.get_by_role("button", name="Send, next clip").click()
    expect(page.locator("#work")).not_to_have_attribute("data-slot", slot)
    expect(page.locator("#strip-clips")).to_have_text("1")


def task_of(portal: PortalContext, handle_text: str) -> str:
    """The task for which that text was handed in."""
    with portal.catalog.reading() as session:
        return session.scalars(
            select(Task.id)
            .join(Slot, Slot.task_id == Task.id)
            .join(Submission, Submission.slot_id == Slot.id)
            .where(Submission.verbatim == handle_text, Submission.kind == SubmissionKind.FINAL)
        ).one()


def somebody_else_writes(portal: PortalContext, handle: str, text: str, task: str) -> None:
    project_context, person = portal.project_context("demo"), sign_in(portal, handle, [Role.TRANSCRIBER])
    lease = queue.claim(project_context, person.person_id, now=portal.clock())
    assert lease is not None
    submission.submit(
        project_context, lease.hold, text, request_id=f"{handle}-1", now=portal.clock(), active_seconds=30
    )
    with portal.catalog.reading() as session:
        assert session.get_one(Slot, lease.hold.slot_id).task_id == task


def state_of(portal: PortalContext, task: str) -> TaskState:
    with portal.catalog.reading() as session:
        return session.get_one(Task, task).state


def test_from_the_invite_to_a_clip_on_which_two_agree(profile, busy_portal, invited_by_a_manager):
    page = profile.new_page()

    comes_in(page, invited_by_a_manager)
    expect(page.locator("#text")).to_be_focused()
    signs_out_and_in_again(page, "gita")
    hears_writes_and_sends(page)
    task = task_of(busy_portal, TEXT)
    somebody_else_writes(busy_portal, "hari", TEXT, task)

    assert state_of(busy_portal, task) is TaskState.ACCEPTED
    with busy_portal.catalog.reading() as session:
        assert session.scalars(select(Transcript.verbatim)).one() == TEXT


def test_a_clip_on_which_people_differ_is_accepted_by_keys_alone(browser, live, busy_portal, size):
    for handle, text in (("gita", TEXT), ("hari", OTHER_TEXT), ("indu", f"{TEXT} రాయండి మళ్ళీ")):
        project_context, person = (
            busy_portal.project_context("demo"),
            sign_in(busy_portal, handle, [Role.TRANSCRIBER]),
        )
        lease = queue.claim(project_context, person.person_id, now=busy_portal.clock())
        submission.submit(
            project_context, lease.hold, text, request_id=f"{handle}-1", now=busy_portal.clock()
        )
    sunita = sign_in(busy_portal, "sunita", [Role.REVIEWER])
    context = context_of(browser, live, sunita, size=size)
    context.add_init_script(TWICE_AS_FAST + ";" + SILENT_UNTIL_ALLOWED)
    page = context.new_page()
    on_its_way: list[Route] = []
    page.route("**/listen/**", lambda asked: on_its_way.append(asked))
    page.goto("/review")
    expect(page.locator("#text")).to_be_focused()
    place = 1 + page.locator(".candidate .said").all_inner_texts().index(OTHER_TEXT)
    page.keyboard.press(f"Alt+Shift+Digit{place}")
    expect(page.locator("#text")).to_have_value(OTHER_TEXT)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#heard")).to_contain_text("Listen to the whole clip once")
    until(lambda: page.evaluate("1") and on_its_way)  # what is not there yet was not heard either
    for each in on_its_way:
        each.continue_()
    page.evaluate("() => window.allowSound()")
    expect(page.locator("#accept")).to_have_attribute("aria-disabled", "false")

    page.keyboard.press("Control+Enter")

    expect(page.locator("#nothing")).to_be_visible()
    with busy_portal.catalog.reading() as session:
        assert session.scalars(select(Transcript.verbatim)).one() == OTHER_TEXT
        assert session.scalars(select(Review.decision)).one() == "accept"
    context.close()


def test_from_the_invite_to_what_was_heard_in_a_recording(browser, portal, size):
    link = invite(portal, take_on(portal, "asha", Role.COORDINATOR))
    with served(portal) as field:
        context = context_of(browser, field, size=size)
        page = context.new_page()

        comes_in(page, link)
        page.get_by_role("link", name="Speakers").click()
        page.get_by_role("link", name="Somebody new").click()
        writes_down(page)
        page.wait_for_url("**/consent")
        says_yes_to_all(page)
        page.get_by_role("button", name="Show the paper with QR code").click(timeout=KEPT_AND_HEARD)
        expect(page.locator(".code")).to_contain_text("-")
        page.get_by_role("link", name="Record", exact=True).last.click()
        # The link names the speaker: it is already asked how to go on
        page.get_by_role("dialog", name="Whose voice?").get_by_role("button", name="Close").click()
        adds(page, "DUM-001", RECORDING)

        expect(page.locator("#takes")).to_contain_text("good sound", timeout=KEPT_AND_HEARD)
        with portal.catalog.reading() as session:
            upload = session.scalars(select(Upload)).one()
        assert f"receipt {upload.receipt}" in page.locator("#takes").inner_text()
        assert portal.store.get_bytes(str(upload.landing_key), 2**22) == RECORDING.read_bytes()
        context.close()
