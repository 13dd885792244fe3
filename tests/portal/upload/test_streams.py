"""Bodies that stall, break, race and lie: what came is kept, nobody else waits, nothing is written twice."""

import http.client
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from tests.portal.upload.upload_portal import (
    BODY,
    TUS,
    RawPatch,
    UploadPortal,
    noise,
    patch,
    recording,
    resume,
)
from tests.waiting import PATIENCE_SECONDS, until


@contextmanager
def health_asked_all_the_while(portal: UploadPortal) -> Iterator[Callable[[], int]]:
    """How often /health has answered since: a portal that somebody holds up doesn't."""
    over = threading.Event()
    answers: list[bool] = []

    def ask() -> None:
        with httpx.Client(base_url=portal.address, timeout=PATIENCE_SECONDS) as asking:
            while not over.is_set():
                answers.append(asking.get("/health").is_success)
                over.wait(0.02)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield lambda: answers.count(True)
    finally:
        over.set()
        thread.join()
    assert all(answers)


def test_a_stalled_body_keeps_what_came_and_nobody_else_waits(
    portal: UploadPortal, client: httpx.Client
) -> None:
    body = noise(50_000, seed=20)
    location = portal.create(len(body), recording("stalled.amr"))

    with health_asked_all_the_while(portal) as answered:
        stalled = RawPatch(portal.port, location, 0, len(body))
        stalled.send(body[:10_000])
        answer = stalled.answer()

    assert answer.status == 503  # which a browser's client tries again; it would not after a 408
    assert answer.headers["Connection"] == "close"
    assert resume(client, location) == 10_000
    assert portal.file_of(location).read_bytes() == body[:10_000]
    assert patch(client, location, 10_000, body[10_000:]).headers["Boli-Receipt"]
    assert answered() > 10


def test_bytes_that_trickle_in_count_before_the_request_ends(portal: UploadPortal) -> None:
    body = noise(3_000, seed=21)
    location = portal.create(len(body))
    trickle = RawPatch(portal.port, location, 0, len(body))

    trickle.send(body[:1_000])
    until(lambda: portal.transfer(location).offset == 1_000)
    trickle.send(body[1_000:2_000])
    until(lambda: portal.transfer(location).offset == 2_000)
    trickle.close()

    assert portal.file_of(location).read_bytes() == body[:2_000]


@pytest.mark.parametrize("way", ["close", "reset"])
def test_a_broken_connection_keeps_what_came(portal: UploadPortal, client: httpx.Client, way: str) -> None:
    body = noise(400_000, seed=22)
    location = portal.create(len(body), recording(f"{way}.amr"))
    broken = RawPatch(portal.port, location, 0, len(body))
    broken.send(body[:5_000])
    # A reset takes from the kernel what the server has not read yet: so until it has.
    until(lambda: portal.transfer(location).offset == 5_000)
    broken.send(body[5_000:6_000])
    getattr(broken, way)()

    offset = resume(client, location)

    assert 5_000 <= offset <= 6_000
    assert portal.file_of(location).read_bytes()[:offset] == body[:offset]
    assert patch(client, location, offset, body[offset:]).headers["Boli-Receipt"]
    assert portal.kept()[f"{way}.amr"] == body


@pytest.mark.parametrize("verb", ["HEAD", "PATCH", "DELETE"])
def test_the_next_request_takes_over_from_one_that_hangs(
    portal: UploadPortal, client: httpx.Client, verb: str
) -> None:
    body = noise(100_000, seed=23)
    location = portal.create(len(body), recording(f"over-{verb}.amr"))
    hanging = RawPatch(portal.port, location, 0, len(body))
    hanging.send(body[:70_000])
    until(lambda: portal.transfer(location).offset == 70_000)

    more = {"headers": BODY | {"Upload-Offset": "70000"}, "content": body[70_000:]}
    answer = client.request(verb, location, **more if verb == "PATCH" else {"headers": TUS})

    assert answer.status_code == {"HEAD": 200, "PATCH": 204, "DELETE": 204}[verb]
    if verb == "HEAD":
        assert answer.headers["Upload-Offset"] == "70000"
    assert hanging.answer().status == 423


def test_a_request_that_is_asked_to_go_keeps_what_lies_ready(
    portal: UploadPortal, client: httpx.Client
) -> None:
    body = noise(150_000, seed=24)
    location = portal.create(200_000)
    for _ in range(3):
        upload = RawPatch(portal.port, location, 0, 200_000)
        upload.send(body)

        assert resume(client, location) in (0, 150_000)  # before it began, or all of it
        upload.close()
        if portal.transfer(location).offset:
            break

    assert portal.file_of(location).read_bytes() == body[: portal.transfer(location).offset]


