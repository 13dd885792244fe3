"""Legal holds in the portal: a manager places and ends them, and everybody who must know reads of them."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import LegalHold
from portal.context import PortalContext
from portal.manage.withdrawals import withdrawals
from tests.portal.people import sign_in
from tests.portal.record.field import meets
from tests.portal.record.test_consent_pages import CODE, sends_evidence, yes

COURT = "District Court Dumka, 114/2026"


@pytest.fixture
def speaker(portal: PortalContext, client: TestClient) -> str:
    """Somebody with a paper code."""
    asha = sign_in(portal, "asha", [Role.COORDINATOR])
    speaker = meets(portal, "DUM-001", asha.person_id, consents=False)
    asha.browser(client)
    client.post(f"/speakers/{speaker}/consent", json=yes(sends_evidence(client, "DUM-001")))
    return speaker


@pytest.fixture
def manager(portal: PortalContext, client: TestClient, speaker: str) -> TestClient:
    return sign_in(portal, "meera", [Role.MANAGER, Role.COORDINATOR]).browser(client)


def order(**changes: str) -> dict[str, str]:
    return {"speaker": "DUM-001", "ordered_by": COURT, "because": "evidence", **changes}


def takes_it_back(client: TestClient) -> str:
    return client.post("/withdraw", data={"code": CODE, "sure": "yes"}).text


def test_whoever_takes_it_back_with_the_paper_reads_what_is_kept_by_whose_order(
    portal: PortalContext, manager: TestClient, speaker: str
) -> None:
    day = (portal.clock() + timedelta(days=30)).date()
    assert manager.post("/manage/holds", data=order(until=day.isoformat())).status_code == 303

    for told in (takes_it_back(manager), takes_it_back(manager), manager.get(f"/speakers/{speaker}").text):
        assert "A legal order keeps the sound for now." in told
        assert COURT in told
    assert "kept by a legal order" in manager.get("/manage/withdrawals").text


def test_a_hold_ended_by_a_manager_is_named_to_nobody_any_more(
    portal: PortalContext, manager: TestClient, speaker: str
) -> None:
    manager.post("/manage/holds", data=order())
    with portal.catalog.reading() as session:
        hold = session.scalars(select(LegalHold)).one()

    assert manager.post("/manage/holds/end", data={"hold": hold.id}).status_code == 303

    assert "legal order" not in takes_it_back(manager)
    with portal.catalog.reading() as session:
        assert withdrawals(session, "demo", now=portal.clock())[0].hold is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"speaker": ""}, "Write a pseudonym that is known here, or choose every voice of the project."),
        ({"whole": "yes"}, "Write a pseudonym that is known here, or choose every voice of the project."),
        (
            {"speaker": "NO-001"},
            "Write a pseudonym that is known here, or choose every voice of the project.",
        ),
        ({"because": " "}, "Write who ordered it, and why: it stands on record."),
        ({"until": "2020-01-01"}, "Choose a day to come, or none."),
        ({"until": "soon"}, "Choose a day to come, or none."),
    ],
)
def test_half_an_order_is_refused_in_words_and_what_was_typed_stays(
    portal: PortalContext, manager: TestClient, changes: dict[str, str], words: str
) -> None:
    answer = manager.post("/manage/holds", data=order(**changes))

    assert answer.status_code == 422
    assert words in answer.text
    assert COURT in answer.text
    with portal.catalog.reading() as session:
        assert session.scalars(select(LegalHold)).all() == []


def test_a_hold_of_another_project_is_not_found(portal: PortalContext, manager: TestClient) -> None:
    assert manager.post("/manage/holds/end", data={"hold": "hold-of-elsewhere"}).status_code == 404
