"""tus 1.0 to the letter: what each verb answers, and that a refusal leaves nothing behind."""

from email.utils import parsedate_to_datetime

import httpx
import pytest

from tests.portal.upload.upload_portal import (
    BODY,
    SPEAKER,
    TUS,
    UploadPortal,
    noise,
    offset_of,
    pairs,
    patch,
    recording,
)

# ---- OPTIONS and what every verb asks first


def test_options_says_what_is_spoken(client: httpx.Client) -> None:
    answer = client.options("/uploads")

    assert answer.status_code == 204
    offered = answer.headers
    assert offered["Tus-Version"] == "1.0.0" and offered["Tus-Max-Size"] == "2000000000"
    assert offered["Tus-Extension"] == "creation,creation-with-upload,expiration,checksum,termination"
    assert offered["Tus-Checksum-Algorithm"] == "sha1,sha256"


@pytest.mark.parametrize("version", [None, "0.2.2", "1.0.1"])
@pytest.mark.parametrize("verb", ["POST", "HEAD", "PATCH", "DELETE"])
def test_another_version_of_tus_is_refused_and_nothing_is_done(
    portal: UploadPortal, client: httpx.Client, verb: str, version: str | None
) -> None:
    location = portal.create(10)
    headers = {"Upload-Length": "10", "Upload-Offset": "0", "Content-Type": BODY["Content-Type"]}
    headers |= {"Tus-Resumable": version} if version else {}

    answer = client.request(
        verb,
        "/uploads" if verb == "POST" else location,
        headers=headers,
        content=b"0123456789" if verb == "PATCH" else None,
    )

    assert answer.status_code == 412
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert offset_of(client, location) == 0
    assert portal.file_of(location).stat().st_size == 0


@pytest.mark.parametrize("verb", ["POST", "HEAD", "PATCH", "DELETE", "OPTIONS"])
def test_nobody_comes_in_without_signing_in(portal: UploadPortal, verb: str) -> None:
    location = portal.create(10)

    answer = httpx.request(verb, f"{portal.address}{'/uploads' if verb == 'POST' else location}", headers=TUS)

    assert answer.status_code == 401
    assert portal.transfer(location).offset == 0


@pytest.mark.parametrize("verb", ["HEAD", "PATCH", "DELETE"])
def test_somebody_elses_upload_is_as_good_as_none(portal: UploadPortal, verb: str) -> None:
    location = portal.create(10)

    with portal.client("ravi") as other:
        headers = BODY | {"Upload-Offset": "0"}
        answer = other.request(verb, location, headers=headers, content=b"x" if verb == "PATCH" else None)

    assert answer.status_code == 404
    assert portal.transfer(location).offset == 0


@pytest.mark.parametrize("name", ["transfer-00000000000000000000", "x", "transfer-..%2f..%2fetc", "%00"])
def test_an_id_that_we_never_made_is_404(client: httpx.Client, name: str) -> None:
    assert client.head(f"/uploads/{name}", headers=TUS).status_code == 404


# ---- HEAD


def test_head_gives_offset_length_and_the_metadata_as_given_and_is_never_cached(
    portal: UploadPortal, client: httpx.Client
) -> None:
    given = "language dGU=,draft,speaker " + pairs(a=SPEAKER)[2:] + ",filename 4LCq4LC+4LCfLmFtcg==,odd //79"

    location = portal.create(10, given)
    fresh = client.head(location, headers=TUS)
    patch(client, location, 0, b"0123")
    later = client.head(location, headers=TUS)

    assert (fresh.headers["Upload-Offset"], later.headers["Upload-Offset"]) == ("0", "4")
    assert fresh.headers["Upload-Length"] == later.headers["Upload-Length"] == "10"
    assert fresh.headers["Upload-Metadata"] == given
    assert fresh.headers["Cache-Control"] == "no-store"
    assert fresh.headers["Tus-Resumable"] == "1.0.0"


# ---- PATCH


def test_bytes_are_kept_in_their_order_and_the_offset_follows(
    portal: UploadPortal, client: httpx.Client
) -> None:
    body = noise(400_000, seed=4)
    location = portal.create(len(body), recording("pieces.amr"))

    offsets = [
        patch(client, location, start, body[start : start + 150_000]).headers["Upload-Offset"]
        for start in range(0, len(body), 150_000)
    ]

    assert offsets == ["150000", "300000", "400000"]
    assert portal.kept()["pieces.amr"] == body


