"""What no browser sends is refused with 400, and never a failure of ours."""

import socket
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.config.settings import Settings
from portal.http.well_formed import ORIGIN
from tests.portal.http.strangers import portal_process
from tests.processes import free_ports
from tests.waiting import PATIENCE_SECONDS

MALFORMED = [
    "http://[",
    "https://",
    "//evil.example",
    "https://a.example/path",
    "https://a b",
    "https://a:port",
    "",
]


PATHS = (
    ("GET", "/"),
    ("GET", "/health"),
    ("POST", "/sign-in"),
    ("POST", "/language"),
    ("PATCH", "/uploads/x"),
)


@pytest.mark.parametrize(
    ("header", "values"), [("Origin", MALFORMED), ("Host", ["[", "a b", "http://a", "a:port"])]
)
def test_a_malformed_origin_or_host_is_refused_wherever_it_is_sent(client, header, values):
    for value in values:
        for method, path in PATHS:
            answer = client.request(method, path, headers={header: value})

            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed"), (path, value)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_two_origins_are_as_bad_as_none(client):
    answer = client.get("/", headers=[("Origin", "https://a.example"), ("Origin", "https://a.example")])

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "origin", ["null", "http://127.0.0.1:8600", "https://boli.example.org", "http://[::1]:8600"]
)
def test_an_origin_as_browsers_write_it_is_read(client, origin):
    assert client.get("/sign-in", headers={"Origin": origin}).status_code == 200


@given(st.text(max_size=40))
def test_what_is_taken_for_an_origin_can_be_taken_apart(text: str) -> None:
    if ORIGIN.fullmatch(text):
        assert text.lower() == "null" or urlsplit(text).hostname


@pytest.mark.parametrize("back", ["http://[", "//[", "https://[::1"])
def test_a_malformed_way_back_is_refused(client, back):
    assert client.get("/sign-in", params={"back": back}).status_code == 400
    assert client.post("/language", data={"language": "hi", "back": back}).status_code == 400


def test_a_way_back_to_elsewhere_leads_to_the_start(client):
    answer = client.post("/language", data={"language": "hi", "back": "https://evil.example/"})

    assert answer.headers["Location"] == "/"


@pytest.mark.slow
def test_a_body_whose_end_two_headers_tell_is_refused_and_the_connection_ends(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", portal_port=free_ports(1)[0])
    settings.home.mkdir()
    smuggled = (
        b"POST /language HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\nGET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    )
    with portal_process(settings, descriptors=1024):
        link = socket.create_connection(("127.0.0.1", settings.portal_port), timeout=PATIENCE_SECONDS)
        link.sendall(smuggled)
        answer = HTTPResponse(link)
        answer.begin()

        assert answer.status == 400
        assert b"never both" in answer.read()
        assert link.recv(1) == b""
