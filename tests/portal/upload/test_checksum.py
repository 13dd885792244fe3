"""tus checksums: a body with one counts as a whole or not at all."""

import base64
import hashlib

import httpx
import pytest

from tests.portal.upload.upload_portal import (
    RawPatch,
    UploadPortal,
    noise,
    offset_of,
    patch,
    recording,
)


def checksum(algorithm: str, body: bytes) -> dict[str, str]:
    digest = hashlib.new(algorithm, body).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_bytes_with_the_right_checksum_are_kept(
    portal: UploadPortal, client: httpx.Client, algorithm: str
) -> None:
    body = noise(200_000, seed=5)
    location = portal.create(300_000)

    answer = patch(client, location, 0, body, checksum(algorithm, body))

    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "200000")
    assert portal.file_of(location).read_bytes() == body


def test_bytes_with_a_wrong_checksum_are_dropped_and_the_offset_stays(
    portal: UploadPortal, client: httpx.Client
) -> None:
    body = noise(200_000, seed=6)
    location = portal.create(200_010, recording("checked.amr"))
    patch(client, location, 0, b"0123456789")

    wrong = patch(client, location, 10, body, checksum("sha256", b"other"))
    stood = (offset_of(client, location), portal.file_of(location).stat().st_size)
    right = patch(client, location, 10, body, checksum("sha256", body))

    assert wrong.status_code == 460
    assert stood == (10, 10)
    assert right.status_code == 204
    assert portal.kept()["checked.amr"] == b"0123456789" + body


def test_half_of_a_body_with_a_checksum_counts_for_nothing(
    portal: UploadPortal, client: httpx.Client
) -> None:
    body = noise(200_000, seed=7)
    location = portal.create(len(body))
    upload = RawPatch(portal.port, location, 0, len(body), headers=checksum("sha1", body))
    upload.send(body[:150_000])
    upload.close()

    assert offset_of(client, location) == 0
    assert patch(client, location, 0, body, checksum("sha1", body)).headers["Boli-Receipt"]


@pytest.mark.parametrize("given", ["md5 AAAA", "sha1", "sha1 AAAA", "sha256 not base64", ""])
def test_a_checksum_that_can_not_be_checked_is_refused(
    portal: UploadPortal, client: httpx.Client, given: str
) -> None:
    location = portal.create(10)

    assert patch(client, location, 0, b"01", {"Upload-Checksum": given}).status_code == 400
    assert offset_of(client, location) == 0


@pytest.mark.parametrize("has_length", [True, False])
def test_a_body_with_a_checksum_is_bounded(
    portal: UploadPortal, client: httpx.Client, has_length: bool
) -> None:
    body = noise(300_000, seed=8)
    location = portal.create(1_000_000)
    upload = RawPatch(
        portal.port, location, 0, len(body) if has_length else None, headers=checksum("sha256", body)
    )
    upload.send(body)
    upload.finish() if not has_length else None

    answer = upload.answer()

    assert answer.status == 413
    assert b"chunk_too_large" in answer.read()
    assert offset_of(client, location) == 0
