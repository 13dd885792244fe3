"""tus creation: what a POST makes, and that one which is refused leaves nothing behind."""

from email.utils import parsedate_to_datetime
from hashlib import sha256

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
    creation = TUS | {"Upload-Length": str(length), "Upload-Metadata": metadata or recording()}
    return client.post("/uploads", headers=creation | {k.replace("_", "-"): v for k, v in headers.items()})


def test_a_new_upload_has_an_address_on_this_host_an_end_and_an_empty_durable_file(
    portal: UploadPortal, client: httpx.Client
) -> None:
    answer = post(client, 100, X_Forwarded_Host="evil.example", Host="evil.example")

    assert answer.status_code == 201
    location = answer.headers["Location"]
    assert location.startswith("/uploads/transfer-")
    assert parsedate_to_datetime(answer.headers["Upload-Expires"]) > parsedate_to_datetime(
        answer.headers["Date"]
    )
    assert portal.file_of(location).stat().st_size == 0
    assert client.head(location, headers=TUS).headers["Upload-Length"] == "100"


@pytest.mark.parametrize("length", ["", "-1", "ten", "1.5", "+3", "९", "9" * 19])
def test_a_length_that_is_no_number_of_bytes_is_refused(client: httpx.Client, length: str) -> None:
    headers = {
        name.encode(): value.encode() for name, value in (TUS | {"Upload-Metadata": recording()}).items()
    }
    given = {b"Upload-Length": length.encode()} if length else {}
    answer = client.post("/uploads", headers=headers | given)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "not_a_number"


def test_a_length_given_later_is_refused_in_words(client: httpx.Client) -> None:
    answer = client.post("/uploads", headers=TUS | {"Upload-Defer-Length": "1"})

    assert answer.status_code == 400
    assert "Upload-Length" in answer.json()["error"]["message"]


def test_concatenation_is_refused_in_words(client: httpx.Client) -> None:
    assert post(client, 10, Upload_Concat="partial").json()["error"]["code"] == "no_concatenation"


def test_a_file_larger_than_the_server_takes_is_refused_before_it_is_sent(
    portal: UploadPortal, client: httpx.Client
) -> None:
    before = len(list(portal.arriving.glob("*")))

    answer = post(client, 2_000_000_001)

    assert answer.status_code == 413
    assert answer.headers["Tus-Max-Size"] == "2000000000"
    assert len(list(portal.arriving.glob("*"))) == before


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
    before = len(list(portal.arriving.glob("*")))
    headers = BODY | {"Upload-Length": "5", "Upload-Metadata": recording()}

    too_many = client.post("/uploads", content=b"012345", headers=headers)
    a_form = client.post("/uploads", content=b"01234", headers=headers | {"Content-Type": "text/plain"})

    assert (too_many.status_code, a_form.status_code) == (413, 415)
    assert len(list(portal.arriving.glob("*"))) == before


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
    location = answer.headers["Location"]

    assert answer.status == 413
    assert portal.transfer(location).offset == 0
    assert portal.file_of(location).stat().st_size == 0


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


def test_a_creation_whose_answer_was_lost_makes_no_second_upload(
    portal: UploadPortal, client: httpx.Client
) -> None:
    body = noise(100)
    metadata = recording(sha256=sha256(body).hexdigest())
    first = post(client, 100, metadata).headers["Location"]
    files = set(portal.arriving.glob("*"))

    again = post(client, 100, metadata)

    assert again.status_code == 201
    assert again.headers["Location"] == first
    assert set(portal.arriving.glob("*")) == files
    assert patch(client, first, 0, body).headers["Boli-Receipt"]


def test_what_has_bytes_already_or_is_another_file_is_begun_for_itself(
    portal: UploadPortal, client: httpx.Client
) -> None:
    body = noise(100)
    digest = sha256(body).hexdigest()
    first = post(client, 100, recording(sha256=digest)).headers["Location"]
    others = [
        post(client, 100, recording("other.amr", sha256=digest)).headers["Location"],
        post(client, 100, recording(sha256=sha256(b"other").hexdigest())).headers["Location"],
        post(client, 101, recording(sha256=digest)).headers["Location"],
        post(client, 100, recording()).headers["Location"],
        post(client, 100, recording()).headers["Location"],
    ]
    patch(client, first, 0, body[:40])

    late = post(client, 100, recording(sha256=digest)).headers["Location"]

    assert len({first, late, *others}) == 7
