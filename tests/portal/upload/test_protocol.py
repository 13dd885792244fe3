"""tus 1.0 to the letter: what each verb answers, and that a refusal leaves nothing behind."""

import base64
import hashlib
from email.utils import parsedate_to_datetime

import httpx
import pytest

from tests.portal.upload.upload_portal import (
    BODY,
    SPEAKER,
    TUS,
    RawPatch,
    UploadPortal,
    noise,
    pairs,
    patch,
    recording,
)


def post(client: httpx.Client, length: object, metadata: str | None = None, **headers: str) -> httpx.Response:
    told = TUS | {"Upload-Length": str(length), "Upload-Metadata": metadata or recording()}
    return client.post("/uploads", headers=told | {k.replace("_", "-"): v for k, v in headers.items()})


def offset_of(client: httpx.Client, place: str) -> int:
    return int(client.head(place, headers=TUS).headers["Upload-Offset"])


def checksum(algorithm: str, body: bytes) -> dict[str, str]:
    digest = hashlib.new(algorithm, body).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


# ---- OPTIONS and what every verb asks first


def test_options_tells_what_is_spoken(client: httpx.Client) -> None:
    answer = client.options("/uploads")

    assert answer.status_code == 204
    told = answer.headers
    assert told["Tus-Version"] == "1.0.0" and told["Tus-Max-Size"] == "2000000000"
    assert told["Tus-Extension"] == "creation,creation-with-upload,expiration,checksum,termination"
    assert told["Tus-Checksum-Algorithm"] == "sha1,sha256"


@pytest.mark.parametrize("version", [None, "0.2.2", "1.0.1"])
@pytest.mark.parametrize("verb", ["POST", "HEAD", "PATCH", "DELETE"])
def test_another_version_of_tus_is_refused_and_nothing_is_done(
    portal: UploadPortal, client: httpx.Client, verb: str, version: str | None
) -> None:
    place = portal.create(10)
    headers = {"Upload-Length": "10", "Upload-Offset": "0", "Content-Type": BODY["Content-Type"]}
    headers |= {"Tus-Resumable": version} if version else {}

    answer = client.request(
        verb,
        "/uploads" if verb == "POST" else place,
        headers=headers,
        content=b"0123456789" if verb == "PATCH" else None,
    )

    assert answer.status_code == 412
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert offset_of(client, place) == 0
    assert portal.file_of(place).stat().st_size == 0


@pytest.mark.parametrize("verb", ["POST", "HEAD", "PATCH", "DELETE", "OPTIONS"])
def test_nobody_comes_in_without_signing_in(portal: UploadPortal, verb: str) -> None:
    place = portal.create(10)

    answer = httpx.request(verb, f"{portal.address}{'/uploads' if verb == 'POST' else place}", headers=TUS)

    assert answer.status_code == 401
    assert portal.transfer(place).offset == 0


@pytest.mark.parametrize("verb", ["HEAD", "PATCH", "DELETE"])
def test_somebody_elses_upload_is_as_good_as_none(portal: UploadPortal, verb: str) -> None:
    place = portal.create(10)

    with portal.client("ravi") as other:
        headers = BODY | {"Upload-Offset": "0"}
        answer = other.request(verb, place, headers=headers, content=b"x" if verb == "PATCH" else None)

    assert answer.status_code == 404
    assert portal.transfer(place).offset == 0


@pytest.mark.parametrize("name", ["transfer-00000000000000000000", "x", "transfer-..%2f..%2fetc", "%00"])
def test_an_id_that_we_never_made_is_404(client: httpx.Client, name: str) -> None:
    assert client.head(f"/uploads/{name}", headers=TUS).status_code == 404


# ---- POST


def test_a_new_upload_has_a_place_on_this_host_an_end_and_an_empty_durable_file(
    portal: UploadPortal, client: httpx.Client
) -> None:
    answer = post(client, 100, X_Forwarded_Host="evil.example", Host="evil.example")

    assert answer.status_code == 201
    place = answer.headers["Location"]
    assert place.startswith("/uploads/transfer-")
    assert parsedate_to_datetime(answer.headers["Upload-Expires"]) > parsedate_to_datetime(
        answer.headers["Date"]
    )
    assert portal.file_of(place).stat().st_size == 0
    assert client.head(place, headers=TUS).headers["Upload-Length"] == "100"


