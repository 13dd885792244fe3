"""The write screen over a bad link: how soon it sounds, and what is lost. Written into docs/benchmarks.md.

    python -m bench.write [--rounds 5] [--clips 8] [--cuts 20]

Chromium against the real portal (`python -m boli.serve.portal`, in a process of its own, SQLite and a store in a
folder), with real Telugu clips. The browser itself makes its link bad: 400 kbit/s up and down, and 400 ms before each
answer. Sound counts from the event `playing` of the page's audio element.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect, sync_playwright
from sqlalchemy import update

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.page import write_section
from boli.serve.portal_context import open_portal_context
from catalog.config.settings import Settings
from catalog.states import Role
from catalog.tables import SignIn
from portal.context import PortalContext
from tests.portal.browser.killing import kill_browser, kill_tabs
from tests.portal.browser.serving import serving
from tests.portal.conftest import home_with
from tests.portal.live import PHONE, Live, chromium, context_of, launch, page_weights
from tests.portal.people import Somebody, sign_in
from tests.processes import free_ports

CLIPS = tuple(f"te/te-01_{number:03}.mp3" for number in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12))
BYTES_A_SECOND = 400_000 / 8
LATENCY = 400
"""Milliseconds."""
TEXT = "ఈ రోజు ఊరిలో వాన పడింది రైతులు పొలానికి వెళ్ళారు "
WATCH = """
window.heard = [];
window.sent = [];
document.addEventListener("playing", () => window.heard.push(performance.now()), true);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter") window.sent.push(performance.now());
}, true);
"""


@dataclass(frozen=True, slots=True)
class Cuts:
    """How often the typing was cut off; characters typed, and characters that were gone afterwards."""

    number: int
    typed: int
    lost: int


@dataclass(frozen=True, slots=True)
class Ground:
    """The portal at work, and who writes there."""

    live: Live
    playwright: Playwright
    folder: Path
    program: str

    @property
    def portal(self) -> PortalContext:
        return self.live.portal

    def newcomer(self, number: int) -> Somebody:
        return sign_in(self.portal, f"writer-{number}", [Role.TRANSCRIBER])


def bad_link(context: BrowserContext, page: Page, *, cold: bool) -> None:
    """From here on that page's link is bad, and no service worker helps."""
    link = context.new_cdp_session(page)
    link.send("Network.enable")
    link.send("Network.setBypassServiceWorker", {"bypass": True})
    link.send("Network.setCacheDisabled", {"cacheDisabled": cold})
    conditions = {
        "offline": False,
        "latency": LATENCY,
        "downloadThroughput": BYTES_A_SECOND,
        "uploadThroughput": BYTES_A_SECOND,
    }
    link.send("Network.emulateNetworkConditions", conditions)


def first_sound(
    browser: Browser, ground: Ground, somebody: Somebody, rounds: int, *, cold: bool
) -> list[float]:
    """Seconds from the navigation to the first sound, each time in a browser profile of its own."""
    seconds = []
    for _ in range(rounds):
        context = context_of(browser, ground.live, somebody, size=PHONE)
        page = context.new_page()
        page.add_init_script(WATCH)
        if not cold:  # they were here before, over a good link
            page.goto("/write")
            page.wait_for_function("() => window.heard.length > 0")
        bad_link(context, page, cold=cold)
        page.goto("/write", wait_until="commit")
        page.wait_for_function("() => window.heard.length > 0", timeout=30_000)
        seconds.append(float(page.evaluate("() => window.heard[0]")) / 1000)
        context.close()
    return seconds


def next_sound(browser: Browser, ground: Ground, clips: int) -> list[float]:
    """Seconds from Ctrl+Enter under a finished text to the sound of the next clip."""
    context = context_of(browser, ground.live, ground.newcomer(2))
    page = context.new_page()
    page.add_init_script(WATCH)
    bad_link(context, page, cold=False)
    page.goto("/write")
    seconds = []
    for _ in range(clips):
        expect(page.locator("#text")).to_be_focused(timeout=30_000)
        slot = page.locator("#work").get_attribute("data-slot") or ""
        page.keyboard.type(TEXT.strip(), delay=20)
        expect(page.locator("#work")).to_have_attribute("data-heard", "true", timeout=60_000)
        before = int(page.evaluate("() => window.heard.length"))
        page.keyboard.press("Control+Enter")
        expect(page.locator("#work")).not_to_have_attribute("data-slot", slot, timeout=30_000)
        page.wait_for_function("before => window.heard.length > before", arg=before, timeout=30_000)
        seconds.append(float(page.evaluate("n => window.heard[n] - window.sent.at(-1)", before)) / 1000)
    context.close()
    return seconds


