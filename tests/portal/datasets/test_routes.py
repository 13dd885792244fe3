"""The pages of dataset versions, over versions that were really published."""

import hashlib
import html
import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import AuditEvent, Clip, Download
from portal.app import create_app
from tests.portal.people import sign_in


def acts(portal, action: str) -> list[AuditEvent]:
    with portal.catalog.reading() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


def test_the_newest_version_stands_first_and_old_ones_a_step_away(reader):
    shelf, dataset = reader.get("/datasets").text, reader.get("/datasets/tiny").text

    assert "/datasets/tiny/1.1.0" in shelf and "/datasets/tiny/1.0.0" not in shelf
    assert dataset.index("/datasets/tiny/1.1.0") < dataset.index("/datasets/tiny/1.0.0")


def test_a_version_says_what_it_holds_by_every_fact_and_how_to_load_it(reader, portal):
    page = reader.get("/datasets/tiny/1.0.0").text

    figures = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
    assert (figures["clips"], figures["speakers"]) == ("10", "5")
    assert re.search(r"<th scope=\"row\">Telugu</th>.*?8 clips.*?4 speakers", page, re.S)
    assert re.search(r"<th scope=\"row\">women</th>.*?6 clips", page, re.S)
    assert re.search(r"<th scope=\"row\">Warangal</th>", page)
    said = html.unescape(page)
    assert f"boli release pull {portal.address}/datasets/tiny/1.0.0 tiny" in said
    assert 'load_dataset("tiny")' in said
    assert portal.store.url not in said  # a folder of this machine, which a reader's own does not know
    assert "Voices of three villages" in page  # its card


def test_no_page_of_datasets_has_a_style_or_script_of_its_own(reader):
    for path in ("", "/tiny", "/tiny/1.1.0", "/tiny/1.1.0/changes", "/tiny/1.1.0/samples", "/runs"):
        page = reader.get(f"/datasets{path}").text

        assert "style=" not in page
        assert not re.findall(r"<script(?! type=\"(?:module|application/json)\")", page)


def test_what_a_card_says_is_never_taken_for_html(reader, portal):
    reader.get("/datasets/tiny/1.1.0")
    key = "datasets/tiny/1.1.0/README.md"
    portal.store.delete(key)
    portal.store.put_bytes(key, b"---\na: 1\n---\n# T\n<script>alert(1)</script> [x](javascript:alert(1))\n")

    page = reader.get("/datasets/tiny/1.1.0").text

    assert "<script>alert" not in page and 'href="javascript' not in page
    assert "&lt;script&gt;" in page


def test_the_difference_to_the_version_before_is_counted(reader):
    page = reader.get("/datasets/tiny/1.1.0/changes").text

    figures = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
    assert figures["clips added"] == "2"
    assert figures["clips changed"] == figures["texts rewritten"] == "1"
    assert figures["as they were"] == "9"
    assert reader.get("/datasets/tiny/1.1.0/changes?against=9.9.9").status_code == 404
    assert "This is the first version." in reader.get("/datasets/tiny/1.0.0/changes").text


def test_samples_can_be_heard_and_it_is_written_down_who_was_given_them(reader, portal):
    with portal.catalog.reading() as session:
        for key in session.scalars(select(Clip.preview_key)):
            portal.store.put_bytes(key, b"OggS")

    page = reader.get("/datasets/tiny/1.1.0/samples").text

    links = [html.unescape(each) for each in re.findall(r'<audio[^>]* src="([^"]+)"', page)]
    assert len(links) == 8
    assert {reader.get(link).status_code for link in links} == {200}
    (event,) = acts(portal, "release.samples_given")
    assert len(event.detail["clips"]) == 8
    more = html.unescape(re.search(r'href="(\?[^"]+after=[^"]+)"', page)[1])
    rest = reader.get(f"/datasets/tiny/1.1.0/samples{more}").text
    assert len(re.findall("<audio", rest)) == 4
    assert len(re.findall("<audio", reader.get("/datasets/tiny/1.1.0/samples?language=kn").text)) == 2


def test_a_voice_that_withdrew_is_not_heard_any_more_and_the_version_says_so(reader, shelf):
    shelf.withdraw("te-01")

    heard = reader.get("/datasets/tiny/1.0.0/samples?language=te").text
    shelf.erase()
    page = reader.get("/datasets/tiny/1.0.0").text

    assert "te-01 ·" not in heard
    assert "2 clips were taken out of this version" in page
    assert dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))["clips"] == "8"


def test_a_file_comes_whole_or_in_the_range_asked_for(reader, portal):
    checksums = reader.get("/datasets/tiny/1.0.0/files/checksums.sha256")
    listed = dict(reversed(line.split("  ", 1)) for line in checksums.text.splitlines())
    path = next(path for path in listed if path.startswith("data/"))

    whole = reader.get(f"/datasets/tiny/1.0.0/files/{path}")
    part = reader.get(f"/datasets/tiny/1.0.0/files/{path}", headers={"Range": "bytes=10-19"})
    none = reader.get(f"/datasets/tiny/1.0.0/files/{path}", headers={"Range": "bytes=99999999-"})

    assert hashlib.sha256(whole.content).hexdigest() == listed[path]
    assert whole.headers["content-length"] == str(len(whole.content))
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    assert none.status_code == 416
    assert {event.detail["path"] for event in acts(portal, "release.file_given")} == {
        path,
        "checksums.sha256",
    }


@pytest.mark.parametrize(
    "path",
    [
        "/datasets/nothing",
        "/datasets/..%2f..",
        "/datasets/tiny/0.0.1",
        "/datasets/tiny/1.0.0/files/../versions/1.0.0.json",
        "/datasets/tiny/1.0.0/files/nothing",
        "/datasets/tiny/1.0.0/signed/README.md?by=x&until=99999999999&proof=00",
    ],
)
def test_what_is_not_there_is_not_found(reader, path):
    assert reader.get(path).status_code == 404


def test_the_pictures_of_a_card_are_shown_on_its_page_and_nobody_counts_as_having_the_version(reader, portal):
    page = reader.get("/datasets/tiny/1.0.0").text
    shown = re.findall(r'<img src="(/datasets/tiny/1\.0\.0/pictures/[a-z]+\.svg)" alt="[^"]+"', page)

    answers = [reader.get(each) for each in shown]

    assert len(shown) >= 2
    assert {answer.headers["Content-Type"] for answer in answers} == {"image/svg+xml"}
    assert all("sandbox" in answer.headers["Content-Security-Policy"] for answer in answers)
    assert all(answer.text.startswith("<svg") for answer in answers)
    with portal.catalog.reading() as session:
        assert session.scalars(select(Download)).all() == []
    assert reader.get("/datasets/tiny/1.0.0/pictures/README.md").status_code == 404
    assert reader.get("/datasets/tiny/1.0.0/pictures/nothing.svg").status_code == 404


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TRANSCRIBER, Role.REVIEWER])
def test_pages_of_datasets_are_for_ml_readers_and_managers(portal, shelf, role):
    with TestClient(create_app(portal), base_url=portal.address, follow_redirects=False) as browser:
        assert browser.get("/datasets/tiny/1.0.0/files/README.md").status_code == 401
        other = sign_in(portal, "other", [role]).browser(browser)
        for path in (
            "",
            "/tiny",
            "/tiny/1.0.0",
            "/tiny/1.0.0/samples",
            "/tiny/1.0.0/files/README.md",
            "/runs",
        ):
            assert other.get(f"/datasets{path}").status_code == 403
