"""Somebody with every role in one project, and the ids of everything in another: nothing opens, nothing changes."""

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response  # what the test client of this Starlette answers with

from portal.context import PortalContext
from tests.portal.routes_table import RULES, filled
from tests.portal.two_projects import Request, Things, all_rows, requests_about, things_of

NAMES_NOTHING_OF_A_PROJECT = {
    "/invite/{code}",  # a secret
    "/speakers/notice/{language}.ogg",  # what everybody is read aloud
    "/manage/notices/{language}/sign",  # of the project that one looks at
    "/manage/notices/{language}/sound",
    "/manage/notices/{language}/voice",
    "/manage/settings/{part}",
    "/manage/settings/versions/{number}",
    "/help/{page}",
    "/manage/lists/{name}",  # a kind of item, of the project that one looks at
    "/manage/lists/{name}/csv",
    "/speakers/notice/{language}/{number}.ogg",
    "/datasets/runs/{flow}",  # of the project that one looks at
    "/datasets/runs/{flow}/schedule",
    "/datasets/{name}/{version}/signed/{path:path}",  # a signature
    "/api/v1/runs/{run_id}",  # in tests/portal/api/test_flows.py: needs a run on a real server
}


@pytest.fixture
def own(portal: PortalContext, client: TestClient) -> Things:
    return things_of(portal, client, "demo")


@pytest.fixture
def foreign(portal: PortalContext, client: TestClient) -> Things:
    return things_of(portal, client, "field")


def ask(client: TestClient, who: Things, about: Things, request: Request) -> Response:
    client.cookies.clear()
    who.somebody.browser(client)
    headers = {"Accept": "application/json", **request.more.get("headers", {})}
    if request.path.startswith("/api/v1/"):
        headers["Authorization"] = f"Bearer {who.program_token}"
    more = {name: value for name, value in request.more.items() if name != "headers"}
    places = {**about.places, **request.places}
    return client.request(request.method, filled(request.path, places), headers=headers, **more)


def test_every_route_that_names_a_thing_is_asked_below(own):
    named = {path for path in RULES if "{" in path} - NAMES_NOTHING_OF_A_PROJECT

    assert named <= {request.path for request in requests_about(own)}


def test_what_is_ones_own_opens(client, own):
    """So that the next test is refused for whose the thing is, not for how it was asked."""
    closed = []
    for request in requests_about(own):
        answer = ask(client, own, own, request)
        if answer.status_code in (401, 403, 404) and not request.own_is_closed:
            closed.append((request.method, request.path, answer.status_code, answer.text[:200]))

    assert not closed, closed


def test_nothing_of_another_project_opens_or_changes(portal, client, own, foreign):
    before = all_rows(portal)
    opened = []
    for request in requests_about(foreign):
        answer = ask(client, own, foreign, request)
        if answer.status_code not in (403, 404):
            opened.append((request.method, request.path, answer.status_code, answer.text[:200]))

    assert not opened, opened
    assert all_rows(portal) == before


def test_lists_hold_nothing_of_another_project(client, own, foreign):
    for path in RULES:
        if "{" in path or path.startswith("/uploads") or path == "/sw.js":
            continue
        answer = ask(client, own, own, Request("GET", path))
        if answer.status_code == 200:
            for trace in (foreign.places["speaker_id"], foreign.places["handle"], foreign.places["name"]):
                assert trace not in answer.text, (path, trace)


def test_a_slot_in_hand_is_used_for_what_it_is_for_and_for_nothing_else(portal, client, own):
    """The proof of a text's slot sent to the reviewer's addresses, and the other way round."""
    before = all_rows(portal)
    opened = []
    for request in requests_about(own):
        kind = request.path.split("/")[1]
        if "{slot}" not in request.path or kind not in ("write", "review"):
            continue
        right, wrong = (own.writing, own.reviewing) if kind == "write" else (own.reviewing, own.writing)
        slot = own.review_slot if kind == "write" else own.places["slot"]
        more = {
            name: {**value, **wrong} if right.items() <= value.items() else value
            for name, value in request.more.items()
        }
        answer = ask(client, own, own, Request(request.method, request.path, {"slot": slot}, more))
        if answer.status_code != 404:
            opened.append((request.method, request.path, answer.status_code))

    assert not opened, opened
    assert all_rows(portal) == before


def test_a_proof_of_before_the_update_opens_its_own_slot_and_no_other_use_of_it(portal, client, own):
    token = own.writing["token"]
    slot, person = own.places["slot"], own.somebody.person_id
    old = {"token": token, "proof": portal.signature("place", slot, person, str(token))}
    kept = Request("POST", "/write/{slot}/heartbeat", more={"json": old})
    decided = Request("POST", "/review/{slot}/accept", more={"json": old | {"text": "వాన", "offered": ""}})

    assert ask(client, own, own, kept).status_code == 200
    assert ask(client, own, own, decided).status_code == 404