def test_a_patch_says_until_when_the_upload_lasts(portal: UploadPortal, client: httpx.Client) -> None:
    answer = patch(client, portal.create(10), 0, b"01")

    assert parsedate_to_datetime(answer.headers["Upload-Expires"])


def test_an_empty_patch_is_no_mistake(portal: UploadPortal, client: httpx.Client) -> None:
    location = portal.create(10)

    assert patch(client, location, 0, b"").status_code == 204
    assert offset_of(client, location) == 0


@pytest.mark.parametrize("offset", [0, 3, 5, 10])
def test_another_offset_is_a_conflict_and_changes_nothing(
    portal: UploadPortal, client: httpx.Client, offset: int
) -> None:
    location = portal.create(10)
    patch(client, location, 0, b"0123")

    answer = patch(client, location, offset, b"xx")

    assert answer.status_code == 409
    assert answer.headers["Upload-Offset"] == "4"
    assert portal.file_of(location).read_bytes() == b"0123"


@pytest.mark.parametrize("offset", [None, "-1", "x", ""])
def test_an_offset_that_is_no_number_is_refused(
    portal: UploadPortal, client: httpx.Client, offset: str | None
) -> None:
    location = portal.create(10)
    headers = BODY if offset is None else BODY | {"Upload-Offset": offset}

    assert client.patch(location, content=b"01", headers=headers).status_code == 400
    assert portal.file_of(location).stat().st_size == 0


@pytest.mark.parametrize("kind", [None, "application/octet-stream", "text/plain"])
def test_another_kind_of_body_is_refused_and_none_of_it_is_kept(
    portal: UploadPortal, client: httpx.Client, kind: str | None
) -> None:
    location = portal.create(10)
    headers = TUS | {"Upload-Offset": "0"} | ({"Content-Type": kind} if kind else {})

    assert client.patch(location, content=b"01", headers=headers).status_code == 415
    assert portal.file_of(location).stat().st_size == 0


def test_a_body_longer_than_what_is_missing_is_refused_and_none_of_it_is_kept(
    portal: UploadPortal, client: httpx.Client
) -> None:
    location = portal.create(10)
    patch(client, location, 0, b"0123")

    answer = patch(client, location, 4, b"4567890")

    assert answer.status_code == 413
    assert portal.file_of(location).read_bytes() == b"0123"
    assert patch(client, location, 4, b"456789").headers["Boli-Receipt"]


def test_who_is_refused_in_the_middle_of_a_long_body_hears_why(
    portal: UploadPortal, client: httpx.Client
) -> None:
    body = bytes(900_000)

    answers = [patch(client, portal.create(10), 0, body) for _ in range(5)]

    assert [answer.json()["error"]["code"] for answer in answers] == ["too_long"] * 5


def test_an_old_proxys_post_stands_for_patch_head_and_delete(
    portal: UploadPortal, client: httpx.Client
) -> None:
    location = portal.create(10)

    headers = BODY | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    patched = client.post(location, content=b"0123", headers=headers)
    asked = client.post(location, headers=TUS | {"X-HTTP-Method-Override": "HEAD"})
    dropped = client.post(location, headers=TUS | {"X-HTTP-Method-Override": "DELETE"})
    plain = client.post(location, headers=TUS)

    assert (patched.status_code, patched.headers["Upload-Offset"]) == (204, "4")
    assert asked.headers["Upload-Offset"] == "4"
    assert (dropped.status_code, plain.status_code) == (204, 405)


# ---- DELETE


def test_a_dropped_upload_is_gone_with_its_file(portal: UploadPortal, client: httpx.Client) -> None:
    location = portal.create(10)
    patch(client, location, 0, b"0123")

    answer = client.delete(location, headers=TUS)

    assert answer.status_code == 204
    assert not portal.file_of(location).exists()
    assert client.head(location, headers=TUS).status_code == 410
    assert patch(client, location, 4, b"4").status_code == 410
    assert client.delete(location, headers=TUS).status_code == 410


def test_what_has_its_receipt_is_not_dropped(portal: UploadPortal, client: httpx.Client) -> None:
    location = portal.create(10, recording("stays.amr"))
    patch(client, location, 0, b"stays here")

    answer = client.delete(location, headers=TUS)

    assert answer.status_code == 403
    assert portal.kept()["stays.amr"] == b"stays here"


def test_ids_are_not_to_be_guessed(portal: UploadPortal) -> None:
    ids = {portal.create(10).rpartition("-")[2] for _ in range(20)}

    assert len(ids) == 20
    assert all(len(each) == 20 for each in ids)  # 80 random bits
