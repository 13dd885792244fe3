"""People report rows of a version and mark versions; everybody who looks at them is told."""

import html
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from catalog.states import Role
from catalog.tables import Clip, ReleaseItem, Task
from portal.app import create_app
from portal.context import PortalContext
from releases.marks import marks
from releases.release_rows import release_id
from tests.portal.people import Somebody, sign_in
from tests.releases.conftest import Archive as Shelf
from transcription.second_look import open_reports


@pytest.fixture
def leela(portal: PortalContext) -> Somebody:
    return sign_in(portal, "leela", [Role.ML_READER])


@pytest.fixture
def browser(portal: PortalContext) -> Iterator[TestClient]:
    with TestClient(create_app(portal), base_url=portal.address, follow_redirects=False) as found:
        yield found


def one_clip(portal: PortalContext, version: str = "1.1.0") -> str:
    with portal.catalog.reading() as session:
        found = session.query(ReleaseItem.clip_id).filter_by(release_id=release_id("tiny", version)).first()
    assert found is not None
    return str(found[0])


def test_a_reader_reports_a_row_and_it_is_in_no_new_version_until_a_reviewer_has_looked(
    portal: PortalContext, browser: TestClient, leela: Somebody, shelf: Shelf
) -> None:
    reader = leela.browser(browser)
    clip = one_clip(portal)
    form = {"token": leela.token, "clip": clip, "why": "the second word is another"}

    answer = reader.post("/datasets/tiny/1.1.0/report", data=form)
    again = reader.post("/datasets/tiny/1.1.0/report", data=form)

    assert "Reported." in reader.get(answer.headers["location"]).text
    assert "Somebody looks at this clip already." in reader.get(again.headers["location"]).text
    with portal.catalog.reading() as session:
        assert set(session.scalars(open_reports("demo"))) == {clip}
    assert shelf.publish().held_back == {"open_report": 1}


def test_a_row_that_the_version_has_not_or_whose_voice_withdrew_can_not_be_reported(
    portal: PortalContext, browser: TestClient, leela: Somebody, shelf: Shelf
) -> None:
    reader = leela.browser(browser)
    with portal.catalog.reading() as session:
        theirs = session.query(ReleaseItem.clip_id).filter_by(speaker="te-02").first()
    assert theirs is not None
    shelf.withdraw("te-02")

    for clip in ("clip-nothing", theirs[0]):
        form = {"token": leela.token, "clip": clip, "why": "x"}
        assert reader.post("/datasets/tiny/1.1.0/report", data=form).status_code == 404


def test_a_manager_yanks_a_version_and_lists_pages_and_program_are_told_why(
    portal: PortalContext, browser: TestClient
) -> None:
    somebody = sign_in(portal, "asha", [Role.MANAGER])
    manager = somebody.browser(browser)
    form = {"token": somebody.token, "kind": "yanked", "why": "two <b>villages</b> were mixed up"}

    answer = manager.post("/datasets/tiny/1.0.0/mark", data=form)

    assert answer.status_code == 303
    (said,) = marks(portal.store, "tiny", "1.0.0")
    assert (said.kind, said.why, said.by) == ("yanked", form["why"], somebody.person_id)
    for path in ("/datasets/tiny", "/datasets/tiny/1.0.0"):
        page = manager.get(path).text
        assert "should not be used" in page
        assert "<b>villages" not in page and form["why"] in html.unescape(page)

    manager.post("/datasets/tiny/1.0.0/mark", data={**form, "kind": "in use", "why": "it was another"})

    assert "should not be used</span>" not in manager.get("/datasets/tiny").text


def test_only_managers_of_the_project_mark_its_versions(
    portal: PortalContext, browser: TestClient, leela: Somebody
) -> None:
    reader = leela.browser(browser)
    assert "1.0.0/mark" not in reader.get("/datasets/tiny/1.0.0").text

    answer = reader.post(
        "/datasets/tiny/1.0.0/mark", data={"token": leela.token, "kind": "yanked", "why": "x"}
    )

    assert answer.status_code == 403
    assert marks(portal.store, "tiny", "1.0.0") == ()


def test_the_versions_of_a_dataset_say_their_size_and_what_was_erased(
    portal: PortalContext, browser: TestClient, leela: Somebody, shelf: Shelf
) -> None:
    shelf.withdraw("te-02")
    shelf.erase()

    page = leela.browser(browser).get("/datasets/tiny").text

    assert len(re.findall(r"\d kB ·", page)) == 2
    assert page.count("2 clips taken out") == 2


def test_changed_texts_are_read_before_and_after_and_heard(
    portal: PortalContext, browser: TestClient, leela: Somebody
) -> None:
    with portal.catalog.reading() as session:
        for (key,) in session.query(Clip.preview_key):
            portal.store.put_bytes(key, b"OggS")
    reader = leela.browser(browser)

    page = reader.get("/datasets/tiny/1.1.0/changes").text

    (said,) = re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", page)
    assert "<del>" in said or "<ins>" in said
    assert "నాకు" in re.sub(r"<[^>]+>", "", said)
    (link,) = re.findall(r'<audio[^>]* src="([^"]+)"', page)
    assert reader.get(html.unescape(link)).status_code == 200


def test_a_changed_text_of_a_voice_that_withdrew_is_not_shown(
    portal: PortalContext, browser: TestClient, leela: Somebody, shelf: Shelf
) -> None:
    reader = leela.browser(browser)
    before = reader.get("/datasets/tiny/1.1.0/changes").text
    speaker = re.search(r"<figcaption[^>]*>[^·]+· ([^ ]+) ·", before)
    assert speaker is not None

    shelf.withdraw(speaker[1])

    assert "<blockquote" not in reader.get("/datasets/tiny/1.1.0/changes").text
    with portal.catalog.reading() as session:
        assert session.query(Task).count()