class Typist:
    """Somebody who types into one clip, is cut off, comes back, and looks at what is there."""

    def __init__(self, ground: Ground, dice: random.Random) -> None:
        self.ground = ground
        self.dice = dice
        self.who = ground.newcomer(3)
        self.profile = ground.folder / "profile"
        self.kept = ""
        self.typed = 0
        self.lost = 0
        self.context: BrowserContext
        self.page: Page
        self._open()

    def types(self) -> None:
        """Some letters, each counted once the box has it; at times a pause, in which the server gets them."""
        self.page.keyboard.press("Control+End")
        for _ in range(self.dice.randint(3, 30)):
            letter = TEXT[self.typed % len(TEXT)]
            self.page.keyboard.insert_text(letter)
            self.kept += letter
            self.typed += 1
            self.page.wait_for_timeout(self.dice.uniform(0, 120))
        if self.dice.random() < 0.4:
            self.page.wait_for_timeout(self.dice.uniform(0, 4000))

    def refresh(self) -> None:
        self.page.reload(wait_until="commit")
        self._come_back()

    def tab_crash(self) -> None:
        """As when the phone has no memory left: every page's process is gone."""
        kill_tabs(self.profile)
        self.page.close()
        self.page = self.context.new_page()
        self._come_back()

    def browser_killed(self) -> None:
        kill_browser(self.profile)
        with suppress(Error):
            self.context.close()
        self._open()

    def network_loss(self) -> None:
        self.context.set_offline(True)
        self.types()
        self.page.close()
        self.context.set_offline(False)
        self.page = self.context.new_page()
        self._come_back()

    def session_ended(self) -> None:
        """By a manager, or after three days away."""
        portal = self.ground.portal
        with portal.catalog.writing() as session:
            ended = {"ended_at": portal.clock()}
            session.execute(update(SignIn).where(SignIn.person_id == self.who.person_id).values(ended))
        self.types()
        again = sign_in(portal, "", [Role.TRANSCRIBER], person_id=self.who.person_id)
        self.who = again
        self._carry_cookie()
        self._come_back()

    def close(self) -> None:
        self.context.close()

    def _open(self) -> None:
        self.context = self.ground.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=self.ground.program,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
            base_url=self.ground.live.address,
        )
        self._carry_cookie()
        self.page = self.context.new_page()
        self._come_back()

    def _carry_cookie(self) -> None:
        name, value = self.who.cookie
        self.context.add_cookies([{"name": name, "value": value, "url": self.ground.live.address}])

    def _come_back(self) -> None:
        self.page.goto("/write")
        expect(self.page.locator("#text")).to_be_focused(timeout=30_000)
        found = self.page.locator("#text").input_value()
        self.lost += differing(self.kept, found)
        self.kept = found


def cut_off(ground: Ground, dice: random.Random, cuts: int) -> Cuts:
    """Type, and be cut off in every way in turn."""
    typist = Typist(ground, dice)
    ways: list[Callable[[], None]] = [
        typist.refresh,
        typist.tab_crash,
        typist.network_loss,
        typist.session_ended,
        typist.browser_killed,
    ]
    for number in range(cuts):
        typist.types()
        ways[number % len(ways)]()
    typist.close()
    return Cuts(cuts, typist.typed, typist.lost)


def differing(typed: str, found: str) -> int:
    """Characters that are gone, changed or too many."""
    pairs = zip(typed, found, strict=False)
    return abs(len(typed) - len(found)) + sum(one != other for one, other in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--cuts", type=int, default=20)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="boli-write-") as name:
        folder, port = Path(name), free_ports(1)[0]
        settings = Settings(home=home_with(folder, *CLIPS), portal_port=port, workers=1)
        with (
            open_portal_context(settings) as portal,
            serving(settings.home, port),
            sync_playwright() as playwright,
        ):
            browser = launch(playwright)
            ground = Ground(Live(portal), playwright, folder, chromium())
            somebody = ground.newcomer(1)
            weight = first_page_weight(browser, ground, somebody)
            cold = first_sound(browser, ground, somebody, options.rounds, cold=True)
            warm = first_sound(browser, ground, somebody, options.rounds, cold=False)
            following = next_sound(browser, ground, options.clips)
            browser.close()
            cuts = cut_off(ground, random.Random(options.cuts), options.cuts)
    text = _section(cold, warm, following, weight, cuts)
    print(text)
    write_section("write", text)


def first_page_weight(browser: Browser, ground: Ground, somebody: Somebody) -> float:
    """Bytes on the wire for somebody who was never here; the voice itself is left out."""
    context = context_of(browser, ground.live, somebody, size=PHONE)
    page = context.new_page()
    link = context.new_cdp_session(page)
    link.send("Network.enable")
    link.send("Network.setBypassServiceWorker", {"bypass": True})
    weights = page_weights(link)
    page.goto("/write")
    page.wait_for_load_state("networkidle")
    context.close()
    return sum(weights.values())


def _section(cold: list[float], warm: list[float], following: list[float], weight: float, cuts: Cuts) -> str:
    rows = [
        ("first visit, from the address to the first sound", _spread(cold), "4 s"),
        ("later visit (styles and scripts kept, no service worker)", _spread(warm), "4 s"),
        (
            f"Ctrl+Enter to the next clip's sound, {len(following)} clips in a row",
            _spread(following),
            "0.3 s",
        ),
        ("first page with all its styles and scripts", f"{weight / 1000:.0f} kB", "100 kB"),
        (f"of {cuts.typed} characters typed, lost over {cuts.number} cut-offs", f"{cuts.lost}", "0"),
    ]
    table = "\n".join(f"| {what} | {ours} | {goal} |" for what, ours, goal in rows)
    return (
        "## The write screen over a bad link\n\n"
        "Chromium against the real portal in a process of its own; the browser makes its link one of 400 kbit/s up and "
        f"down with {LATENCY} ms before each answer. Real Telugu clips; no service worker helps. Median, and the "
        "slowest. Typing is cut off at random moments by, in turn: loading the page again, a crash of the tab, the "
        "network going while somebody types on and closes the tab, a session ended on the server, and kill -9 of the "
        f"whole browser. The machine's load was {os.getloadavg()[0]:.1f}.\n\n"
        f"| | measured | goal |\n|---|---:|---:|\n{table}"
    )


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s, {max(seconds):.2f} s"


if __name__ == "__main__":
    main()