@pytest.mark.parametrize("length", ["", "-1", "ten", "1.5", "+3", "९", "9" * 19])
def test_a_length_that_is_no_number_of_bytes_is_refused(client: httpx.Client, length: str) -> None:
    headers = TUS | {"Upload-Metadata": recording()}
    answer = client.post(
        "/uploads",
        headers=[*headers.items(), (b"Upload-Length", length.encode())] if length else headers,
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "not_a_number"


def test_a_length_told_later_is_refused_in_words(client: httpx.Client) -> None:
    answer = client.post("/uploads", headers=TUS | {"Upload-Defer-Length": "1"})

    assert answer.status_code == 400
    assert "Upload-Length" in answer.json()["error"]["message"]


def test_concatenation_is_refused_in_words(client: httpx.Client) -> None:
    assert post(client, 10, Upload_Concat="partial").json()["error"]["code"] == "no_concatenation"


def test_a_file_larger_than_the_server_takes_is_refused_before_it_is_sent(
    portal: UploadPortal, client: httpx.Client
) -> None:
    before = len(list(portal.arriving.iterdir()))

    answer = post(client, 2_000_000_001)

    assert answer.status_code == 413
    assert answer.headers["Tus-Max-Size"] == "2000000000"
    assert len(list(portal.arriving.iterdir())) == before


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ("filename", "unknown_language"),
        ("filename YQ==,filename YQ==", "malformed_metadata"),
        ("filename not-base64!", "malformed_metadata"),
        (",", "malformed_metadata"),
        ("näme YQ==", "malformed_metadata"),
        (pairs(filename="a", language="xx", speaker=SPEAKER), "unknown_language"),
        (pairs(filename="a", language="te"), "no_speaker"),
        (pairs(filename="a", language="te", speaker="somebody"), "unknown_speaker"),
        (recording(purpose="joke"), "unknown_purpose"),
        (recording(sha256="ab"), "malformed_sha256"),
        (recording(prompt="../../etc"), "malformed_prompt"),
        (recording(story="x" * 5000), "metadata_too_large"),
        (recording(**{f"k{n}": "v" for n in range(20)}), "metadata_too_large"),
    ],
)
def test_what_is_wrong_with_a_description_is_said_before_a_byte_is_sent(
    client: httpx.Client, metadata: str, code: str
) -> None:
    headers = [*TUS.items(), ("Upload-Length", "10")]
    raw = [(key.encode(), value.encode()) for key, value in headers]

    answer = client.post("/uploads", headers=[*raw, (b"Upload-Metadata", metadata.encode())])

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_a_speaker_of_another_coordinator_is_not_to_be_had(portal: UploadPortal) -> None:
    with portal.client("ravi") as other:
        assert post(other, 10).json()["error"]["code"] == "unknown_speaker"


def test_an_upload_can_be_made_with_its_first_bytes(portal: UploadPortal, client: httpx.Client) -> None:
    body = noise(300_000, seed=2)
    headers = BODY | {"Upload-Length": "500000", "Upload-Metadata": recording("first.amr")}

    answer = client.post("/uploads", content=body, headers=headers)

    assert answer.status_code == 201
    assert answer.headers["Upload-Offset"] == "300000"
    assert portal.file_of(answer.headers["Location"]).read_bytes() == body


def test_an_upload_can_be_made_whole_at_once(portal: UploadPortal, client: httpx.Client) -> None:
    body = noise(1000, seed=3)
    headers = BODY | {"Upload-Length": "1000", "Upload-Metadata": recording("once.amr")}

    answer = client.post("/uploads", content=body, headers=headers)

    assert answer.status_code == 201
    assert answer.headers["Boli-Receipt"]
    assert portal.kept()["once.amr"] == body


def test_first_bytes_that_are_too_many_or_of_another_kind_make_no_upload(
    portal: UploadPortal, client: httpx.Client
) -> None:
    before = len(list(portal.arriving.iterdir()))
    headers = BODY | {"Upload-Length": "5", "Upload-Metadata": recording()}

    too_many = client.post("/uploads", content=b"012345", headers=headers)
    a_form = client.post("/uploads", content=b"01234", headers=headers | {"Content-Type": "text/plain"})

    assert (too_many.status_code, a_form.status_code) == (413, 415)
    assert len(list(portal.arriving.iterdir())) == before


def test_first_bytes_in_chunks_are_bounded_too(portal: UploadPortal) -> None:
    made = RawPatch(
        portal.port,
        "/uploads",
        0,
        None,
        method="POST",
        headers={"Upload-Length": "100", "Upload-Metadata": recording()},
    )
    made.send(bytes(200))
    made.finish()

    answer = made.answer()
    place = answer.headers["Location"]

    assert answer.status == 413
    assert portal.transfer(place).offset == 0
    assert portal.file_of(place).stat().st_size == 0


