"""Versions, files and lines as a program gets them."""

import hashlib
import subprocess
import sys

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import AuditEvent
from portal.app import create_app
from portal.datasets.loading import snippets
from releases.versions import read_version
from tests.portal.api.conftest import token_for
from tests.portal.live import served
from tests.waiting import PATIENCE_SECONDS

TINY = "/api/v1/datasets/tiny"


def test_a_program_finds_every_version_and_what_it_holds(program, portal):
    (tiny,) = program.get("/api/v1/datasets").json()["datasets"]
    answer = program.get(f"{TINY}/versions/1.1.0").json()

    assert [each["version"] for each in tiny["versions"]] == ["1.1.0", "1.0.0"]
    assert program.get(TINY).json() == tiny
    assert answer["version"] == tiny["versions"][0]
    assert answer["address"] == f"{portal.store.url}/datasets/tiny/1.1.0"
    assert answer["total"]["clips"] == answer["version"]["clips"] == 12
    assert {each["value"]: each["clips"] for each in answer["figures"]["language"]} == {"te": 10, "kn": 2}
    assert sum(each["seconds"] for each in answer["figures"]["split"]) == answer["version"]["seconds"]


def test_paged_through_every_file_comes_once_with_a_link_to_its_bytes(program, portal):
    found, cursor, pages = [], "", 0
    while cursor is not None:
        page = program.get(f"{TINY}/versions/1.1.0/files", params={"cursor": cursor, "limit": 7}).json()
        found += page["files"]
        cursor, pages = page["next_cursor"], pages + 1

    committed = {file.path: file.sha256 for file in read_version(portal.store, "tiny", "1.1.0").files}
    assert {each["path"]: each["sha256"] for each in found} == committed
    assert len(found) == len(committed) and pages == -(-len(committed) // 7)
    with TestClient(create_app(portal), base_url=portal.address) as anybody:
        for each in found:
            data = anybody.get(each["url"]).content
            assert (len(data), hashlib.sha256(data).hexdigest()) == (each["bytes"], each["sha256"])
        other = found[0]["url"].replace(found[0]["path"], found[1]["path"])
        assert anybody.get(other).status_code == 404
    with portal.catalog.reading() as session:
        given = session.scalars(select(AuditEvent).where(AuditEvent.action == "release.links_given")).all()
    assert sum(each.detail["files"] for each in given) == len(committed)


def test_a_link_to_a_file_ends_within_the_hour(program, portal):
    from dataclasses import replace
    from datetime import timedelta

    url = program.get(f"{TINY}/versions/1.0.0/files?limit=1").json()["files"][0]["url"]
    later = replace(portal, clock=lambda: portal.clock() + timedelta(minutes=61))

    with TestClient(create_app(later), base_url=portal.address) as anybody:
        assert anybody.get(url).status_code == 410


def test_lines_come_in_pages_by_split_and_without_what_was_taken_out(program, shelf):
    first = program.get(f"{TINY}/versions/1.1.0/lines", params={"limit": 5}).json()
    rest = program.get(f"{TINY}/versions/1.1.0/lines", params={"cursor": first["next_cursor"]}).json()
    train = program.get(f"{TINY}/versions/1.1.0/lines?split=train").json()["lines"]
    shelf.withdraw("te-01")
    at_once = program.get(f"{TINY}/versions/1.1.0/lines").json()["lines"]
    shelf.erase()
    after = program.get(f"{TINY}/versions/1.1.0/lines").json()["lines"]

    lines = first["lines"] + rest["lines"]
    assert len({line["id"] for line in lines}) == 12 and rest["next_cursor"] is None
    assert {line["id"] for line in train} == {line["id"] for line in lines if line["split"] == "train"}
    assert {line["id"] for line in lines if line["speaker"] != "te-01"} == {line["id"] for line in after}
    assert at_once == after
    assert all(line["sound"] == f"audio/{line['split']}/{line['id']}.flac" for line in after)


def test_where_the_store_is_s3_whoever_has_its_keys_fetches_from_it(portal):
    version = read_version(portal.store, "tiny", "1.1.0")

    in_folder, in_s3 = (
        [each.code for each in snippets(url, portal.address, version) if each.title == "S3"]
        for url in ("file:///srv/boli", "s3://voices/dumka")
    )

    assert in_folder == []
    assert in_s3 == ["boli release pull s3://voices/dumka/datasets/tiny/1.1.0 tiny"]


def test_the_code_to_fetch_without_boli_does_what_it_says(portal, tmp_path):
    token = token_for(portal, "leela")
    version = read_version(portal.store, "tiny", "1.1.0")
    with served(portal) as live:
        (code,) = [
            each.code for each in snippets(portal.store.url, live.address, version) if each.title == "Python"
        ]
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={"BOLI_TOKEN": token},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    copy = tmp_path / "tiny-1.1.0"
    assert {str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()} == {
        file.path for file in version.files
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/datasets/nothing", 404),
        (f"{TINY}/versions/9.9.9", 404),
        (f"{TINY}/versions/latest", 422),
        (f"{TINY}/versions/1.1.0/files?limit=501", 422),
        (f"{TINY}/versions/1.1.0/files?cursor=%00", 422),
        (f"{TINY}/versions/1.1.0/lines?split=dev", 422),
        ("/api/v1/projects/nothing/status", 404),
    ],
)
def test_errors_have_one_form(program, path, status):
    for accept in ("application/json", "text/html"):
        answer = program.get(path, headers={"Accept": accept})

        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"code", "message"}


