"""A coordinator's phone in tests: what is pressed on the way from somebody new to a recording that was heard."""

import math
import re
import struct
import wave
from pathlib import Path

from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from catalog import consent
from catalog.consent import ConsentScope
from catalog.speakers import SpeakerFacts, register_speaker
from portal.context import PortalContext
from tests.waiting import PATIENCE_SECONDS

KEPT_AND_HEARD = 1000 * PATIENCE_SECONDS
"""Milliseconds that sending and measuring may take: a phone that was answered late asks again later and later."""
UNHINDERED = -1
"""A pace: no limit."""


def meets(portal: PortalContext, pseudonym: str, by: str, *, consents: bool = True) -> str:
    """Somebody whom that coordinator wrote down, and who said yes; their id."""
    now = portal.clock()
    with portal.catalog.writing() as session:
        facts = SpeakerFacts(pseudonym, language="te", gender="female", age_band="45-59", district="Dumka")
        speaker = register_speaker(
            session, project_id="demo", facts=facts, actor=by, at=now, registered_by=by
        )
        session.flush()
        if consents:
            consent.grant(
                session,
                speaker_id=speaker.id,
                scopes=list(ConsentScope),
                notice_version="1",
                notice_language="te",
                evidence="consents/none",
                evidence_sha256=None,
                recorded_by=by,
                at=now,
            )
        return speaker.id


def long_sound(path: Path, seconds: int = 60) -> Path:
    """A tone that rises and falls: 32 kB a second."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        samples = (
            int(9000 * math.sin(2 * math.pi * 220 * at / 16_000) * math.sin(at / 3000))
            for at in range(16_000)
        )
        second = struct.pack("<16000h", *samples)
        for number in range(seconds):
            # No two seconds alike, so that bytes out of place are seen
            file.writeframes(struct.pack("<h", number) + second[2:])
    return path


def slow(context: BrowserContext, page: Page, bytes_a_second: int) -> CDPSession:
    """From here on the page sends no faster. Returns what changes that with `pace`."""
    link = context.new_cdp_session(page)
    link.send("Network.enable")
    pace(link, bytes_a_second)
    return link


def pace(link: CDPSession, bytes_a_second: int, *, latency: int = 40) -> None:
    """latency: milliseconds until an answer begins"""
    conditions = {"offline": False, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
    link.send("Network.emulateNetworkConditions", {**conditions, "latency": latency})


def sends_a_part(context: BrowserContext, page: Page, pseudonym: str, file: Path) -> CDPSession:
    """A file of which some was sent, and the rest will not be for an hour: `pace` it to go on."""
    link = slow(context, page, 150_000)
    adds(page, pseudonym, file)
    expect(page.locator("#takes")).to_contain_text(re.compile("Sending, [1-9][0-9]?%"))
    pace(link, 500)
    return link


def writes_down(page: Page, district: str = "Dumka") -> None:
    """The form of somebody new, up to its button."""
    page.get_by_role("radio", name="తెలుగు").check()
    page.get_by_label("Woman").check()
    page.get_by_label("45-59").check()
    page.get_by_label("District where they live").fill(district)
    page.get_by_label("District where they live").blur()
    # The next free pseudonym of that district comes from the server, or from this phone
    expect(page.locator("input[name=pseudonym]")).to_have_value(re.compile(f"^{district[:3].upper()}-"))
    page.get_by_role("button", name="Save, then ask for consent").click()


def says_yes_to_all(page: Page) -> None:
    """What they understood, the questions, the voice, listening back, the button; ends where the code is shown."""
    page.locator("#understood fieldset").first.wait_for()
    for question, answer in zip(page.locator("#understood fieldset").all(), ("Yes", "No"), strict=True):
        question.get_by_label(answer).check()
    page.locator("#questions fieldset").first.wait_for()
    for question in page.locator("#questions fieldset").all():
        question.get_by_label("Yes").check()
    page.get_by_role("button", name="Record the yes").first.click()
    records_and_listens(page, "Keep this yes")
    page.get_by_role("button", name="They said yes").click()
    expect(page.locator("#code")).to_contain_text("-")


def sends_somebody_new(page: Page, file: Path) -> None:
    """From somebody who was never here, and says yes, to a recording of theirs that was heard."""
    page.goto("/speakers/new")
    writes_down(page)
    page.wait_for_url("**/consent")
    says_yes_to_all(page)
    page.get_by_role("button", name="Show the paper with QR code").click(timeout=KEPT_AND_HEARD)
    page.get_by_role("link", name="Record", exact=True).last.click()
    page.get_by_role("dialog", name="Whose voice?").get_by_role("button", name="Close").click()
    adds(page, "DUM-001", file)
    expect(page.locator("#takes")).to_contain_text("good sound", timeout=KEPT_AND_HEARD)


def records_and_listens(page: Page, keep: str) -> None:
    """A recording that has begun: stopped after some speech, heard, kept."""
    page.get_by_role("button", name="Stop").wait_for()
    has_recorded(page, 2)
    page.get_by_role("button", name="Stop").click()
    page.locator("#recorder").get_by_role("button", name="Listen").click()
    page.get_by_role("button", name=keep).click()


def has_recorded(page: Page, seconds: int) -> None:
    """At least so many seconds: a clock that runs on may never be seen at one of them."""
    page.wait_for_function(
        """seconds => { const shown = document.querySelector("#recorder .time")?.textContent ?? "";
        const [minutes, rest] = shown.split(":").map(Number); return minutes * 60 + rest >= seconds }""",
        arg=seconds,
    )


def adds(page: Page, pseudonym: str, *files: Path) -> None:
    """Files from the phone, said to be that speaker's."""
    page.get_by_role("button", name="Record or add files").click()
    option = page.locator("#speaker option", has_text=pseudonym)
    page.locator("#speaker").select_option(value=option.get_attribute("value"))
    page.locator("#files").set_input_files([str(file) for file in files])
    page.get_by_role("button", name="Keep and send").click()
    page.locator("#files-box").wait_for(state="hidden")
