"""Programs come in with a token, and only as long as its owner could."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import ApiToken, AuditEvent
from portal.access.api_tokens import ApiCaller, end_token, make_token, token_holder, tokens_of
from portal.context import PortalContext
from portal.http import failures
from tests.portal.people import Somebody, sign_in
from transcription.context import NotAllowed
from transcription.people import set_active


def app_with_a_guarded_route(portal: PortalContext) -> FastAPI:
    app = FastAPI()
    app.state.context = portal
    failures.install(app)

    @app.get("/guarded")
    async def guarded(caller: Annotated[ApiCaller, Depends(token_holder(Role.ML_READER))]) -> str:
        return caller.handle

    return app


@pytest.fixture
def reader(portal: PortalContext) -> Somebody:
    return sign_in(portal, "ravi", [Role.ML_READER])


def token_of(portal: PortalContext, person: Somebody, days: int = 30) -> str:
    with portal.catalog.writing() as session:
        return make_token(session, person.person_id, name="training", days=days, now=portal.clock())


def asks(portal: PortalContext, token: str | None) -> int:
    with TestClient(app_with_a_guarded_route(portal)) as program:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return program.get("/guarded", headers=headers).status_code


def test_a_token_opens_what_its_owner_may_read(portal, reader):
    token = token_of(portal, reader)

    assert token.startswith("boli_") and len(token) > 45
    assert asks(portal, token) == 200


@pytest.mark.parametrize("token", [None, "", "boli_", "boli_wrong", "x" * 5000])
def test_without_a_token_that_holds_a_program_is_told_how_to_come(portal, reader, token):
    with TestClient(app_with_a_guarded_route(portal)) as program:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        answer = program.get("/guarded", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["error"]["code"] == "no_token"


def test_a_token_ends_on_its_day(portal, reader):
    token = token_of(portal, reader, days=30)

    later = replace(portal, clock=lambda: portal.clock() + timedelta(days=30, seconds=1))

    assert asks(later, token) == 401


def test_an_ended_token_opens_nothing_and_only_its_owner_ends_it(portal, reader):
    token = token_of(portal, reader)
    other = sign_in(portal, "mina", [Role.ML_READER])
    now = portal.clock()
    with portal.catalog.writing() as session:
        (kept,) = tokens_of(session, reader.person_id, now=now)
        assert not end_token(session, kept.id, owner=other.person_id, by=other.person_id, now=now)
    assert asks(portal, token) == 200

    with portal.catalog.writing() as session:
        assert end_token(session, kept.id, owner=reader.person_id, by=reader.person_id, now=now)

    assert asks(portal, token) == 401


def test_a_token_falls_with_its_owner(portal, reader):
    token = token_of(portal, reader)

    with portal.catalog.writing() as session:
        set_active(session, reader.person_id, active=False, by="tests", now=portal.clock())

    assert asks(portal, token) == 401


def test_a_token_of_another_role_is_refused(portal):
    manager = sign_in(portal, "meera", [Role.MANAGER])

    assert asks(portal, token_of(portal, manager)) == 403


def test_the_catalogue_keeps_no_token_and_notes_its_first_use_once(portal, reader):
    token = token_of(portal, reader)
    asks(portal, token)
    asks(portal, token)

    with portal.catalog.reading() as session:
        (row,) = session.scalars(select(ApiToken))
        actions = list(session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == row.id)))

    assert token not in (row.token_sha256, row.name)
    assert row.used_at is not None
    assert actions == ["token.made", "token.first_used"]


@pytest.mark.parametrize(("name", "days"), [("", 30), (" ", 30), ("x" * 61, 30), ("a\x00b", 30), ("ok", 31)])
def test_a_token_needs_a_name_and_a_day(portal, reader, name, days):
    with portal.catalog.writing() as session, pytest.raises(NotAllowed):
        make_token(session, reader.person_id, name=name, days=days, now=portal.clock())
