"""A first day of somebody who trains models: from the link they were sent to rows on their machine, then fewer."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import soundfile
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from audio.render import preview_bytes
from catalog.states import Role
from catalog.tables import Clip
from portal.context import PortalContext
from tests.portal.access.newcomer import comes_in, invite, take_on
from tests.portal.live import LAPTOP, PHONE, Live, context_of, served
from tests.releases.conftest import TEXTS
from tests.releases.conftest import Archive as Shelf
from tests.waiting import PATIENCE_SECONDS
from transcription.second_look import open_reports

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"]),
]

PREVIEW = 16_000  # bits a second
COUNT = "python -c 'import datasets; print(sum(map(len, datasets.load_dataset(\"tiny\").values())))'"


@pytest.fixture
def audible(portal: PortalContext) -> Iterator[Live]:
    """The portal with two versions, served, with clips as a browser hears them."""
    with portal.catalog.reading() as session:
        clips = session.execute(select(Clip.cut_key, Clip.preview_key)).all()
    for cut, preview in clips:
        samples, rate = soundfile.read(io.BytesIO(portal.store.get_bytes(cut, 2**20)), dtype="float32")
        portal.store.put_bytes(preview, preview_bytes([samples], rate, PREVIEW))
    with served(portal) as live:
        yield live


@pytest.fixture
def profile(browser: Browser, audible: Live, size: tuple[int, int]) -> Iterator[BrowserContext]:
    """A browser that was never here, and that lets pages copy."""
    context = context_of(browser, audible, size=size)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The folder that somebody who trains models works in, on a machine of their own."""
    folder = tmp_path / "machine"
    folder.mkdir()
    return folder


def runs_in_a_shell(machine: Path, code: str, *, token: str) -> str:
    """What the copied lines print in the shell of that machine; the token stands where they say."""
    done = subprocess.run(
        ["bash", "-euc", code.replace("boli_…", token)],
        cwd=machine,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "BOLI_HOME": str(machine / "home"),
            "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_CACHE": str(machine / "cache"),
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copies(page: Page, title: str) -> str:
    """The code below that heading, by the button beside it."""
    box = page.locator("h3", has_text=title).locator("xpath=following-sibling::*[1]")
    box.get_by_role("button", name="Copy").click()
    expect(box.get_by_role("button")).to_have_text("Copied")
    return str(page.evaluate("() => navigator.clipboard.readText()"))


def opens_the_newest_version(page: Page) -> None:
    page.get_by_role("link", name="Datasets", exact=True).first.click()
    page.get_by_role("link", name="tiny 1.1.0").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("tiny 1.1.0")


def reads_what_changed(page: Page) -> None:
    page.get_by_role("link", name="What changed").click()
    expect(page.locator("dl.figures")).to_contain_text("2")
    expect(page.locator("del")).to_have_text("పాట పాడటం")


def hears_a_sample_and_reports_its_text(page: Page) -> str:
    """The clip that was reported."""
    page.get_by_role("link", name="1.1.0", exact=True).click()
    page.get_by_role("link", name="Listen to samples").click()
    first = page.locator("figure.heard").first
    first.get_by_role("button", name="Play").click()
    expect(first.locator("[data-start][aria-current=true]")).to_be_visible()
    clip = str(first.get_attribute("id")).removeprefix("heard-")
    first.get_by_text("Its text is wrong").click()
    first.get_by_label("What is wrong?").fill("the second word is another")
    first.get_by_role("button", name="Report it to a reviewer").click()
    expect(page.get_by_role("status").first).to_contain_text("Reported.")
    return clip


def makes_a_token(page: Page) -> str:
    """From the page of a version."""
    page.get_by_role("link", name="Load it").click()
    page.get_by_role("link", name="My tokens").click()
    page.get_by_label("What will use it").fill("training")
    page.get_by_role("button", name="Make a token").click()
    page.get_by_role("button", name="Copy").click()
    return str(page.evaluate("() => navigator.clipboard.readText()"))


def test_from_the_link_to_a_row_on_ones_machine_and_to_what_is_left_once_a_voice_withdrew(
    profile: BrowserContext, portal: PortalContext, shelf: Shelf, machine: Path
) -> None:
    page = profile.new_page()

    comes_in(page, invite(portal, take_on(portal, "leela", Role.ML_READER)))
    opens_the_newest_version(page)
    reads_what_changed(page)
    reported = hears_a_sample_and_reports_its_text(page)
    opens_the_newest_version(page)
    token = makes_a_token(page)
    opens_the_newest_version(page)
    fetch, load = copies(page, "Fetch it, every byte compared"), copies(page, "Hugging Face datasets")
    check = copies(page, "Check a copy")
    runs_in_a_shell(machine, fetch, token=token)
    (machine / "load.py").write_text(load, "utf-8")
    printed = runs_in_a_shell(machine, "python load.py", token=token)
    checked = runs_in_a_shell(machine, check, token=token)
    rows = int(runs_in_a_shell(machine, COUNT, token=token))

    assert printed.strip() in TEXTS.values()
    assert "FAILED" not in checked and "OK" in checked
    assert rows == 12
    with portal.catalog.reading() as session:
        assert set(session.scalars(open_reports("demo"))) == {reported}

    shelf.now = portal.clock() - timedelta(minutes=2)  # a minute for each act, so that the last one is now
    shelf.withdraw("te-01")
    shelf.erase()
    page.goto("/datasets")
    expect(page.locator("main")).to_contain_text("of versions you downloaded were withdrawn: pull again.")
    runs_in_a_shell(machine, fetch, token=token)
    page.reload()
    expect(page.locator("main")).not_to_contain_text("pull again")
    assert int(runs_in_a_shell(machine, COUNT, token=token)) == 8
