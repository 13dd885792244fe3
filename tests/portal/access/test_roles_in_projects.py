"""Roles are of a person in a project: elsewhere they open nothing, and nobody widens their own."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import AuditEvent, PersonRole, SignIn
from portal.access import api_tokens
from portal.access.session import look_up
from portal.app import create_app
from portal.context import PortalContext
from tests.portal.access.newcomer import PIN, come_in, invite, phone, send, take_on
from tests.portal.people import sign_in
from transcription.context import NotAllowed
from transcription.people import person_of, roles_by_project, set_active, set_owner, set_roles

OTHER = "field"


def browser_of(portal: PortalContext) -> TestClient:
    return TestClient(create_app(portal), base_url=portal.address, follow_redirects=False)


def give(portal: PortalContext, person_id: str, project: str, *roles: Role) -> None:
    with portal.catalog.writing() as session:
        set_roles(session, person_id, project, roles, by="tests", now=portal.clock())


def own(portal: PortalContext, person_id: str) -> None:
    with portal.catalog.writing() as session:
        set_owner(session, person_id, owner=True, by="tests", now=portal.clock())


@pytest.mark.parametrize("role", Role)
def test_choosing_a_project_admits_nobody_to_one_they_have_no_role_in(portal, client, role):
    somebody = sign_in(portal, "asha", [role]).browser(client)

    assert somebody.post("/project", data={"project": OTHER}).status_code == 404
    with portal.catalog.reading() as session:
        assert session.scalars(select(SignIn.project_id)).all() == ["demo"]


def test_roles_of_one_project_are_not_those_of_another(portal, client):
    asha = sign_in(portal, "asha", [Role.MANAGER])
    give(portal, asha.person_id, OTHER, Role.TRANSCRIBER)
    browser = asha.browser(client)
    assert browser.get("/manage").status_code == 200

    assert browser.post("/project", data={"project": OTHER}).status_code == 303

    assert browser.get("/manage").status_code == 403
    assert browser.get("/write").status_code == 200


def test_a_service_asks_for_the_role_in_its_own_project(portal):
    asha = sign_in(portal, "asha", [Role.REVIEWER]).person_id
    with portal.catalog.reading() as session:
        assert person_of(session, asha, Role.REVIEWER, project="demo").handle == "asha"
        with pytest.raises(NotAllowed, match="of field"):
            person_of(session, asha, Role.REVIEWER, project=OTHER)


def test_a_session_whose_project_was_closed_to_its_person_looks_at_another_of_theirs(portal, client):
    asha = sign_in(portal, "asha", [Role.TRANSCRIBER])
    give(portal, asha.person_id, OTHER, Role.MANAGER)
    give(portal, asha.person_id, "demo")
    browser = asha.browser(client)

    assert browser.get("/write").status_code == 403
    assert browser.get("/manage").status_code == 200


def test_somebody_without_any_project_gets_a_page_that_works_and_nothing_else(portal, client):
    asha = sign_in(portal, "asha", [Role.TRANSCRIBER])
    give(portal, asha.person_id, "demo")
    browser = asha.browser(client)

    assert browser.get("/").status_code == 200
    assert browser.get("/me").status_code == 200
    assert browser.get("/write").status_code == 403


def test_a_manager_sees_and_touches_only_people_of_their_project(portal, client):
    take_on(portal, "asha")
    with portal.catalog.writing() as session:
        session.scalars(select(PersonRole)).one().project_id = OTHER
    manager = sign_in(portal, "meera", [Role.MANAGER]).browser(client)

    assert "asha" not in manager.get("/manage/people").text
    assert manager.get("/people/asha/access").status_code == 404
    assert manager.get("/manage/people/asha").status_code == 404
    for path in ("invite", "invite/end", "sessions/end", "active"):
        answer = manager.post(f"/people/asha/{path}", data={"active": "0"})
        assert answer.status_code == 404, path
    assert (
        manager.post("/manage/people/asha/let-off", data={"language": "te", "because": "x"}).status_code
        == 404
    )


def test_a_manager_makes_no_way_in_for_somebody_who_also_works_elsewhere(portal, client):
    asha = take_on(portal, "asha", Role.TRANSCRIBER)
    give(portal, asha, OTHER, Role.MANAGER)
    manager = sign_in(portal, "meera", [Role.MANAGER]).browser(client)

    for fields in ({}, {"reset": "1"}):
        assert manager.post("/people/asha/invite", data=fields).status_code == 403


def test_a_manager_lets_somebody_who_works_elsewhere_go_from_their_own_project_alone(portal, client):
    asha = take_on(portal, "asha", Role.TRANSCRIBER)
    give(portal, asha, OTHER, Role.TRANSCRIBER)
    manager = sign_in(portal, "meera", [Role.MANAGER]).browser(client)

    assert manager.post("/people/asha/active", data={"active": "0"}).status_code == 303

    with portal.catalog.reading() as session:
        assert roles_by_project(session, asha) == {OTHER: frozenset({Role.TRANSCRIBER})}


def test_only_an_owner_makes_managers(portal, client):
    meera = sign_in(portal, "meera", [Role.MANAGER])
    manager = meera.browser(client)
    new = {"handle": "bina", "role": "manager", "language": "te"}
    assert manager.post("/manage/people", data=new).status_code == 403
    assert manager.get("/owner").status_code == 403
    assert manager.post("/owner/managers", data={"handle": "meera", "project": OTHER}).status_code == 403

    own(portal, meera.person_id)

    assert manager.post("/manage/people", data=new).status_code == 303
    assert manager.post("/owner/managers", data={"handle": "usha", "project": OTHER}).status_code == 303
    assert manager.post("/owner/managers", data={"handle": "bina", "project": OTHER}).status_code == 303
    assert manager.get("/owner").text.count(">bina<") == 2
    ended = manager.post("/owner/managers/end", data={"handle": "bina", "project": "demo"})
    assert ended.status_code == 303
    with portal.catalog.reading() as session:
        managers = session.execute(
            select(PersonRole.project_id, PersonRole.role).where(PersonRole.role == Role.MANAGER)
        ).all()
    assert sorted(project for project, _ in managers) == ["demo", OTHER, OTHER]


def test_an_owner_reads_no_project_by_being_one(portal, client):
    owner = sign_in(portal, "usha", [Role.TRANSCRIBER])
    own(portal, owner.person_id)
    browser = owner.browser(client)

    assert browser.get("/owner").status_code == 200
    assert browser.get("/manage").status_code == 403
    assert browser.post("/project", data={"project": OTHER}).status_code == 404


def test_a_manager_makes_no_way_into_an_owners_account(portal, client):
    usha = take_on(portal, "usha", Role.TRANSCRIBER)
    own(portal, usha)
    manager = sign_in(portal, "meera", [Role.MANAGER]).browser(client)

    assert manager.post("/people/usha/invite", data={"reset": "1"}).status_code == 403


def test_a_manager_does_not_reset_their_own_pin_and_a_second_one_does(portal, client):
    manager = sign_in(portal, "meera", [Role.MANAGER]).browser(client)
    assert manager.post("/people/meera/invite", data={"reset": "1"}).status_code == 403

    second = sign_in(portal, "bina", [Role.MANAGER]).browser(browser_of(portal))

    assert second.post("/people/meera/invite", data={"reset": "1"}).status_code == 200


def test_a_reset_link_is_told_to_its_person_on_each_of_their_devices_and_stands_in_the_log(portal):
    theirs, asha = come_in(portal, "asha")
    maker, _ = come_in(portal, "meera", Role.MANAGER)
    page = send(maker, "/people/asha/access", "/people/asha/invite", reset="1").text
    link = "/invite/" + page.split("/invite/", 1)[1].split("<", 1)[0]
    thief = phone(portal)

    came = send(thief, link, secret="736281", again="736281")
    assert came.headers["location"].startswith("/me/resets")
    assert send(thief, "/me/resets", "/me/resets", back="/me").headers["location"] == "/me"

    # the person comes in on the phone that was theirs before: what was read elsewhere is told here too
    again = send(theirs, "/sign-in", "/sign-in", who="asha", secret="736281", back="/write")
    assert again.headers["location"] == "/me/resets?back=%2Fwrite"
    told = theirs.get(again.headers["location"]).text
    assert "meera" in told
    assert (
        send(theirs, again.headers["location"], "/me/resets", back="/write").headers["location"] == "/write"
    )
    send(theirs, "/me", "/sign-out")
    assert (
        send(theirs, "/sign-in", "/sign-in", who="asha", secret="736281", back="/write").headers["location"]
        == "/write"
    )
    with portal.catalog.reading() as session:
        made = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "invite.made", AuditEvent.subject_id == asha)
        ).all()
        handles = [each.actor for each in made if each.detail["reset"]]
    assert len(handles) == 1 and handles != [asha]


def test_what_one_asked_for_oneself_is_not_told(portal):
    person = take_on(portal, "asha")
    browser = phone(portal)

    came = send(browser, invite(portal, person), secret=PIN, again=PIN)

    assert came.headers["location"] == "/"


def test_the_log_of_a_project_holds_what_is_done_in_it_and_by_its_people(portal, client):
    elsewhere = sign_in(portal, "usha", [Role.TRANSCRIBER], project=OTHER)
    with portal.catalog.writing() as session:
        set_active(session, elsewhere.person_id, active=False, by="operator", now=portal.clock())
    manager = sign_in(portal, "meera", [Role.MANAGER]).browser(client)
    here = sign_in(portal, "asha", [Role.TRANSCRIBER])

    log = manager.get("/manage/audit").text

    assert "usha" not in log and "asha" in log
    give(portal, here.person_id, "demo")
    assert "asha" not in manager.get("/manage/audit").text


def test_a_token_reads_the_projects_of_its_owner_and_no_others(portal, client):
    reader = sign_in(portal, "leela", [Role.ML_READER])
    with portal.catalog.writing() as session:
        secret = api_tokens.make_token(session, reader.person_id, name="x", days=30, now=portal.clock())
    headers = {"Authorization": f"Bearer {secret}"}

    listed = client.get("/api/v1/projects", headers=headers).json()

    assert [each["name"] for each in listed["projects"]] == ["demo"]
    assert client.get("/api/v1/projects/demo/status", headers=headers).status_code == 200
    for path in ("status", "coverage", "schedules", "schedules/collect"):
        assert client.get(f"/api/v1/projects/{OTHER}/{path}", headers=headers).status_code == 404
    give(portal, reader.person_id, "demo")
    assert client.get("/api/v1/projects", headers=headers).status_code == 401


def test_a_look_up_of_a_session_knows_every_project_of_its_person(portal):
    asha = sign_in(portal, "asha", [Role.MANAGER])
    give(portal, asha.person_id, OTHER, Role.REVIEWER)
    with portal.catalog.reading() as session:
        signed = look_up(session, asha.session_secret, now=portal.clock())
    assert signed is not None

    assert signed.roles == {Role.MANAGER}
    assert signed.projects_with(Role.MANAGER, Role.REVIEWER) == {"demo", OTHER}
    assert signed.at(OTHER).roles == {Role.REVIEWER}


@pytest.fixture
def manager(portal, client):
    return sign_in(portal, "meera", [Role.MANAGER])


def change(browser: TestClient, handle: str, *roles: Role, project: str = "demo"):
    return browser.post(f"/manage/people/{handle}/roles", data={"project": project, "role": list(roles)})


def roles_of(portal: PortalContext, person_id: str) -> dict[str, frozenset[Role]]:
    with portal.catalog.reading() as session:
        return roles_by_project(session, person_id)


def test_a_manager_gives_and_takes_roles_of_their_people_and_it_stands_in_the_log(portal, client, manager):
    asha = take_on(portal, "asha", Role.TRANSCRIBER)
    browser = manager.browser(client)

    assert change(browser, "asha", Role.COORDINATOR, Role.REVIEWER).status_code == 303

    assert roles_of(portal, asha) == {"demo": {Role.COORDINATOR, Role.REVIEWER}}
    with portal.catalog.reading() as session:
        act = session.scalars(select(AuditEvent).where(AuditEvent.action == "person.roles_set")).one()
    assert (act.actor, act.subject_id) == (manager.person_id, asha)
    assert act.detail["roles"] == ["coordinator", "reviewer"]
    assert act.detail["before"] == ["transcriber"]
    page = browser.get("/manage/people/asha").text
    assert {value for value in Role if f'value="{value}" checked' in page} == {
        Role.COORDINATOR,
        Role.REVIEWER,
    }


def test_a_role_that_is_taken_opens_nothing_from_the_next_page_on(portal, client, manager):
    asha, person = come_in(portal, "asha", Role.TRANSCRIBER)
    assert asha.get("/write").status_code == 200
    browser = manager.browser(client)

    assert change(browser, "asha", Role.COORDINATOR).status_code == 303

    assert asha.get("/write").status_code == 403
    assert asha.get("/me").status_code == 200
    assert change(browser, "asha").headers["location"] == "/manage/people"
    assert roles_of(portal, person) == {}
    assert asha.get("/record").status_code == 403


def test_a_manager_of_two_projects_gives_roles_in_both_and_in_no_third(portal, client, manager):
    asha = take_on(portal, "asha", Role.TRANSCRIBER)
    give(portal, manager.person_id, OTHER, Role.MANAGER)
    browser = manager.browser(client)

    assert change(browser, "asha", Role.REVIEWER, project=OTHER).status_code == 303

    assert roles_of(portal, asha) == {"demo": {Role.TRANSCRIBER}, OTHER: {Role.REVIEWER}}
    give(portal, manager.person_id, OTHER, Role.REVIEWER)
    assert change(browser, "asha", project=OTHER).status_code == 404
    assert change(browser, "asha", project="nobody's").status_code == 404
    assert f'name="project" value="{OTHER}"' not in browser.get("/manage/people/asha").text


def test_somebody_of_other_projects_alone_is_nobody_to_a_manager(portal, client, manager):
    asha = take_on(portal, "asha", Role.TRANSCRIBER)
    give(portal, asha, OTHER, Role.TRANSCRIBER)
    give(portal, asha, "demo")

    answer = change(manager.browser(client), "asha", Role.REVIEWER)

    assert answer.status_code == 404
    assert roles_of(portal, asha) == {OTHER: {Role.TRANSCRIBER}}


def test_a_manager_makes_no_manager_and_unmakes_none(portal, client, manager):
    asha = take_on(portal, "asha", Role.TRANSCRIBER)
    bina = take_on(portal, "bina", Role.MANAGER, Role.REVIEWER)
    browser = manager.browser(client)

    assert change(browser, "asha", Role.TRANSCRIBER, Role.MANAGER).status_code == 403
    assert change(browser, "bina").status_code == 303

    assert roles_of(portal, asha) == {"demo": {Role.TRANSCRIBER}}
    assert roles_of(portal, bina) == {"demo": {Role.MANAGER}}


def test_an_owner_who_manages_the_project_makes_and_unmakes_managers_there(portal, client, manager):
    own(portal, manager.person_id)
    bina = take_on(portal, "bina", Role.REVIEWER)
    browser = manager.browser(client)

    assert change(browser, "bina", Role.REVIEWER, Role.MANAGER).status_code == 303
    assert roles_of(portal, bina) == {"demo": {Role.MANAGER, Role.REVIEWER}}
    assert change(browser, "bina", Role.REVIEWER).status_code == 303
    assert roles_of(portal, bina) == {"demo": {Role.REVIEWER}}


def test_nobody_changes_their_own_roles(portal, client, manager):
    browser = manager.browser(client)

    assert change(browser, "meera", Role.MANAGER, Role.REVIEWER).status_code == 403
    assert change(browser, "meera").status_code == 403

    assert roles_of(portal, manager.person_id) == {"demo": {Role.MANAGER}}
    assert 'action="/manage/people/meera/roles"' not in browser.get("/manage/people/meera").text


def test_an_owner_who_is_the_only_manager_of_a_project_does_not_leave_it_without_one(portal, client, manager):
    own(portal, manager.person_id)
    bina = take_on(portal, "bina", Role.MANAGER)
    with portal.catalog.writing() as session:
        set_active(session, bina, active=False, by="tests", now=portal.clock())
    browser = manager.browser(client)
    theirs = {"handle": "meera", "project": "demo"}

    assert browser.post("/owner/managers/end", data=theirs).status_code == 403

    take_on(portal, "usha", Role.MANAGER)
    assert browser.post("/owner/managers/end", data=theirs).status_code == 303
    assert roles_of(portal, manager.person_id) == {}
