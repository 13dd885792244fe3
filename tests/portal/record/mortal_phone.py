"""A phone that dies while somebody speaks into it, and how much of what was said is sent afterwards."""

import re
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from playwright.sync_api import BrowserContext, BrowserType, Error, Page, expect
from sqlalchemy import select

from audio.decode import open_recording
from audio.limits import Limits
from catalog.tables import Upload
from tests.portal.browser.killing import kill_browser, kill_tabs
from tests.portal.live import FLAGS, PAGE_MILLISECONDS, PHONE, Live, chromium
from tests.portal.people import Somebody

NOTE_THE_START = """(() => {
  const start = MediaRecorder.prototype.start;
  MediaRecorder.prototype.start = function (...options) {
    this.addEventListener("start", () => { window.recordingBegan = Date.now() / 1000; });
    return start.apply(this, options);
  };
})()"""
RECEIPT = re.compile(r"receipt (\S+)")


class Death(StrEnum):
    """page: it is closed, and asks nobody; tab: its process is killed; browser: all of it is"""

    PAGE = "page"
    TAB = "tab"
    BROWSER = "browser"


@dataclass(frozen=True, slots=True)
class Loss:
    """Seconds from the recorder's start to the death, and seconds of sound that the server has afterwards."""

    death: Death
    recorded: float
    recovered: float

    @property
    def lost(self) -> float:
        return self.recorded - self.recovered


class MortalPhone:
    """A browser with a profile of its own, into which a voice speaks without end.

    voice: WAV that its microphone hears over and over
    """

    def __init__(
        self, program: BrowserType, live: Live, who: Somebody, *, profile: Path, voice: Path
    ) -> None:
        self._program, self.live, self._who = program, live, who
        self._profile, self._voice = profile, voice
        self._context: BrowserContext
        self.page: Page
        self._open()

    def speaks(self, pseudonym: str) -> None:
        """That speaker is being recorded."""
        self._new_page(f"/record#{pseudonym}")
        self.page.locator("#open-recorder").click()
        self.page.locator("#recorder").get_by_role("button", name="Record").click()
        expect(self.page.locator("#recorder").get_by_role("button", name="Stop")).to_be_visible()

    def dies(self, death: Death) -> float:
        """Seconds that were recorded until then."""
        began = float(self.page.evaluate("() => window.recordingBegan"))
        if death is Death.PAGE:
            self.page.close()
            return time.time() - began
        at = time.time()
        if death is Death.TAB:
            kill_tabs(self._profile)
            return at - began
        kill_browser(self._profile)
        self.close()
        self._open()
        return at - began

    def comes_back(self) -> str:
        """What broke off is offered, heard and sent. Gives its receipt."""
        self._new_page("/record")
        takes = self.page.locator("#takes li")
        broken = takes.filter(has_text="Broke off.")
        line = self.page.locator(f"#{broken.get_attribute('id')}")
        broken.get_by_role("button", name="Listen and keep").click()
        recorder = self.page.locator("#recorder")
        recorder.locator("audio").evaluate("audio => { audio.defaultPlaybackRate = audio.playbackRate = 8; }")
        recorder.get_by_role("button", name="Listen").click()
        recorder.get_by_role("button", name="Keep and send").click()
        expect(line).to_contain_text(RECEIPT)
        receipt = RECEIPT.search(line.inner_text())
        assert receipt is not None
        return receipt[1]

    def close(self) -> None:
        with suppress(Error):
            self._context.close()

    def _open(self) -> None:
        microphone = f"--use-file-for-fake-audio-capture={self._voice}"
        self._context = self._program.launch_persistent_context(
            self._profile,
            executable_path=chromium(),
            args=[*FLAGS, microphone],
            base_url=self.live.address,
            viewport={"width": PHONE[0], "height": PHONE[1]},
            locale="en-IN",
            permissions=["microphone"],
        )
        self._context.set_default_timeout(PAGE_MILLISECONDS)
        self._context.add_init_script(NOTE_THE_START)
        name, value = self._who.cookie
        self._context.add_cookies([{"name": name, "value": value, "url": self.live.address}])
        self.page = self._context.new_page()

    def _new_page(self, path: str) -> None:
        with suppress(Error):
            self.page.close()
        self.page = self._context.new_page()
        self.page.goto(path)


def seconds_received(live: Live, receipt: str, folder: Path) -> float:
    """Seconds of sound in what was sent under that receipt, decoded as every recording is."""
    with live.portal.catalog.reading() as session:
        key = session.scalars(select(Upload.landing_key).where(Upload.receipt == receipt)).one()
    sound = folder / f"{receipt}.webm"
    sound.write_bytes(live.portal.store.get_bytes(str(key), 2**24))
    with open_recording(sound, Limits()) as recording:
        return sum(block.shape[1] for block in recording) / recording.info.sample_rate
