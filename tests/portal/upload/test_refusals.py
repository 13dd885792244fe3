"""Every refusal of an upload says whose fault it is and when to try again: a phone then knows which file goes next."""

import re
from pathlib import Path

import httpx
import pytest

from portal import upload
from portal.upload.protocol import FaultOf, UploadRefused
from tests.portal.upload.test_completion import store_away
from tests.portal.upload.upload_portal import (
    TUS,
    RawPatch,
    UploadPortal,
    noise,
    pairs,
    patch,
    recording,
    upload_portal,
)


def said(answer: httpx.Response) -> tuple[int, str, str, int]:
    """Status, code, fault, seconds to wait; in the body as in the headers."""
    code, fault = answer.headers["Boli-Error"], answer.headers["Boli-Fault"]
    if answer.content:
        error = answer.json()["error"]
        assert (error["code"], error["fault"]) == (code, fault)
        assert error["message"]
    return answer.status_code, code, fault, int(answer.headers.get("Retry-After", 0))


def begin(client: httpx.Client, length: int, metadata: str | None = None) -> httpx.Response:
    headers = {"Upload-Length": str(length), "Upload-Metadata": metadata or recording(f"{length}.amr")}
    return client.post("/uploads", headers=TUS | headers)


def test_a_full_server_says_that_it_is_the_server(folder: Path) -> None:
    with upload_portal(folder, free_bytes=10**17) as portal, portal.client() as client:
        answer = begin(client, 10)

        assert said(answer) == (507, "disk_full", FaultOf.SERVER, 60)
        assert answer.headers["Boli-Waits"] == "this"  # a shorter one may still have room


def test_a_disk_that_fails_says_that_it_is_the_server_and_recovers(folder: Path) -> None:
    with upload_portal(folder, free_bytes=0) as portal, portal.client() as client:
        portal.arriving.touch()  # a file where the folder of uploads on their way is made
        assert said(begin(client, 10)) == (503, "disk_failed", FaultOf.SERVER, 30)
        portal.arriving.unlink()

        assert begin(client, 10).status_code == 201


def test_a_store_that_is_away_says_so_in_the_headers_of_an_answer_without_body_too(
    portal: UploadPortal,
) -> None:
    body = noise(4_000, seed=90)
    place = portal.create(len(body), recording("store away.amr"))

    with portal.client() as client, store_away(portal):
        assert said(patch(client, place, 0, body)) == (503, "unavailable", FaultOf.SERVER, 5)
        answer = client.head(place, headers=TUS)
        assert said(answer) == (423, "unavailable", FaultOf.SERVER, 5)
        assert answer.headers["Boli-Waits"] == "all"


def test_too_many_files_on_their_way_are_not_this_files_fault(folder: Path) -> None:
    with upload_portal(folder, free_bytes=0, open_per_person=1) as portal, portal.client() as client:
        begin(client, 10)

        assert said(begin(client, 11)) == (423, "too_many_open", FaultOf.SERVER, 30)


def test_two_requests_of_one_upload_that_meet_are_the_networks_fault(folder: Path) -> None:
    with upload_portal(folder, free_bytes=0, idle_seconds=1.0) as portal, portal.client() as client:
        place = portal.create(100)
        silent = RawPatch(portal.port, place, 0, 100)
        silent.send(b"0123456789")

        answer = silent.answer()

        assert (answer.status, answer.headers["Boli-Error"], answer.headers["Boli-Fault"]) == (
            503,
            "idle",
            FaultOf.NETWORK,
        )
        assert said(patch(client, place, 99, b"0")) == (409, "offset_differs", FaultOf.NETWORK, 0)


@pytest.mark.parametrize(
    ("length", "metadata", "code"),
    [
        (10**12, None, "too_large"),
        (10, recording("a.amr", language="xx"), "unknown_language"),
        (10, recording("a.amr", speaker="nobody"), "unknown_speaker"),
        (10, pairs(filename="a.amr", language="te"), "no_speaker"),
    ],
)
def test_what_is_wrong_with_one_file_is_that_files_fault_and_not_worth_waiting(
    portal: UploadPortal, length: int, metadata: str | None, code: str
) -> None:
    with portal.client() as client:
        status, given, fault, wait = said(begin(client, length, metadata))

    assert 400 <= status < 500
    assert (given, fault, wait) == (code, FaultOf.FILE, 0)


def test_an_upload_that_is_no_more_is_begun_anew(portal: UploadPortal) -> None:
    with portal.client() as client:
        answer = client.head("/uploads/transfer-00000000000000000000", headers=TUS)

        assert said(answer) == (404, "no_such_upload", FaultOf.ENDED, 0)


def test_whatever_is_worth_another_try_is_never_called_the_files_fault() -> None:
    """A client tries again after 409, 423, 460 and 5xx: such a code of ours must stand in the table."""
    sources = "".join(path.read_text("utf-8") for path in Path(upload.__file__).parent.glob("*.py"))
    raised = re.findall(r'UploadRefused\(\s*(?:status|(\w+)),\s*"(\w+)"', sources)

    again = {
        code for status, code in raised if status in ("409", "423", "CHECKSUM_MISMATCH") or status[:1] == "5"
    }
    assert {"locked", "idle", "disk_full", "checksum_mismatch", "failed"} <= again
    assert [code for code in again if UploadRefused(503, code, "").passing.fault is FaultOf.FILE] == []