def test_of_six_racing_patches_one_wins_and_the_others_are_told_to_try_again(portal: UploadPortal) -> None:
    body = noise(200_000, seed=25)
    location = portal.create(len(body) + 1, recording("race.amr"))
    start = threading.Barrier(6)

    def race(number: int) -> int:
        with portal.client() as racer:
            racer.head("/health")
            start.wait()
            return patch(racer, location, 0, body).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(race, range(6)))

    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 409, 423}
    assert portal.transfer(location).offset == len(body)
    assert portal.file_of(location).read_bytes() == body


def test_of_six_racing_last_patches_one_receipt_comes(portal: UploadPortal) -> None:
    body = noise(90_000, seed=26)
    location = portal.create(len(body), recording("last.amr"))
    start = threading.Barrier(6)

    def race(number: int) -> tuple[int, str | None]:
        with portal.client() as racer:
            racer.head("/health")
            start.wait()
            answer = patch(racer, location, 0, body)
            return answer.status_code, answer.headers.get("Boli-Receipt")

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(race, range(6)))

    assert [status for status, _ in answers].count(204) == 1
    assert len({receipt for status, receipt in answers if status == 204}) == 1
    assert portal.kept()["last.amr"] == body


@pytest.mark.parametrize("extra", [1, 50_000, 300_000])
def test_a_body_in_chunks_that_is_too_long_never_ends_an_upload(
    portal: UploadPortal, client: httpx.Client, extra: int
) -> None:
    body = noise(100_000, seed=27)
    location = portal.create(len(body), recording(f"long-{extra}.amr"))
    lying = RawPatch(portal.port, location, 0, None)
    lying.send(body)
    lying.send(noise(extra, seed=28))

    answer = lying.answer()

    assert answer.status == 413
    offset = resume(client, location)
    assert offset < len(body)
    assert portal.file_of(location).read_bytes() == body[:offset]
    assert patch(client, location, offset, body[offset:]).headers["Boli-Receipt"]
    assert portal.kept()[f"long-{extra}.amr"] == body


def test_a_chunked_body_that_ends_where_it_should_is_whole(portal: UploadPortal) -> None:
    body = noise(100_000, seed=29)
    location = portal.create(len(body), recording("chunked.amr"))
    upload = RawPatch(portal.port, location, 0, None)
    upload.send(body)
    upload.finish()

    assert upload.answer().headers["Boli-Receipt"]
    assert portal.kept()["chunked.amr"] == body


def test_not_one_byte_of_a_body_is_read_before_its_sender_is_known(portal: UploadPortal) -> None:
    location = portal.create(300_000)

    for person, status in ((None, 401), ("ravi", 404)):
        unknown = RawPatch(portal.port, location, 0, 300_000, person=person)
        with_body = bytes(100_000)
        unknown.send(with_body)
        assert unknown.answer().status == status
        unknown.close()

    assert portal.transfer(location).offset == 0
    assert portal.transfer(location).lock_token == 0
    assert portal.file_of(location).stat().st_size == 0


def test_a_stranger_with_a_body_does_not_disturb_the_sender(portal: UploadPortal) -> None:
    body = noise(10_000, seed=30)
    location = portal.create(len(body), recording("undisturbed.amr"))
    upload = RawPatch(portal.port, location, 0, len(body))
    upload.send(body[:5_000])
    until(lambda: portal.transfer(location).offset == 5_000)

    with portal.client("ravi") as stranger:
        assert stranger.head(location, headers=TUS).status_code == 404
        assert stranger.delete(location, headers=TUS).status_code == 404
    upload.send(body[5_000:])

    assert upload.answer().headers["Boli-Receipt"]


def test_a_sender_who_waits_for_leave_is_told_to_go_on_or_not(portal: UploadPortal) -> None:
    """Expect: 100-continue spares a phone the body that would be refused."""
    location = portal.create(10)
    link = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=PATIENCE_SECONDS)
    link.putrequest("PATCH", location)
    headers = {"Expect": "100-continue", "Content-Length": "10", "Upload-Offset": "0", "X-Person": "ravi"}
    for name, value in (headers | TUS | {"Content-Type": "application/offset+octet-stream"}).items():
        link.putheader(name, value)
    link.endheaders()

    assert link.getresponse().status == 404
    link.close()
