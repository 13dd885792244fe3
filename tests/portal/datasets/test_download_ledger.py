"""What is fetched through the portal's pages and API is noted, and shown to the reader and to the manager."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import Download, Person, PersonPrivate, Release
from portal.app import create_app
from portal.context import PortalContext
from releases.downloader_messages import load_message_texts, make_messages
from releases.portal_store import PortalStore
from releases.pull import pull
from tests.portal.api.conftest import token_for
from tests.portal.live import served
from tests.portal.people import sign_in
from tests.releases.conftest import Archive as Shelf


def ledger(portal: PortalContext) -> list[tuple[str, str, int]]:
    with portal.catalog.reading() as session:
        rows = session.execute(
            select(Person.handle, Release.version, Download.bytes)
            .join(Person, Person.id == Download.person_id)
            .join(Release, Release.id == Download.release_id)
            .order_by(Person.handle, Release.version)
        )
        return [(handle, version, size) for handle, version, size in rows]


def a_part(client: TestClient, version: str = "1.0.0") -> str:
    listed = client.get(f"/datasets/tiny/{version}/files/checksums.sha256").text
    return re.search(r"  (data/\S+)", listed)[1]


def test_rows_fetched_from_a_page_are_noted_and_what_describes_them_is_not(
    reader: TestClient, portal: PortalContext
) -> None:
    path = a_part(reader)
    reader.get("/datasets/tiny/1.0.0/files/README.md")
    assert ledger(portal) == []

    whole = reader.get(f"/datasets/tiny/1.0.0/files/{path}")
    reader.get(f"/datasets/tiny/1.0.0/files/{path}", headers={"Range": "bytes=0-9"})
    reader.get(f"/datasets/tiny/1.0.0/files/{path}", headers={"Range": "bytes=99999999-"})

    assert ledger(portal) == [("leela", "1.0.0", len(whole.content) + 10)]


def test_links_and_lines_that_a_program_takes_are_noted_as_its_owners(portal: PortalContext) -> None:
    token = token_for(portal, "usha")
    with TestClient(create_app(portal), base_url=portal.address) as program:
        program.headers["Authorization"] = f"Bearer {token}"
        files = program.get("/api/v1/datasets/tiny/versions/1.0.0/files").json()["files"]
        assert ledger(portal) == []
        link = urlsplit(next(each["url"] for each in files if each["path"].startswith("data/")))
        del program.headers["Authorization"]
        got = program.get(f"{link.path}?{link.query}")
        program.headers["Authorization"] = f"Bearer {token}"
        lines = program.get("/api/v1/datasets/tiny/versions/1.1.0/lines").json()["lines"]

    texts = sum(len(each["text"].encode()) for each in lines)
    assert ledger(portal) == [("usha", "1.0.0", len(got.content)), ("usha", "1.1.0", texts)]


@pytest.mark.parametrize(("told", "noted"), [("1.0.0", "1.0.0"), (None, "1.1.0")])
def test_a_pull_is_noted_under_the_version_that_it_fetches_or_the_newest_with_its_parts(
    portal: PortalContext, tmp_path: Path, told: str | None, noted: str
) -> None:
    token = token_for(portal, "pulls")
    with served(portal) as live, PortalStore(live.portal.address, token) as store:
        store.version = told
        pulled = pull(store, "tiny", "1.0.0", tmp_path / "copy")

    rows = {version: size for _, version, size in ledger(portal)}
    assert noted in rows
    if told:
        assert list(rows) == ["1.0.0"]
        assert 0.5 * pulled.bytes < rows["1.0.0"] <= pulled.bytes + 10_000


def test_a_copy_with_withdrawn_rows_is_told_on_the_datasets_page_until_it_is_pulled_again(
    portal: PortalContext, shelf: Shelf
) -> None:
    leela = sign_in(portal, "leela", [Role.ML_READER])
    with TestClient(create_app(portal), base_url=portal.address) as client:
        reader = leela.browser(client)
        reader.get(f"/datasets/tiny/1.0.0/files/{a_part(reader)}")
        before = reader.get("/datasets").text
        shelf.now = portal.clock() - timedelta(
            minutes=2
        )  # a minute for each act, so that the last one is now
        shelf.withdraw("te-01")
        shelf.erase()
        warned = reader.get("/datasets").text
        reader.get(f"/datasets/tiny/1.0.0/files/{a_part(reader)}")
        after = reader.get("/datasets").text
        assert "pull again" not in before + after
        assert "2 rows of versions you downloaded were withdrawn: pull again." in warned


def test_the_manager_sees_who_holds_a_withdrawn_voice_and_what_they_are_written(
    portal: PortalContext, shelf: Shelf
) -> None:
    leela = sign_in(portal, "leela", [Role.ML_READER])
    manager = sign_in(portal, "meera", [Role.MANAGER])
    with TestClient(create_app(portal), base_url=portal.address) as client:
        reader = leela.browser(client)
        reader.get(f"/datasets/tiny/1.0.0/files/{a_part(reader)}")
    shelf.now = portal.clock()
    shelf.withdraw("te-01")
    shelf.erase()
    texts = load_message_texts(portal.configs / "messages" / "withdrawn.yaml")
    with portal.catalog.writing() as session:
        make_messages(session, "demo", texts, at=portal.clock())

    with TestClient(create_app(portal), base_url=portal.address) as client:
        page = manager.browser(client).get("/manage/withdrawals").text

    assert "leela, tiny 1.0.0: not pulled again yet" in page
    assert "rows of versions of tiny that you downloaded" in page and ">ready<" in page


def test_a_reader_says_where_they_are_written_and_it_is_shown_to_nobody_else(portal: PortalContext) -> None:
    leela = sign_in(portal, "leela", [Role.ML_READER])
    with TestClient(create_app(portal), base_url=portal.address, follow_redirects=False) as client:
        reader = leela.browser(client)
        reader.cookies.set("boli-language", "ta")
        wrong = reader.post("/me/contact", data={"token": leela.token, "email": "leela at home"})
        right = reader.post("/me/contact", data={"token": leela.token, "email": " leela@example.org "})
        mine = reader.get("/me").text

    assert wrong.status_code == 422 and right.status_code == 303
    assert "leela@example.org" in mine
    with portal.catalog.reading() as session:
        private = session.get_one(PersonPrivate, leela.person_id)
    assert (private.email, private.interface_language) == ("leela@example.org", "ta")
