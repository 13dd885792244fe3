"""A breach in the portal: the clock on the manager's first page, the Board told, the end in words."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import Breach, Person
from portal.context import PortalContext
from tests.portal.people import sign_in
from tests.portal.record.field import meets

WHAT = "A phone with <names> was lost"


@pytest.fixture
def manager(portal: PortalContext, client: TestClient) -> TestClient:
    meera = sign_in(portal, "meera", [Role.MANAGER])
    meets(portal, "DUM-001", meera.person_id)
    return meera.browser(client)


def happened(**changes: str) -> dict[str, str]:
    return {"project_id": "demo", "what": WHAT, "people": "", "speakers": "DUM-001", **changes}


def breach_of(portal: PortalContext) -> Breach:
    with portal.catalog.reading() as session:
        return session.scalars(select(Breach)).one()


def test_a_breach_shows_its_time_left_on_the_first_page_until_it_is_closed(
    portal: PortalContext, manager: TestClient
) -> None:
    assert "A breach is open" not in manager.get("/manage").text
    assert manager.post("/breaches", data=happened()).status_code == 303
    first = manager.get("/manage").text
    assert "A breach is open" in first and "left to tell the Board" in first
    assert "concerns 1 person" in manager.get("/breaches").text
    assert "<names>" not in manager.get("/breaches").text

    named = {"breach": breach_of(portal).id, "project_id": "demo"}
    early = manager.post("/breaches/close", data=named | {"done": "Locked"})
    assert early.status_code == 422 and "once the Board was notified" in early.text
    manager.post("/breaches/notified", data=named)
    assert "The Board was notified" in manager.get("/manage").text
    manager.post("/breaches/close", data=named | {"done": "Locked from afar"})

    assert "A breach is open" not in manager.get("/manage").text
    assert "Locked from afar" in manager.get("/breaches").text


def test_one_that_was_known_for_four_days_says_that_it_is_late(
    portal: PortalContext, manager: TestClient
) -> None:
    manager.post("/breaches", data=happened(known_at="2026-11-01T09:30"))

    assert "The Board should have been notified" in manager.get("/manage").text


@pytest.mark.parametrize(
    "changes",
    [{"what": " "}, {"speakers": "NOBODY-1"}, {"known_at": "2100-01-01T00:00"}, {"people": "many"}],
)
def test_what_can_not_be_written_down_is_refused_in_words_and_stays_in_the_form(
    portal: PortalContext, manager: TestClient, changes: dict[str, str]
) -> None:
    answer = manager.post("/breaches", data=happened(**changes))

    assert answer.status_code == 422 and 'role="alert"' in answer.text
    with portal.catalog.reading() as session:
        assert session.scalars(select(Breach)).all() == []


def test_an_owner_opens_one_in_any_project_and_a_manager_in_their_own_alone(
    portal: PortalContext, manager: TestClient
) -> None:
    assert manager.post("/breaches", data=happened(project_id="field")).status_code == 404

    owner = sign_in(portal, "olga", [Role.ML_READER])
    with portal.catalog.writing() as session:
        session.get_one(Person, owner.person_id).owner = True
    assert "<select" in owner.browser(manager).get("/breaches").text
    assert owner.browser(manager).post("/breaches", data=happened()).status_code == 303