def test_an_empty_file_is_taken_in_for_the_verdict_to_say_so(
    portal: UploadPortal, client: httpx.Client
) -> None:
    answer = post(client, 0, recording("nothing.amr"))

    assert answer.status_code == 201
    assert answer.headers["Boli-Receipt"]
    assert portal.kept()["nothing.amr"] == b""


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\asha\\పాట.amr", "పాట.amr"),
        ("a\x00b\u202egpj.amr", "abgpj.amr"),
        ("   ", "unnamed"),
        ("x" * 300 + ".amr", "x" * 196 + ".amr"),
    ],
)
def test_a_strange_name_is_mended_and_the_recording_is_not_lost_for_it(
    portal: UploadPortal, client: httpx.Client, given: str, kept: str
) -> None:
    body = noise(50, seed=len(given))
    headers = BODY | {"Upload-Length": "50", "Upload-Metadata": recording(given)}

    assert client.post("/uploads", content=body, headers=headers).status_code == 201

    assert portal.kept()[kept] == body


# ---- HEAD


def test_head_tells_offset_length_and_the_metadata_as_given_and_is_never_cached(
    portal: UploadPortal, client: httpx.Client
) -> None:
    given = "language dGU=,draft,speaker " + pairs(a=SPEAKER)[2:] + ",filename 4LCq4LC+4LCfLmFtcg==,odd //79"

    place = portal.create(10, given)
    fresh = client.head(place, headers=TUS)
    patch(client, place, 0, b"0123")
    later = client.head(place, headers=TUS)

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
    place = portal.create(len(body), recording("pieces.amr"))

    offsets = [
        patch(client, place, start, body[start : start + 150_000]).headers["Upload-Offset"]
        for start in range(0, len(body), 150_000)
    ]

    assert offsets == ["150000", "300000", "400000"]
    assert portal.kept()["pieces.amr"] == body


def test_a_patch_tells_until_when_the_upload_lasts(portal: UploadPortal, client: httpx.Client) -> None:
    answer = patch(client, portal.create(10), 0, b"01")

    assert parsedate_to_datetime(answer.headers["Upload-Expires"])


def test_an_empty_patch_is_no_mistake(portal: UploadPortal, client: httpx.Client) -> None:
    place = portal.create(10)

    assert patch(client, place, 0, b"").status_code == 204
    assert offset_of(client, place) == 0


@pytest.mark.parametrize("offset", [0, 3, 5, 10])
def test_another_offset_is_a_conflict_and_changes_nothing(
    portal: UploadPortal, client: httpx.Client, offset: int
) -> None:
    place = portal.create(10)
    patch(client, place, 0, b"0123")

    answer = patch(client, place, offset, b"xx")

    assert answer.status_code == 409
    assert answer.headers["Upload-Offset"] == "4"
    assert portal.file_of(place).read_bytes() == b"0123"


@pytest.mark.parametrize("offset", [None, "-1", "x", ""])
def test_an_offset_that_is_no_number_is_refused(
    portal: UploadPortal, client: httpx.Client, offset: str | None
) -> None:
    place = portal.create(10)
    headers = BODY if offset is None else BODY | {"Upload-Offset": offset}

    assert client.patch(place, content=b"01", headers=headers).status_code == 400
    assert portal.file_of(place).stat().st_size == 0


@pytest.mark.parametrize("kind", [None, "application/octet-stream", "text/plain"])
def test_another_kind_of_body_is_refused_and_none_of_it_is_kept(
    portal: UploadPortal, client: httpx.Client, kind: str | None
) -> None:
    place = portal.create(10)
    headers = TUS | {"Upload-Offset": "0"} | ({"Content-Type": kind} if kind else {})

    assert client.patch(place, content=b"01", headers=headers).status_code == 415
    assert portal.file_of(place).stat().st_size == 0


def test_a_body_longer_than_what_is_missing_is_refused_and_none_of_it_is_kept(
    portal: UploadPortal, client: httpx.Client
) -> None:
    place = portal.create(10)
    patch(client, place, 0, b"0123")

    answer = patch(client, place, 4, b"4567890")

    assert answer.status_code == 413
    assert portal.file_of(place).read_bytes() == b"0123"
    assert patch(client, place, 4, b"456789").headers["Boli-Receipt"]


def test_who_is_refused_in_the_middle_of_a_long_body_hears_why(
    portal: UploadPortal, client: httpx.Client
) -> None:
    body = bytes(900_000)

    answers = [patch(client, portal.create(10), 0, body) for _ in range(5)]

    assert [answer.json()["error"]["code"] for answer in answers] == ["too_long"] * 5


