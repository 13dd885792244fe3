"""An owner makes a project on a page; nobody else does, and nothing is made by halves."""

from typing import Any

import pytest
from sqlalchemy import select

from catalog.config.project import load_project
from catalog.config.settings import ROOT
from catalog.consent import Purpose
from catalog.states import Role
from catalog.tables import AuditEvent, ProjectRow, ProjectVersion
from tests.portal.people import sign_in
from transcription.people import roles_by_project

ASKED: dict[str, Any] = {
    "title": "Voices of Dumka",
    "name": "dumka",
    "language": ["sat", "hi"],
    "purpose": ["speech_recognition", "commercial"],
    "licence": "CC-BY-4.0",
    "recipe": "field",
    "transcribers": "2",
    "hours": "20",
    "records": "true",
}


def made(client, **other):
    return client.post("/owner/projects/new", data={**ASKED, **other})


def files(configs) -> set[str]:
    return {path.name for path in (configs / "projects").iterdir()}


def test_a_project_is_there_at_once_with_what_was_chosen_and_its_owner_in_it(portal, client, configs, usha):
    answer = made(usha.browser(client))

    assert answer.headers["location"] == "/manage/settings?done=made"
    project = portal.projects["dumka"]
    assert project.languages == ("hi", "sat")
    assert project.quotas["sat"].hours == 20
    assert project.transcription.transcribers == 2
    assert set(project.consent.purposes) == {Purpose.SPEECH_RECOGNITION, Purpose.COMMERCIAL}
    assert project.consent.notices["hi"] == (configs / "notices" / "hi.txt").read_text("utf-8").strip()
    with portal.catalog.reading() as session:
        assert roles_by_project(session, usha.person_id)["dumka"] == {Role.MANAGER, Role.COORDINATOR}
        assert session.get_one(ProjectRow, "dumka").title == "Voices of Dumka"
        assert session.scalars(select(ProjectVersion.number)).all() == [1]
        act = session.scalars(select(AuditEvent).where(AuditEvent.action == "project.made")).one()
    assert act.actor == usha.person_id
    assert act.detail["changes"]["release.licence"] == ["", "CC-BY-4.0"]
    page = client.get("/manage/settings?done=made")
    assert "Voices of Dumka" in page.text
    assert "A native speaker signs each notice" in page.text


@pytest.mark.parametrize("code", sorted(path.stem for path in (ROOT / "configs" / "notices").glob("*.txt")))
def test_every_form_of_the_notice_makes_a_project_that_loads(client, configs, usha, code):
    answer = made(usha.browser(client), language=[code])

    assert answer.status_code == 303, answer.text
    load_project(configs / "projects" / "dumka.yaml", languages=[code], recipes=["field"])


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "Dumka", "A short name has small letters"),
        ("name", "../demo", "A short name has small letters"),
        ("name", "a/b", "A short name has small letters"),
        ("name", "demo", "There is a project of this name already"),
        ("name", "boli-demo", "is another project&#39;s dataset"),
        ("title", "  ", "Write what people will call it."),
        ("language", [], "Choose at least one language."),
        ("language", ["xx"], "Choose at least one language."),
        ("hours", "many", "Hours are a number above 0"),
        ("licence", "mine", "is an SPDX identifier"),
        ("recipe", "../field", "clips.recipe"),
    ],
)
def test_what_does_not_do_is_said_beside_its_field_and_nothing_is_made(
    portal, client, configs, usha, field, value, said
):
    before = files(configs)

    answer = made(usha.browser(client), **{field: value})

    assert answer.status_code == 422
    assert said in answer.text
    assert "Voices of Dumka" in answer.text or field == "title"
    assert files(configs) == before
    with portal.catalog.reading() as session:
        assert session.scalars(select(ProjectVersion.number)).all() == []


def test_the_name_of_a_project_that_was_taken_away_is_not_given_again(portal, client, configs, usha):
    with portal.catalog.writing() as session:
        session.add(ProjectRow(id="dumka", title="of before", created_at=portal.clock()))

    answer = made(usha.browser(client))

    assert answer.status_code == 422
    assert "dumka.yaml" not in files(configs)


def test_a_manager_who_is_no_owner_makes_none(portal, client, configs):
    meera = sign_in(portal, "meera", list(Role))

    assert made(meera.browser(client)).status_code == 403
    assert "dumka.yaml" not in files(configs)


def test_a_project_that_was_made_by_hand_is_there_without_a_restart(portal, client, configs, usha):
    text = (configs / "projects" / "field.yaml").read_text("utf-8")
    (configs / "projects" / "byhand.yaml").write_text(
        text.replace("name: field", "name: byhand").replace("boli-field", "boli-byhand"), "utf-8"
    )

    page = usha.browser(client).get("/owner")

    assert "byhand" in page.text
    answer = client.post("/owner/managers", data={"handle": "usha", "project": "byhand"})
    assert answer.status_code == 303
