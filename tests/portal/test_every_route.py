"""Every route of the portal, whoever wrote it: who gets in, and that forms which no page of ours sent do nothing."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response  # what the test client of this Starlette answers with
from sqlalchemy import update

from catalog.states import Role
from catalog.tables import Device, DevicePerson, Person, SignIn
from portal.access import api_tokens
from portal.access.guard import TOKEN_HEADER
from portal.context import PortalContext
from tests.portal.people import Somebody, sign_in
from tests.portal.routes_table import RULES, STRICTER, Door, Rule, all_routes, filled, rule_of
from transcription.people import set_owner, set_roles

SAFE = {"GET", "HEAD", "OPTIONS"}
NEEDS_NO_TOKEN = {"/language", "/withdraw", "/withdraw/everything"}
"""The first changes nothing but the language of the pages; the second asks for a code instead of a session."""
CLOSED = {"not_signed_in", "not_yours", "no_token", "forged"}
"""What an answer says to somebody who does not get in."""
ELSEWHERE = "field"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks. here, somewhere: their roles in the project that they look at, and in any"""

    name: str
    cookie: tuple[str, str] | None
    form_token: str
    program_token: str
    here: frozenset[Role] = frozenset()
    somewhere: frozenset[Role] = frozenset()
    owner: bool = False
    gone: bool = False
    """They had a way in, and it was closed: nothing of it opens anything."""

    def gets_in(self, rule: Rule) -> bool:
        if rule.door in (Door.OPEN, Door.SIGNED_LINK):
            return True
        if self.gone or self.cookie is None:
            return False
        if rule.owner and self.owner:
            return True
        held = self.somewhere if rule.somewhere else self.here
        return bool(held & rule.roles) or not (rule.roles or rule.owner)


@pytest.fixture
def app(client: TestClient) -> FastAPI:
    assert isinstance(client.app, FastAPI)
    return client.app


def actor(portal: PortalContext, name: str, *here: Role, elsewhere: tuple[Role, ...] = ()) -> Actor:
    """Somebody with these roles here, and those in another project, who looks at this one."""
    somebody = sign_in(portal, name, here or [Role.TRANSCRIBER])
    with portal.catalog.writing() as session:
        now = portal.clock()
        set_roles(session, somebody.person_id, ELSEWHERE, elsewhere, by="tests", now=now)
        token = api_tokens.make_token(session, somebody.person_id, name="a program", days=30, now=now)
    held = frozenset(here or [Role.TRANSCRIBER])
    return Actor(name, somebody.cookie, somebody.token, token, held, held | frozenset(elsewhere))


def gone(portal: PortalContext, name: str, close: Callable[[Somebody], object]) -> Actor:
    """Somebody with every role, whose way in was closed."""
    somebody = sign_in(portal, name, list(Role))
    with portal.catalog.writing() as session:
        token = api_tokens.make_token(
            session, somebody.person_id, name="a program", days=30, now=portal.clock()
        )
        session.execute(close(somebody))  # type: ignore[call-overload]
    return Actor(name, somebody.cookie, somebody.token, token, frozenset(Role), frozenset(Role), gone=True)


def everybody(portal: PortalContext) -> list[Actor]:
    now = portal.clock()
    actors = [Actor("stranger", None, "0" * 64, "boli_nothing")]
    actors += [actor(portal, f"{role.value}-here", role) for role in Role]
    for role in Role:
        other = Role.COORDINATOR if role is not Role.COORDINATOR else Role.TRANSCRIBER
        actors.append(actor(portal, f"{role.value}-elsewhere", other, elsewhere=(role,)))
    owner = actor(portal, "owner")
    with portal.catalog.writing() as session:
        person = session.query(Person).filter_by(handle="owner").one()
        set_owner(session, person.id, owner=True, by="tests", now=now)
    actors.append(
        Actor(
            "owner", owner.cookie, owner.form_token, owner.program_token, owner.here, owner.here, owner=True
        )
    )
    actors.append(
        gone(
            portal,
            "let-go",
            lambda each: update(Person).where(Person.id == each.person_id).values(active=False),
        )
    )
    return actors


def closed_sessions(portal: PortalContext) -> list[Actor]:
    """Whose session or device ended. Their tokens are not of a session, and hold on."""
    now = portal.clock()
    return [
        gone(
            portal,
            "revoked",
            lambda each: update(SignIn).where(SignIn.person_id == each.person_id).values(ended_at=now),
        ),
        gone(portal, "device-taken-back", lambda each: _device(each).values(ended_at=now)),
        gone(
            portal,
            "left-the-device",
            lambda each: (
                update(DevicePerson).where(DevicePerson.person_id == each.person_id).values(ended_at=now)
            ),
        ),
    ]


def _device(each: Somebody):
    theirs = DevicePerson.__table__
    return update(Device).where(
        Device.id.in_(
            theirs.select().with_only_columns(theirs.c.device_id).where(theirs.c.person_id == each.person_id)
        )
    )


