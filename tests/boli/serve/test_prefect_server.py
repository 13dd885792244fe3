"""Prefect's server as we start it, asked by those who should not be answered."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from prefect.client.orchestration import SyncPrefectClient
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from boli.serve.prefect_server import authorization, guarded, origins
from portal.datasets.flow_server import TAG, FlowServer, FlowServerAway
from tests.servers import PrefectServer
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.slow

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SHELL = {
    "pull_steps": [{"prefect.deployments.steps.run_shell_script": {"script": "touch taken"}}],
    "entrypoint": "taken.py:taken",
}
SOCKETS = ("events/in", "events/out", "logs/out", "task_runs/subscriptions/scheduled")
ELSEWHERE = "https://evil.example.org"


def ask(
    server: PrefectServer, method: str, path: str, headers: dict[str, str], body: object = None
) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer, their names in small letters."""
    address = urlsplit(server.api)
    link = HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE_SECONDS)
    try:
        link.request(method, path, None if body is None else json.dumps(body), headers)
        answer = link.getresponse()
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}
    finally:
        link.close()


def cross_origin_headers(headers: dict[str, str]) -> list[str]:
    return [name for name in headers if name.startswith("access-control")]


def plain_paths(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[str]:
    """Addresses that stand in no description: of the descriptions themselves, pages, what is mounted."""
    for route in routes:
        path = getattr(route, "path", None)  # a router that was taken in has none: it is described
        if path is not None:
            yield f"{prefix}{path}" or "/"
        if isinstance(route, Mount):
            yield from plain_paths(route.routes, f"{prefix}{route.path}")


@pytest.fixture(scope="module")
def routes(prefect_server: PrefectServer) -> list[tuple[str, str]]:
    """Method and path of all that the server has, described or not."""
    from prefect.server.api.server import create_app

    address = prefect_server.api.removesuffix("/api") + "/openapi.json"
    with urlopen(Request(address, headers=prefect_server.headers), timeout=PATIENCE_SECONDS) as answer:
        described = json.loads(answer.read())["paths"]
    found = {
        (method.upper(), f"/api{path}") for path, operations in described.items() for method in operations
    }
    undescribed = {*plain_paths(create_app(final=True).routes), "/", "/dashboard", "/assets/index.js", "/api"}
    found |= {(method, path) for path in undescribed for method in METHODS}
    return [(method, re.sub(r"\{[^}]*\}", "0", path)) for method, path in sorted(found)]


@pytest.fixture
def deployment(prefect_server: PrefectServer) -> str:
    """A flow of ours on the server; its id."""
    with SyncPrefectClient(prefect_server.api, auth_string=prefect_server.auth_string) as client:
        flow = client.create_flow_from_name("publish")
        return str(client.create_deployment(flow, f"guarded-{uuid4().hex[:8]}", tags=[TAG]))


def test_all_that_the_server_has_is_walked(routes):
    assert len(routes) > 200
    paths = {path for _, path in routes}
    assert {
        "/api/health",
        "/api/ready",
        "/openapi.json",
        "/docs",
        "/redoc",
        "/ui-settings",
        "/api/docs",
    } <= paths


def test_no_address_answers_anybody_without_the_secret(prefect_server, routes):
    for method, path in routes:
        for known in (
            {},
            {"authorization": authorization("boli:guessed")},
            {"authorization": "Basic \u00e9"},
        ):
            headers = known | {"content-type": "application/json"}
            status, told = ask(prefect_server, method, path, headers, {})
            assert (status, cross_origin_headers(told)) == (401, []), (method, path, known)
            assert told["www-authenticate"].startswith("Basic ")


def test_no_page_of_another_origin_is_answered_even_with_the_secret(prefect_server, routes):
    """A browser that knows the secret sends it by itself, with what other pages make it ask as well."""
    for method, path in routes:
        for origin in (ELSEWHERE, "null"):
            known = prefect_server.headers | {"origin": origin, "content-type": "application/json"}
            status, headers = ask(prefect_server, method, path, known, {})
            assert (status, cross_origin_headers(headers)) == (401, []), (method, path)


@pytest.mark.parametrize(
    ("site", "kind"), [("cross-site", "image"), ("cross-site", "iframe"), ("same-site", "script")]
)
def test_what_another_page_has_a_browser_fetch_without_an_origin_is_refused(
    prefect_server, routes, site, kind
):
    for method, path in routes:
        if method in ("GET", "HEAD"):
            known = prefect_server.headers | {"sec-fetch-site": site, "sec-fetch-dest": kind}
            status, headers = ask(prefect_server, method, path, known)
            assert (status, cross_origin_headers(headers)) == (401, []), (method, path)


def test_a_link_of_the_portal_to_a_page_may_be_followed_and_a_form_not(prefect_server):
    followed = prefect_server.headers | {"sec-fetch-site": "same-site", "sec-fetch-dest": "document"}

    assert ask(prefect_server, "GET", "/docs", followed)[0] == 200
    assert ask(prefect_server, "POST", "/api/flows/count", followed)[0] == 401


def test_a_browser_that_asks_before_it_sends_gets_no_leave_for_another_origin(prefect_server):
    question = {
        "origin": ELSEWHERE,
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "content-type",
    }

    status, headers = ask(prefect_server, "OPTIONS", "/api/deployments/filter", question)

    assert (status, cross_origin_headers(headers)) == (401, [])


@pytest.mark.parametrize("host", ["evil.example.org", "evil.example.org:4200", "127.0.0.1.evil.example.org"])
def test_a_name_that_was_made_to_point_here_is_refused(prefect_server, host):
    status, headers = ask(prefect_server, "POST", "/api/flows/count", prefect_server.headers | {"host": host})

    assert (status, cross_origin_headers(headers)) == (400, [])


def test_its_own_pages_are_answered_when_they_send_the_secret(prefect_server):
    port = urlsplit(prefect_server.api).port
    for origin in origins(port or 0):
        own = prefect_server.headers | {"origin": origin, "content-type": "application/json"}

        status, headers = ask(prefect_server, "POST", "/api/flows/count", own, {})

        assert (status, headers["access-control-allow-origin"]) == (200, origin)


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("origin", [None, ELSEWHERE])
def test_no_stream_of_events_or_logs_is_open_without_the_secret(prefect_server, path, origin):
    address = f"{prefect_server.api.replace('http', 'ws', 1)}/{path}"
    protocols = None if origin is None else [Subprotocol("prefect")]

    with (
        pytest.raises((InvalidStatus, ConnectionClosed)),
        connect(address, origin=origin, subprotocols=protocols, open_timeout=PATIENCE_SECONDS) as stream,
    ):
        stream.send(json.dumps({"type": "auth", "token": "guessed"}))
        while True:
            stream.recv(timeout=PATIENCE_SECONDS)


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
@pytest.mark.parametrize("origin", [None, "null", ELSEWHERE])
def test_a_deployment_cannot_be_changed_from_outside_to_run_a_shell_step(
    prefect_server, deployment, kind, origin
):
    headers = {"content-type": kind} | ({"origin": origin} if origin else {})

    status, _ = ask(prefect_server, "PATCH", f"/api/deployments/{deployment}", headers, SHELL)

    kept = prefect_server.ask(f"deployments/{deployment}")
    assert status == 401
    assert not kept["pull_steps"]
    assert kept["entrypoint"] != SHELL["entrypoint"]


def test_a_server_of_ones_own_behind_https_is_closed_as_ours_is():
    application = PlainTextResponse("a page")
    closed = guarded(application, ["https://prefect.example.org"], "boli:sesame")
    known = {"authorization": authorization("boli:sesame")}

    client = TestClient(closed, base_url="https://prefect.example.org")

    assert client.post("/", headers=known | {"origin": "https://prefect.example.org"}).text == "a page"
    assert client.get("/").status_code == 401
    assert client.get("/", headers=known | {"origin": ELSEWHERE}).status_code == 401
    assert client.get("/", headers=known | {"host": "evil.example.org"}).status_code == 400


def test_a_portal_without_the_secret_says_what_it_lacks(prefect_server):
    with pytest.raises(FlowServerAway, match="PREFECT_API_AUTH_STRING"):
        FlowServer(prefect_server.api).deployments("demo")

    assert FlowServer(prefect_server.api, prefect_server.auth_string).deployments("nobody's") == []


def test_the_secret_stands_in_no_command_line(prefect_server):
    secret = prefect_server.auth_string.partition(":")[2].encode()
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                assert secret not in (process / "cmdline").read_bytes()
            except OSError:  # it ended meanwhile
                continue


def test_without_a_secret_it_does_not_start():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    done = subprocess.run(
        [sys.executable, "-m", "boli.serve.prefect_server"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert done.returncode == 1
    assert "Set PREFECT_SERVER_API_AUTH_STRING to user:password" in done.stderr
