"""A WhatsApp chat and a memory card on Record, in a real browser: who is who is said once, nothing goes out twice."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import Speaker, Upload
from portal.context import PortalContext
from tests.portal.live import LAPTOP, PHONE, Live, axe_findings, context_of, served
from tests.portal.people import Somebody, sign_in
from tests.portal.record.field import KEPT_AND_HEARD, meets
from tests.waiting import until

pytestmark = pytest.mark.slow
SOUNDS = sorted(
    (Path(__file__).resolve().parents[3] / "examples" / "recordings" / "te").glob("te-01_00[2-4].mp3")
)
CHAT = """31/01/2024, 10:11 - Asha Devi: PTT-20240131-WA0001.opus (file attached)
31/01/2024, 10:12 - Ravi <b>: PTT-20240131-WA0002.opus (file attached)
01/02/2024, 10:13 - Asha Devi: PTT-20240201-WA0003.opus (file attached)
"""
NAMES = ("PTT-20240131-WA0001.opus", "PTT-20240131-WA0002.opus", "PTT-20240201-WA0003.opus")


@pytest.fixture
def asha(portal: PortalContext) -> Somebody:
    return sign_in(portal, "asha", [Role.COORDINATOR])


@pytest.fixture
def field(portal: PortalContext) -> Iterator[Live]:
    with served(portal) as live:
        yield live


@pytest.fixture(params=[PHONE, LAPTOP], ids=["phone", "laptop"])
def device(
    browser: Browser, field: Live, asha: Somebody, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    """No script of any of its pages may raise an error."""
    context = context_of(browser, field, asha, size=request.param)
    errors: list[str] = []
    context.on("weberror", lambda event: errors.append(f"{event.error.message} {event.error.stack}"))
    yield context
    context.close()
    assert not errors, errors


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    path = tmp_path / "WhatsApp Chat with Asha Devi.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_chat.txt", CHAT)
        for name, sound in zip(NAMES, SOUNDS, strict=True):
            archive.write(sound, name)
    return path


def brings(page: Page, control: str, path: Path) -> None:
    """A chat's archive, or a folder, chosen on the phone; ends where its senders stand."""
    page.locator("#begin").click()
    page.locator("#begin-box[open]").wait_for()
    page.locator(control).set_input_files(str(path))
    page.locator("#import-groups li.chosen, #import-said .bad").first.wait_for()


def chooses(page: Page, sender: str, pseudonym: str) -> None:
    page.get_by_label(f"Speaker of {sender}").select_option(label=f"{pseudonym} · Dumka")


def sent(portal: PortalContext) -> dict[str, str]:
    """Pseudonyms by the names of the files that the server has."""
    with portal.catalog.reading() as session:
        rows = select(Upload.name, Speaker.pseudonym).join(Speaker, Upload.speaker_id == Speaker.id)
        return dict(session.execute(rows).tuples().all())