def test_without_a_token_of_the_right_role_nothing_is_given(portal):
    with TestClient(create_app(portal), base_url=portal.address) as client:
        for key in ("", "Bearer boli_nothing", "Bearer x", f"Basic {token_for(portal, 'leela')}"):
            answer = client.get("/api/v1/datasets", headers={"Authorization": key} if key else {})
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        manager = {"Authorization": f"Bearer {token_for(portal, 'meera', Role.MANAGER)}"}
        assert client.get("/api/v1/datasets", headers=manager).status_code == 200


def test_a_projects_state_is_counted(program, portal):
    answer = program.get("/api/v1/projects/demo/status").json()
    projects = program.get("/api/v1/projects").json()["projects"]

    assert {each["name"] for each in projects} == {"demo"}
    assert answer["clips"] == [{"state": "accepted", "count": 12, "seconds": 12.0}]
    assert answer["recordings"] == [{"state": "segmented", "count": 6, "seconds": 12.0}]
    assert [(each["state"], each["count"]) for each in answer["tasks"]] == [("accepted", 12)]


def test_hours_are_told_against_what_is_wanted(program):
    answer = program.get("/api/v1/projects/demo/coverage").json()

    telugu = next(each for each in answer["languages"] if each["language"] == "te")
    assert {each["language"] for each in answer["languages"]} == {"te", "kn", "sw"}
    assert (telugu["accepted"], telugu["wanted"]) == (10.0, 360.0)
    assert sum(cell["accepted"] for cell in telugu["cells"]) == telugu["accepted"]
    women = [cell for cell in telugu["cells"] if cell["gender"] == "female"]
    assert sum(cell["accepted"] for cell in women) == 6.0


def test_a_program_reports_a_row_once_and_only_one_that_the_version_has(program, portal):
    clip = program.get(f"{TINY}/versions/1.1.0/lines", params={"limit": 1}).json()["lines"][0]["id"]
    said = {"clip": clip, "why": "the second word is another"}

    first = program.post(f"{TINY}/versions/1.1.0/reports", json=said)
    again = program.post(f"{TINY}/versions/1.1.0/reports", json=said)
    none = program.post(f"{TINY}/versions/1.1.0/reports", json={**said, "clip": "clip-nothing"})

    assert (first.status_code, first.json()) == (202, {"clip": clip, "new": True})
    assert again.json() == {"clip": clip, "new": False}
    assert none.status_code == 404
