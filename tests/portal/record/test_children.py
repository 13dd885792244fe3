"""Speakers under 18: only where the project takes them, only by a guardian, and asked themselves once they are 18."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.age import ask_again_at_18, hold_children, of_age_on
from catalog.states import Role
from catalog.tables import AuditEvent, Speaker, SpeakerPrivate
from portal.app import create_app
from portal.context import PortalContext
from portal.record.speakers.form import MINORS
from tests.portal.people import Somebody, sign_in
from tests.portal.record.test_consent_pages import sends_evidence, yes
from tests.portal.record.test_speaker_pages import FACTS, register

CHILD = FACTS | {"pseudonym": "DUM-001", "age_band": MINORS, "born": "2012-05"}
GUARDIAN = {"guardian": "Phulmani Hansda", "relation": "mother", "verified": "known"}


@pytest.fixture
def asha(portal: PortalContext) -> Somebody:
    return sign_in(portal, "asha", [Role.COORDINATOR])


@pytest.fixture
def takes_children(portal: PortalContext, asha: Somebody) -> Iterator[TestClient]:
    """A coordinator of a project whose file says `minors: true`."""
    project = portal.project("demo")
    allowed = replace(project, consent=replace(project.consent, minors=True))
    opened = replace(portal, projects={**portal.projects, "demo": allowed})
    with TestClient(create_app(opened), base_url=portal.address, follow_redirects=False) as client:
        yield asha.browser(client)


def test_a_project_that_says_nothing_takes_no_children(client: TestClient, asha: Somebody) -> None:
    asha.browser(client)

    assert MINORS not in client.get("/speakers/new").text
    answer = register(client, CHILD)
    assert answer.status_code == 422 and "age_band" in answer.json()["error"]["faults"]


def test_a_child_of_before_is_asked_nothing_where_the_project_takes_no_children(
    portal: PortalContext, client: TestClient, takes_children: TestClient, asha: Somebody
) -> None:
    child = register(takes_children, CHILD).json()["id"]
    asha.browser(client)

    transfer = sends_evidence(client, "DUM-001")
    answer = client.post(f"/speakers/{child}/consent", json=yes(transfer, **GUARDIAN))

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "minors_not_allowed")


def test_a_child_is_written_down_with_the_month_of_birth(
    portal: PortalContext, takes_children: TestClient
) -> None:
    assert "born" in register(takes_children, CHILD | {"born": ""}).json()["error"]["faults"]

    child = register(takes_children, CHILD).json()

    assert child["minor"] is True
    with portal.catalog.reading() as session:
        assert session.get_one(Speaker, child["id"]).of_age_on == of_age_on("2012-05")
    assert 'value="2012-05"' in takes_children.get(f"/speakers/{child['id']}/edit").text


@pytest.mark.parametrize(
    "changes",
    [
        {"guardian": None},
        {"guardian": " "},
        {"guardian": "2341 2341 2346"},
        {"relation": None},
        {"relation": "neighbour"},
        {"verified": ""},
    ],
)
def test_a_child_needs_a_guardian_who_is_named_related_and_verified(
    takes_children: TestClient, changes: dict[str, str | None]
) -> None:
    child = register(takes_children, CHILD).json()["id"]
    transfer = sends_evidence(takes_children, "DUM-001", b"I am her mother, and I agree.")

    answer = takes_children.post(f"/speakers/{child}/consent", json=yes(transfer, **(GUARDIAN | changes)))

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "guardian")


def test_a_guardians_yes_is_kept_with_their_name_apart(
    portal: PortalContext, takes_children: TestClient
) -> None:
    child = register(takes_children, CHILD).json()["id"]
    transfer = sends_evidence(takes_children, "DUM-001", b"I am her mother, and I agree.")

    assert (
        takes_children.post(f"/speakers/{child}/consent", json=yes(transfer, **GUARDIAN)).status_code == 201
    )

    with portal.catalog.reading() as session:
        kept = session.get_one(SpeakerPrivate, child)
    assert (kept.guardian, kept.guardian_relation, kept.guardian_verified) == (
        "Phulmani Hansda",
        "mother",
        "known",
    )
    assert "Phulmani" in takes_children.get(f"/speakers/{child}").text


def test_who_came_of_age_stands_first_in_the_list_until_they_said_yes_themselves(
    portal: PortalContext, takes_children: TestClient
) -> None:
    child = register(takes_children, CHILD).json()["id"]
    transfer = sends_evidence(takes_children, "DUM-001", b"I am her mother, and I agree.")
    takes_children.post(f"/speakers/{child}/consent", json=yes(transfer, **GUARDIAN))
    today = portal.clock().date()
    with portal.catalog.writing() as session:
        session.get_one(Speaker, child).of_age_on = today + timedelta(days=1)
        assert ask_again_at_18(session, "demo", today=today, by="flow", at=portal.clock()) == 0
    assert "Now 18: ask again" not in takes_children.get("/speakers").text

    with portal.catalog.writing() as session:
        day = today + timedelta(days=2)
        assert ask_again_at_18(session, "demo", today=day, by="flow", at=portal.clock()) == 1
        session.get_one(Speaker, child).of_age_on = today
    assert "Now 18: ask again" in takes_children.get("/speakers").text
    assert "until then no new version takes their voice" in takes_children.get(f"/speakers/{child}").text

    transfer = sends_evidence(takes_children, "DUM-001", b"I am eighteen, and I agree myself.")
    code = "BCDE2345EFGH6789"
    answer = takes_children.post(f"/speakers/{child}/consent", json=yes(transfer, code=code))
    assert answer.status_code == 201, answer.text
    assert "Now 18: ask again" not in takes_children.get("/speakers").text
    with portal.catalog.reading() as session:
        assert not session.get_one(Speaker, child).adult_yes_due
        assert session.scalars(select(AuditEvent).where(AuditEvent.action == "speaker.came_of_age")).one()


def test_who_turns_out_to_be_a_child_waits_for_a_guardian_and_who_is_none_is_heard_again(
    portal: PortalContext, takes_children: TestClient
) -> None:
    adult = FACTS | {"pseudonym": "DUM-001"}
    speaker = register(takes_children, adult).json()["id"]
    takes_children.post(
        f"/speakers/{speaker}/consent", json=yes(sends_evidence(takes_children, "DUM-001", b"I agree."))
    )

    def shown() -> str:
        return takes_children.get("/speakers").text

    def corrected(**changes: str) -> int:
        return takes_children.post(f"/speakers/{speaker}/edit", data=adult | changes).status_code

    assert "Agreed" in shown()
    with portal.catalog.writing() as session:  # a list says so
        hold_children(session, "demo", ["DUM-001"], by="flow:ingest", at=portal.clock())
    assert "Under 18: ask a guardian" in shown() and "Agreed" not in shown()
    assert "until a guardian has" in takes_children.get(f"/speakers/{speaker}").text
    assert corrected(district="Deoghar") == 303 and "Under 18: ask a guardian" in shown()
    assert 'name="surely_adult"' in takes_children.get(f"/speakers/{speaker}/edit").text
    assert corrected(surely_adult="yes") == 303 and "Agreed" in shown()

    assert corrected(age_band=MINORS, born="2012-05") == 303 and "Under 18: ask a guardian" in shown()
    transfer = sends_evidence(takes_children, "DUM-001", b"I am her mother, and I agree.")
    code = "BCDE2345EFGH6789"
    given = takes_children.post(f"/speakers/{speaker}/consent", json=yes(transfer, code=code, **GUARDIAN))
    assert given.status_code == 201 and "Agreed" in shown()
