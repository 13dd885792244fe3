"""From an empty home and `boli up` alone: everybody's first days, one after another, until a version is loaded."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from boli.serve.service import free_port
from catalog.config.settings import ROOT
from tests.portal.access.newcomer import chooses_a_pin, comes_in
from tests.portal.browser.test_days import RECORDING, TWICE_AS_FAST
from tests.portal.datasets.test_readers_day import copies, makes_a_token, runs_in_a_shell
from tests.portal.live import LAPTOP, PHONE, context_at
from tests.portal.projects.test_first_project import lets_a_native_speaker_sign, makes_the_project
from tests.portal.record.field import KEPT_AND_HEARD, sends_somebody_new
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"]),
]

TEXT = "ఇప్పుడు మన ముందున్న అతి పెద్ద సవాలు ఇదే"
"""What is said in the recording."""
COLLEAGUES = {
    "asha": "coordinator",
    "gita": "transcriber",
    "hari": "transcriber",
    "sunita": "reviewer",
    "leela": "dataset reader",
}


@pytest.fixture
def first_link(tmp_path: Path) -> Iterator[str]:
    """`boli up` in a home of which there is nothing yet: the link that it prints on a terminal."""
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("BOLI_", "PREFECT_"))}
    printed = tmp_path / "printed"
    with printed.open("wb") as out:
        up = subprocess.Popen(
            [sys.executable, "-m", "boli.cli", "up"],
            env={
                **plain,
                "BOLI_HOME": str(tmp_path / "home"),
                "BOLI_CONFIGS": str(tmp_path / "configs"),
                "BOLI_PREFECT_PORT": str(free_port()),
                "BOLI_PORTAL_PORT": str(free_port()),
                "FORCE_COLOR": "1",  # as on a terminal: elsewhere no link is printed
                "COLUMNS": "200",
            },
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: up.poll() is not None or re.search(rb"http\S+/invite/\S+", printed.read_bytes()))
        found = re.search(r"http\S+/invite/\S+", printed.read_text("utf-8"))
        assert found, printed.read_text("utf-8")
        yield found[0]
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(PATIENCE_SECONDS)


@contextmanager
def arrives(
    browser: Browser, link: str, size: tuple[int, int], way_in: Callable[[Page, str], None] = comes_in
) -> Iterator[Page]:
    """Somebody in a browser that was never here, by the link that they were sent."""
    address, _, code = link.partition("/invite/")
    context: BrowserContext = context_at(browser, address, size=size)
    context.add_init_script(TWICE_AS_FAST)
    context.grant_permissions(["clipboard-read", "clipboard-write", "microphone"])
    page = context.new_page()
    way_in(page, f"/invite/{code}")
    yield page
    context.close()


def takes_on(page: Page, handle: str, role: str) -> str:
    """Their link, made on the page of people."""
    page.goto("/manage/people")
    page.get_by_text("Take somebody on").click()
    page.get_by_label("Short name that colleagues see").fill(handle)
    page.get_by_role("checkbox", name=role).check()
    page.get_by_role("checkbox", name="తెలుగు").check()
    page.get_by_role("button", name="Take on, and make the invite").click()
    page.get_by_role("button", name="Make a link").click()
    return page.locator("#link").inner_text()


def runs_now(page: Page, flow: str) -> None:
    """A flow, by its button; the page follows it to its end. One that the clock began first is waited for."""
    page.goto("/datasets/runs")
    page.get_by_role("button", name=f"Run now: {flow}").click()
    of_the_flow = page.locator("tr", has_text=flow)
    asked = of_the_flow.filter(has_text="asked for").first
    over = re.compile("done|failed|broke off|one was running already")
    expect(asked).to_contain_text(over, timeout=KEPT_AND_HEARD)
    expect(of_the_flow.filter(has_text="runs now")).to_have_count(0, timeout=KEPT_AND_HEARD)
    expect(asked).to_contain_text(re.compile("done|one was running already"))


def writes(page: Page) -> None:
    """The one clip, as it is said."""
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.insert_text(TEXT)
    expect(page.locator("#work")).to_have_attribute("data-heard", "true")
    page.get_by_role("button", name="Send, next clip").click()
    expect(page.locator("#strip-clips")).to_have_text("1")


def accepts(page: Page) -> None:
    """The one clip that waits for a reviewer."""
    expect(page.get_by_text("The texts agree, but too little is known")).to_be_visible()
    expect(page.locator("#accept")).to_have_attribute("aria-disabled", "false")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#nothing")).to_be_visible()


def lets_one_voice_be_enough(page: Page) -> None:
    """What holds the clip back is said, and changed in the settings."""
    page.goto("/datasets")
    page.get_by_role("link", name="What the next run would find").click()
    expect(page.locator("main")).to_contain_text(
        "1 clip Its language has so few speakers that one could be recognised. At least 5 speakers are wanted."
    )
    page.goto("/manage/settings/release")
    page.get_by_label("a language with fewer speakers is held back").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    page.goto("/datasets/choose")
    expect(page.locator("main")).not_to_contain_text("Accepted, and held back")


def test_everybody_comes_by_a_link_and_a_version_is_loaded_without_a_command_after_boli_up(
    browser: Browser, first_link: str, size: tuple[int, int], tmp_path: Path
) -> None:
    with arrives(browser, first_link, size, chooses_a_pin) as owner:
        owner.wait_for_url("**/owner")
        makes_the_project(owner)
        lets_a_native_speaker_sign(owner)
        links = {handle: takes_on(owner, handle, role) for handle, role in COLLEAGUES.items()}
        with arrives(browser, links["asha"], size) as asha:
            sends_somebody_new(asha, RECORDING)
        runs_now(owner, "Take up what came in")
        for writer in ("gita", "hari"):
            with arrives(browser, links[writer], size) as page:
                writes(page)
        with arrives(browser, links["sunita"], size) as sunita:
            accepts(sunita)
        runs_now(owner, "Take up what came in")
        lets_one_voice_be_enough(owner)
        runs_now(owner, "Publish a version")
        with arrives(browser, links["leela"], size) as leela:
            leela.get_by_role("link", name="dumka 1.0.0").click()
            token = makes_a_token(leela)
            leela.goto("/datasets/dumka/1.0.0")
            fetch, load = (
                copies(leela, "Fetch it, every byte compared"),
                copies(leela, "Hugging Face datasets"),
            )

    machine = tmp_path / "machine"
    machine.mkdir()
    runs_in_a_shell(machine, fetch, token=token)
    (machine / "load.py").write_text(load, "utf-8")
    assert runs_in_a_shell(machine, "python load.py", token=token).strip() == TEXT