def test_an_old_proxys_post_stands_for_patch_head_and_delete(
    portal: UploadPortal, client: httpx.Client
) -> None:
    place = portal.create(10)

    headers = BODY | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    patched = client.post(place, content=b"0123", headers=headers)
    asked = client.post(place, headers=TUS | {"X-HTTP-Method-Override": "HEAD"})
    dropped = client.post(place, headers=TUS | {"X-HTTP-Method-Override": "DELETE"})
    plain = client.post(place, headers=TUS)

    assert (patched.status_code, patched.headers["Upload-Offset"]) == (204, "4")
    assert asked.headers["Upload-Offset"] == "4"
    assert (dropped.status_code, plain.status_code) == (204, 405)


# ---- checksum


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_bytes_with_the_right_checksum_are_kept(
    portal: UploadPortal, client: httpx.Client, algorithm: str
) -> None:
    body = noise(200_000, seed=5)
    place = portal.create(300_000)

    answer = patch(client, place, 0, body, checksum(algorithm, body))

    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "200000")
    assert portal.file_of(place).read_bytes() == body


def test_bytes_with_a_wrong_checksum_are_dropped_and_the_offset_stays(
    portal: UploadPortal, client: httpx.Client
) -> None:
    body = noise(200_000, seed=6)
    place = portal.create(200_010, recording("checked.amr"))
    patch(client, place, 0, b"0123456789")

    wrong = patch(client, place, 10, body, checksum("sha256", b"other"))
    stood = (offset_of(client, place), portal.file_of(place).stat().st_size)
    right = patch(client, place, 10, body, checksum("sha256", body))

    assert wrong.status_code == 460
    assert stood == (10, 10)
    assert right.status_code == 204
    assert portal.kept()["checked.amr"] == b"0123456789" + body


def test_half_of_a_body_with_a_checksum_counts_for_nothing(
    portal: UploadPortal, client: httpx.Client
) -> None:
    body = noise(200_000, seed=7)
    place = portal.create(len(body))
    sending = RawPatch(portal.port, place, 0, len(body), headers=checksum("sha1", body))
    sending.send(body[:150_000])
    sending.close()

    assert offset_of(client, place) == 0
    assert patch(client, place, 0, body, checksum("sha1", body)).headers["Boli-Receipt"]


@pytest.mark.parametrize("given", ["md5 AAAA", "sha1", "sha1 AAAA", "sha256 not base64", ""])
def test_a_checksum_that_can_not_be_checked_is_refused(
    portal: UploadPortal, client: httpx.Client, given: str
) -> None:
    place = portal.create(10)

    assert patch(client, place, 0, b"01", {"Upload-Checksum": given}).status_code == 400
    assert offset_of(client, place) == 0


@pytest.mark.parametrize("told", [True, False])
def test_a_body_with_a_checksum_is_bounded(portal: UploadPortal, client: httpx.Client, told: bool) -> None:
    body = noise(300_000, seed=8)
    place = portal.create(1_000_000)
    sending = RawPatch(portal.port, place, 0, len(body) if told else None, headers=checksum("sha256", body))
    sending.send(body)
    sending.finish() if not told else None

    answer = sending.answer()

    assert answer.status == 413
    assert b"chunk_too_large" in answer.read()
    assert offset_of(client, place) == 0


# ---- DELETE


def test_a_dropped_upload_is_gone_with_its_file(portal: UploadPortal, client: httpx.Client) -> None:
    place = portal.create(10)
    patch(client, place, 0, b"0123")

    answer = client.delete(place, headers=TUS)

    assert answer.status_code == 204
    assert not portal.file_of(place).exists()
    assert client.head(place, headers=TUS).status_code == 410
    assert patch(client, place, 4, b"4").status_code == 410
    assert client.delete(place, headers=TUS).status_code == 410


def test_what_has_its_receipt_is_not_dropped(portal: UploadPortal, client: httpx.Client) -> None:
    place = portal.create(10, recording("stays.amr"))
    patch(client, place, 0, b"stays here")

    answer = client.delete(place, headers=TUS)

    assert answer.status_code == 403
    assert portal.kept()["stays.amr"] == b"stays here"


def test_ids_are_not_to_be_guessed(portal: UploadPortal) -> None:
    ids = {portal.create(10).rpartition("-")[2] for _ in range(20)}

    assert len(ids) == 20
    assert all(len(each) == 20 for each in ids)  # 80 random bits
