"""Every route of the portal, whoever wrote it: closed to strangers, and to forms that no page of ours sent."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute, Mount, Route

from catalog.states import Role
from portal.access.guard import TOKEN_HEADER
from tests.portal.people import sign_in

OPEN = {
    "/",
    "/health",
    "/language",
    "/manifest.webmanifest",
    "/sw.js",
    "/sign-in",
    "/sign-out",
    "/signed-out",
    "/invite/{code}",
    "/withdraw",  # a speaker, who has no account, with the code on their receipt
    "/api/v1/openapi.json",
}
"""What a stranger may ask for. A route that is not named here asks who is there."""
SIGNED_LINKS = {"/listen/{clip_id}/{kind}", "/datasets/{name}/{version}/signed/{path:path}"}
"""Open for those who hold a link that we signed a short while ago: without the signature, 422."""
NEEDS_NO_TOKEN = {"/language", "/withdraw"}
"""The first changes nothing but the language of the pages; the second asks for a code instead of a session."""
SAFE = {"GET", "HEAD", "OPTIONS"}
CLOSED = {401, 403, 404}


def included(route: BaseRoute) -> Iterator[Any]:
    """FastAPI has no public class for it."""
    yield from vars(type(route))["effective_route_contexts"](route)


def every_route(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Method and path of each, but for our own static files. Fails on a kind of route that it can't see into."""
    for route in routes:
        if isinstance(route, Route):
            each = [(route.path, route.methods)]
        elif isinstance(route, Mount):
            assert route.path.startswith("/static/"), route
            each = []
        else:
            # FastAPI's own: a router as it was included, with what its prefix makes of its paths
            each = [(found.path, found.methods) for found in included(route)]
        for path, methods in each:
            for method in sorted(methods or ()):
                yield method, path


def filled(path: str) -> str:
    """A path with something in each of its places."""
    whole = path
    while "{" in whole:
        begin, _, rest = whole.partition("{")
        name, _, end = rest.partition("}")
        whole = begin + ("1" if ":int" in name else "nothing") + end
    return whole


@pytest.fixture
def app(client: TestClient) -> FastAPI:
    assert isinstance(client.app, FastAPI)
    return client.app


def test_the_walk_finds_the_routes(app):
    found = {path for _, path in every_route(app.routes)}

    assert {"/sign-in", "/me", "/manage/audit", "/people/{handle}/invite", "/health"} <= found


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_stranger_gets_nowhere(app, client, accept):
    wrong = []
    for method, path in every_route(app.routes):
        if path in OPEN:
            continue
        answer = client.request(method, filled(path), headers={"Accept": accept})
        to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        closed = CLOSED | {422} if path in SIGNED_LINKS else CLOSED
        if answer.status_code not in closed and not to_sign_in:
            wrong.append((method, path, answer.status_code))

    assert not wrong, wrong


def test_a_form_without_the_token_of_the_page_changes_nothing(app, portal, client):
    everybody = sign_in(portal, "asha", list(Role))
    client.cookies.set(*everybody.cookie)
    wrong = []
    for method, path in every_route(app.routes):
        if method in SAFE or path in NEEDS_NO_TOKEN:
            continue
        for headers in ({}, {TOKEN_HEADER: "0" * 64}, {"Content-Type": "application/x-www-form-urlencoded"}):
            status = client.request(method, filled(path), headers=headers).status_code
            # A program's route has no session to forge: it asks for a token of its own.
            if status != 403 and not (status == 401 and path.startswith("/api/")):
                wrong.append((method, path, headers, status))

    assert not wrong, wrong


def test_a_page_of_another_site_changes_nothing_though_it_had_the_token(app, portal, client):
    everybody = sign_in(portal, "asha", list(Role))
    everybody.browser(client)
    wrong = []
    for method, path in every_route(app.routes):
        if method in SAFE or path in NEEDS_NO_TOKEN:
            continue
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            status = client.request(method, filled(path), headers=headers).status_code
            if status != 403 and not (status == 401 and path.startswith("/api/")):
                wrong.append((method, path, headers, status))

    assert not wrong, wrong


def test_ids_of_others_or_of_nobody_open_nothing_and_break_nothing(app, portal, client):
    sign_in(portal, "asha", list(Role)).browser(client)
    wrong = []
    for method, path in every_route(app.routes):
        if "{" not in path:
            continue
        status = client.request(method, filled(path), headers={"Accept": "application/json"}).status_code
        # 410: gone; 422: nothing was sent with it
        if status not in {303, 401, 403, 404, 405, 409, 410, 412, 415, 422}:
            wrong.append((method, path, status))

    assert not wrong, wrong