def ask(client: TestClient, who: Actor, method: str, path: str) -> Response:
    client.cookies.clear()
    if who.cookie is not None:
        client.cookies.set(*who.cookie)
    headers = {"Accept": "application/json", TOKEN_HEADER: who.form_token}
    if path.startswith("/api/v1/"):
        headers["Authorization"] = f"Bearer {who.program_token}"
    return client.request(method, filled(path), headers=headers)


def is_closed(answer: Response) -> bool:
    """Whether the door was closed, whatever stands behind it."""
    if answer.request.method == "HEAD":
        return answer.status_code in (401, 403)
    if answer.status_code not in (401, 403):
        return False
    return answer.json()["error"]["code"] in CLOSED


def test_every_route_stands_in_the_table_and_the_table_names_no_other(app):
    found = all_routes(app)

    assert {path for _, path in found} == set(RULES)
    assert set(STRICTER) <= set(found)
    assert ("PATCH", "/uploads/{transfer_id}") in found


def test_each_actor_gets_in_where_the_table_says_and_nowhere_else(app, portal, client):
    wrong = []
    actors = everybody(portal)
    for method, path in all_routes(app):
        rule = rule_of(method, path)
        if rule.door is Door.OPEN and method not in SAFE:
            continue  # asks for a token of the visit: below
        for who in actors:
            answer = ask(client, who, method, path)
            if answer.status_code >= 500 and answer.status_code != 503:
                wrong.append((method, path, who.name, answer.status_code))
            if is_closed(answer) == who.gets_in(rule):
                wrong.append((method, path, who.name, answer.status_code))

    assert not wrong, wrong


def test_a_session_that_ended_opens_nothing_wherever_it_is_tried(app, portal, client):
    actors = closed_sessions(portal)
    wrong = []
    for method, path in all_routes(app):
        if rule_of(method, path).door is not Door.SESSION:
            continue
        for who in actors:
            answer = ask(client, who, method, path)
            if answer.status_code != 401:
                wrong.append((method, path, who.name, answer.status_code))

    assert not wrong, wrong


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_stranger_gets_nowhere(app, client, accept):
    wrong = []
    for method, path in all_routes(app):
        rule = rule_of(method, path)
        if rule.door is Door.OPEN:
            continue
        answer = client.request(method, filled(path), headers={"Accept": accept})
        to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        closed = {401, 403, 404} | ({422} if rule.door is Door.SIGNED_LINK else set())
        if answer.status_code not in closed and not to_sign_in:
            wrong.append((method, path, answer.status_code))

    assert not wrong, wrong


def test_a_form_without_the_token_of_the_page_changes_nothing(app, portal, client):
    somebody = sign_in(portal, "asha", list(Role))
    client.cookies.set(*somebody.cookie)
    wrong = []
    for method, path in all_routes(app):
        if method in SAFE or path in NEEDS_NO_TOKEN:
            continue
        for headers in ({}, {TOKEN_HEADER: "0" * 64}, {"Content-Type": "application/x-www-form-urlencoded"}):
            status = client.request(method, filled(path), headers=headers).status_code
            # A program's route has no session to forge: it asks for a token of its own.
            if status != 403 and not (status == 401 and path.startswith("/api/")):
                wrong.append((method, path, headers, status))

    assert not wrong, wrong


def test_a_page_of_another_site_changes_nothing_though_it_had_the_token(app, portal, client):
    sign_in(portal, "asha", list(Role)).browser(client)
    wrong = []
    for method, path in all_routes(app):
        if method in SAFE or path in NEEDS_NO_TOKEN:
            continue
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            status = client.request(method, filled(path), headers=headers).status_code
            if status != 403 and not (status == 401 and path.startswith("/api/")):
                wrong.append((method, path, headers, status))

    assert not wrong, wrong


def test_ids_of_nobody_open_nothing_and_break_nothing(app, portal, client):
    sign_in(portal, "asha", list(Role)).browser(client)
    wrong = []
    for method, path in all_routes(app):
        if "{" not in path or method == "OPTIONS":
            continue
        status = client.request(method, filled(path), headers={"Accept": "application/json"}).status_code
        # 410: gone; 422: nothing was sent with it
        if status not in {303, 401, 403, 404, 405, 409, 410, 412, 415, 422}:
            wrong.append((method, path, status))

    assert not wrong, wrong


def test_answers_to_scripts_are_kept_by_no_cache(app, portal, client):
    somebody = actor(portal, "asha", *Role)
    kept = []
    for method, path in all_routes(app):
        answer = ask(client, somebody, method, path)
        if not answer.headers.get("content-type", "").startswith("application/json"):
            continue
        if answer.headers.get("cache-control") != "no-store" and path != "/api/v1/openapi.json":
            kept.append((method, path, answer.headers.get("cache-control")))

    assert not kept, kept
