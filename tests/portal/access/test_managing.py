"""A manager's hand on who comes in, and the log of it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from catalog import audit
from catalog.calendar import ZONE
from catalog.states import Role
from catalog.tables import AuditEvent, Device
from portal.access.audit_log import PAGE, read_log
from portal.access.shown_text import shown
from tests.portal.access.newcomer import PIN, come_in, invite, phone, send, take_on
from transcription.people import find_person, set_owner


@pytest.fixture
def manager(portal):
    return come_in(portal, "meera", Role.MANAGER)[0]


def link_in(page: str) -> str:
    found = re.search(r'id="link"[^>]*>[^<]*(/invite/[\w-]+)<', page)
    assert found, page
    return found[1]


def test_a_manager_makes_a_link_that_brings_somebody_in(portal, manager):
    take_on(portal, "asha")

    page = send(manager, "/people/asha/access", "/people/asha/invite").text

    assert 'src="data:image/svg+xml' in page
    assert send(phone(portal), link_in(page), secret=PIN, again=PIN).status_code == 303


def test_a_link_is_shown_in_one_answer_and_nowhere_after(portal, manager):
    take_on(portal, "asha")
    code = link_in(send(manager, "/people/asha/access", "/people/asha/invite").text)[-20:]

    for path in ("/people/asha/access", "/manage/audit", "/me"):
        assert code not in manager.get(path).text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
def test_nobody_but_a_manager_invites_people_or_reads_the_log(portal, role):
    take_on(portal, "asha")
    browser, person = come_in(portal, "bina", role)

    assert browser.get("/people/asha/access").status_code == 403
    assert send(browser, "/me", "/people/asha/invite").status_code == 403
    assert send(browser, "/me", "/people/asha/active", active="0").status_code == 403
    assert browser.get("/manage/audit").status_code == 403
    with portal.catalog.reading() as session:
        refused = session.scalars(select(AuditEvent).where(AuditEvent.action == "access.refused")).all()
    assert {each.actor for each in refused} == {person}
    assert "POST /people/{handle}/invite" in {each.subject_id for each in refused}


def test_a_manager_takes_a_link_back(portal, manager):
    person = take_on(portal, "asha")
    link = invite(portal, person)

    assert send(manager, "/people/asha/access", "/people/asha/invite/end").status_code == 303

    assert phone(portal).get(link).status_code == 410


def test_a_manager_signs_somebody_out_everywhere(portal, manager):
    browser, _ = come_in(portal, "asha")

    send(manager, "/people/asha/access", "/people/asha/sessions/end")

    assert browser.get("/me").status_code == 303
    assert send(browser, "/sign-in", who="asha", secret=PIN).status_code == 303


def test_a_stolen_device_opens_nothing_until_a_new_invite(portal, manager):
    browser, person = come_in(portal, "asha")
    with portal.catalog.reading() as session:
        device = session.scalar(select(Device.id).order_by(Device.enrolled_at.desc()).limit(1))

    send(manager, "/people/asha/access", "/people/asha/devices/end", device_id=device)

    assert browser.get("/me").status_code == 303
    assert "Ask your manager" in browser.get("/sign-in").text
    assert send(browser, invite(portal, person), known=PIN).status_code == 303


def test_whoever_is_let_go_is_out_at_once_and_taken_on_again_comes_by_the_front_door(portal, manager):
    browser, person = come_in(portal, "asha")
    link = invite(portal, person)

    send(manager, "/people/asha/access", "/people/asha/active", active="0")

    assert browser.get("/me").status_code == 303
    assert phone(portal).get(link).status_code == 410
    assert "asha" not in browser.get("/sign-in").text
    send(manager, "/people/asha/access", "/people/asha/active", active="1")
    assert browser.get("/me").status_code == 303
    assert phone(portal).get(link).status_code == 410
    assert send(browser, "/sign-in", who="asha", secret=PIN).status_code == 303


def test_a_manager_does_not_let_themselves_go(portal, manager):
    assert send(manager, "/people/meera/access", "/people/meera/active", active="0").status_code == 403
    assert manager.get("/me").status_code == 200


def test_the_log_is_read_by_person_act_and_day(portal, manager):
    come_in(portal, "asha")
    today = portal.clock().astimezone(ZONE).date()

    of_asha = manager.get("/manage/audit?person=asha").text
    failed = manager.get("/manage/audit?action=sign_in.failed").text

    assert "invite.used" in of_asha and "<bdi>meera</bdi>" not in of_asha
    assert "Nothing here" in failed
    assert "invite.used" in manager.get(f"/manage/audit?person=asha&day={today}").text
    assert "Nothing here" in manager.get(f"/manage/audit?day={today + timedelta(days=1)}").text
    assert "Nothing here" in manager.get("/manage/audit?day=2020-01-01").text
    assert manager.get("/manage/audit?day=yesterday").status_code == 200


def test_the_log_pages_through_every_act_once(portal):
    with portal.catalog.writing() as session:
        for number in range(2 * PAGE + 7):
            audit.record(
                session, at=portal.clock(), actor="tests", action="thing.done", subject=("thing", str(number))
            )

    seen: list[str] = []
    before = None
    with portal.catalog.reading() as session:
        while True:
            page = read_log(session, portal.store, None, action="thing.done", before=before)
            seen += [act.subject for act in page.acts]
            if page.before is None:
                break
            before = page.before

    assert seen == [f"thing {number}" for number in reversed(range(2 * PAGE + 7))]


def test_what_people_typed_can_not_forge_a_line_of_the_log_or_run(portal, manager):
    with portal.catalog.writing() as session:
        set_owner(session, find_person(session, "meera").id, owner=True, by="tests", now=portal.clock())
        audit.record(
            session,
            at=portal.clock(),
            actor="<script>alert(1)</script>",
            action="thing\r\ndone",
            subject=("thing", "a\u202eb\x1b[2J"),
            detail={"note": "</td><img src=x onerror=alert(1)>"},
        )

    page = manager.get("/manage/audit").text

    assert "<script>alert" not in page and "<img src=x" not in page
    assert "thing\\r\\ndone" in page and "\u202e" not in page and "\x1b" not in page
    assert shown("x" * 5000) == "x" * 200 + "…"
