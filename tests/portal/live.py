"""The portal served on a port of this machine, and a real browser that visits it."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Playwright, expect

from portal.app import create_app
from portal.context import PortalContext
from tests.portal.people import Somebody
from tests.processes import free_ports
from tests.waiting import until

PAGE_MILLISECONDS = 180_000
"""How long a page may take to come to what is expected: for a machine that others use too."""
expect.set_options(timeout=PAGE_MILLISECONDS)

PHONE = (360, 640)
LAPTOP = (1366, 768)
AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
FINDINGS = """async () => {
    // What a bar covers until one scrolls is as large as it is elsewhere: bars lie where they end first.
    const bars = [...document.querySelectorAll("*")].filter(each => getComputedStyle(each).position === "sticky");
    bars.forEach(bar => bar.style.setProperty("position", "static"));
    const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const seen = await axe.run(document, {runOnly: rules});
    bars.forEach(bar => bar.style.removeProperty("position"));
    return seen.violations.map(
        each => each.id + ": " + each.nodes.map(node => node.html.slice(0, 160)).join(" | "));
}"""
FLAGS = (
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)


class NoBrowser(Exception):
    """Chromium is not installed."""


@dataclass(frozen=True, slots=True)
class Live:
    """A portal that answers at its address."""

    portal: PortalContext

    @property
    def address(self) -> str:
        return self.portal.address


@contextmanager
def served(portal: PortalContext, name: str = "127.0.0.1") -> Iterator[Live]:
    """Serve it on a free port until the end of the block. name: of this machine, as browsers are told it"""
    port = free_ports(1)[0]
    at_home = replace(portal, address=f"http://{name}:{port}")
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(at_home), host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started or not thread.is_alive())
    if not server.started:
        raise RuntimeError("the portal did not start")
    try:
        yield Live(at_home)
    finally:
        server.should_exit = True
        thread.join(10)


def chromium() -> str:
    """Debian's, by its path."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise NoBrowser("the tests look at the pages in Chromium: apt-get install chromium fonts-noto-core")
    return program


def launch(playwright: Playwright) -> Browser:
    """A browser with a microphone that beeps."""
    return playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))


def context_of(
    browser: Browser,
    live: Live,
    somebody: Somebody | None = None,
    *,
    size: tuple[int, int] = LAPTOP,
    language: str = "en",
    dark: bool = False,
) -> BrowserContext:
    """A browser profile of its own, in which that person is signed in."""
    context = context_at(browser, live.address, size=size, language=language, dark=dark)
    if somebody is not None:
        name, value = somebody.cookie
        context.add_cookies([{"name": name, "value": value, "url": live.address}])
    return context


def context_at(
    browser: Browser,
    address: str,
    *,
    size: tuple[int, int] = LAPTOP,
    language: str = "en",
    dark: bool = False,
) -> BrowserContext:
    """A browser profile of somebody who was never at that address."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": size[0], "height": size[1]},
        has_touch=size == PHONE,
        locale=f"{language}-IN",
        timezone_id="Asia/Kolkata",
        color_scheme="dark" if dark else "light",
        permissions=["microphone"],
        reduced_motion="reduce",
    )
    context.set_default_timeout(PAGE_MILLISECONDS)
    return context


def axe_findings(page: Page) -> list[str]:
    """What axe-core finds on the page as it stands: WCAG 2.2 AA, and what it calls best practice."""
    # The page's own policy lets no foreign script in: it is brought by the browser's debugger instead.
    page.evaluate(AXE.read_text("utf-8") + "; null")
    return [str(each) for each in page.evaluate(FINDINGS)]


def page_weights(link: CDPSession) -> dict[str, float]:
    """Bytes on the wire from now on, by address, filled as answers come. link: with `Network` enabled

    Voices are left out: they are what people came for, as long as they are.
    """
    addresses: dict[str, str] = {}
    weights: dict[str, float] = {}

    def asked(sent: dict[str, Any]) -> None:
        addresses[sent["requestId"]] = sent["request"]["url"]

    def came(finished: dict[str, Any]) -> None:
        address = addresses[finished["requestId"]]
        if "/listen/" not in address and "blob:" not in address:
            weights[address] = weights.get(address, 0) + finished["encodedDataLength"]

    link.on("Network.requestWillBeSent", asked)
    link.on("Network.loadingFinished", came)
    return weights