def screenshot(page: Page, name: str) -> None:
    """Where somebody wants to look at it: SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=f"{folder}/{name}-{width}.png")


def test_a_chat_is_sorted_by_sender_and_each_is_chosen_once(device, portal, asha, exported):
    for pseudonym in ("DUM-001", "DUM-002"):
        meets(portal, pseudonym, asha.person_id)
    meets(portal, "DUM-009", asha.person_id, consents=False)
    page = device.new_page()
    page.goto("/record")

    brings(page, "#archive", exported)
    expect(page.locator("#import-groups li.chosen .who")).to_have_text(["Asha Devi", "Ravi <b>"])
    expect(page.locator("#import-groups option", has_text="DUM-009")).to_have_count(0)
    page.locator("#import-groups summary").first.click()
    screenshot(page, "senders")
    assert not axe_findings(page)
    chooses(page, "Asha Devi", "DUM-002")
    page.locator("#import-keep").click()
    expect(page.locator("#import-said")).to_contain_text("2 are kept")
    screenshot(page, "kept")
    until(lambda: sent(portal) == {NAMES[0]: "DUM-002", NAMES[2]: "DUM-002"})
    page.locator("#import-close").click()
    expect(page.locator("#takes")).to_contain_text("Received", timeout=KEPT_AND_HEARD)

    # the next export of the same chat: Asha is known, what came before is said and not sent again
    brings(page, "#archive", exported)
    expect(page.get_by_label("Speaker of Asha Devi").locator("option:checked")).to_have_text(
        "DUM-002 · Dumka"
    )
    chooses(page, "Ravi <b>", "DUM-001")
    page.locator("#import-keep").click()
    expect(page.locator("#import-said")).to_contain_text("2 were there already")
    until(lambda: sent(portal).get(NAMES[1]) == "DUM-001")
    names = page.evaluate("""async () => JSON.stringify(await new Promise((resolve) => {
        const asked = indexedDB.open("boli-record");
        asked.onsuccess = () => { const all = asked.result.transaction("notes").objectStore("notes").getAllKeys();
            all.onsuccess = () => resolve(all.result); }; }))""")
    assert "Asha" not in names and "sender " in names


def test_a_chat_is_kept_without_network_and_what_the_project_has_is_not_sent(
    device, browser, field, portal, asha, exported
):
    meets(portal, "DUM-001", asha.person_id)
    other_phone = context_of(browser, field, asha, size=PHONE)
    page = other_phone.new_page()
    page.goto("/record")
    brings(page, "#archive", exported)
    chooses(page, "Ravi <b>", "DUM-001")
    page.locator("#import-keep").click()
    until(lambda: NAMES[1] in sent(portal))
    other_phone.close()
    page = device.new_page()
    page.goto("/record")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    began: list[str] = []
    device.set_offline(True)

    brings(page, "#archive", exported)
    for sender in ("Asha Devi", "Ravi <b>"):
        chooses(page, sender, "DUM-001")
    page.locator("#import-keep").click()
    expect(page.locator("#import-said")).to_contain_text("3 are kept")
    page.locator("#import-close").click()
    device.on("request", lambda each: began.append(each.url) if each.method == "POST" else None)
    device.set_offline(False)

    expect(page.locator("#takes")).to_contain_text("The project has it already.")
    until(lambda: len(sent(portal)) == 3)
    assert len([url for url in began if url.endswith("/uploads")]) == 2


def test_a_cards_folder_is_sorted_by_its_folders(device, portal, asha, tmp_path):
    meets(portal, "DUM-001", asha.person_id)
    card = tmp_path / "card"
    for folder, sound in zip(("A", "A", "B"), SOUNDS, strict=True):
        (card / folder).mkdir(parents=True, exist_ok=True)
        (card / folder / sound.name).write_bytes(sound.read_bytes())
    (card / "B" / "notes.txt").write_text("no sound")
    page = device.new_page()
    page.goto("/record")

    brings(page, "#folder", card)

    expect(page.locator("#import-groups li.chosen .who")).to_have_text(["card/A", "card/B"])
    chooses(page, "card/A", "DUM-001")
    page.locator("#import-keep").click()
    until(lambda: sent(portal) == {sound.name: "DUM-001" for sound in SOUNDS[:2]})


def test_an_archive_that_is_none_is_said_to_be_so_and_a_changed_file_is_named(device, portal, asha, exported):
    meets(portal, "DUM-001", asha.person_id)
    page = device.new_page()
    page.goto("/record")
    whole = bytearray(exported.read_bytes())
    exported.write_bytes(whole[: len(whole) // 2])

    brings(page, "#archive", exported)
    expect(page.locator("#import-said")).to_contain_text("no whole zip file")
    page.locator("#import-close").click()
    with zipfile.ZipFile(exported, "w") as archive:
        archive.writestr("_chat.txt", CHAT)
        for name, sound in zip(NAMES, SOUNDS, strict=True):
            archive.write(sound, name)
    changed = exported.read_bytes().replace(SOUNDS[0].read_bytes()[5000:5100], bytes(100), 1)
    exported.write_bytes(changed)
    brings(page, "#archive", exported)
    chooses(page, "Asha Devi", "DUM-001")
    page.locator("#import-keep").click()

    expect(page.locator("#import-groups")).to_contain_text(NAMES[0])
    expect(page.locator("#import-said")).to_contain_text("1 is kept")
    screenshot(page, "changed")
