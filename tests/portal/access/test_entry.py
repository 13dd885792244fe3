"""From the invite to the first page, and back to it on another day."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import AuditEvent, Device, Secret, SignIn
from portal.access.invites import end_invite
from tests.portal.access.newcomer import PIN, come_in, invite, phone, send, take_on


def test_an_invite_lets_a_newcomer_in_and_the_pin_brings_them_back(house):
    browser, _ = come_in(house, "asha")
    assert browser.get("/").headers["location"] == "/write"

    left = send(browser, "/me", "/sign-out")
    again = send(browser, "/sign-in", who="asha", secret=PIN)

    assert left.headers["location"] == "/signed-out"
    assert again.status_code == 303
    assert browser.get("/").headers["location"] == "/write"


def test_looking_at_an_invite_uses_nothing_up(house):
    link = invite(house, take_on(house, "asha"))

    for _ in range(3):
        assert "asha" in phone(house, "WhatsApp/2.23").get(link).text
    assert phone(house).head(link).status_code in (200, 405)

    assert send(phone(house), link, secret=PIN, again=PIN).status_code == 303


def test_an_invite_works_once(house):
    link = invite(house, take_on(house, "asha"))
    thief = phone(house)
    thief.get(link)
    send(phone(house), link, secret=PIN, again=PIN)

    second = thief.get(link)

    assert second.status_code == 410 and "used already" in second.text
    assert thief.get("/me").headers["location"].startswith("/sign-in")


def test_a_form_opened_before_the_invite_was_used_enrols_nobody(house):
    from tests.portal.access.newcomer import token_in

    link = invite(house, take_on(house, "asha"))
    thief = phone(house)
    token = token_in(thief.get(link).text)
    send(phone(house), link, secret=PIN, again=PIN)

    assert thief.post(link, data={"token": token, "secret": "739164", "again": "739164"}).status_code == 410
    with house.catalog.reading() as session:
        assert len(session.scalars(select(Device.id)).all()) == 1


def test_where_the_answer_is_lost_on_the_way_the_device_is_enrolled_all_the_same(house):
    link = invite(house, take_on(house, "asha"))
    browser = phone(house)
    send(browser, link, secret=PIN, again=PIN)
    browser.cookies.delete("boli")

    assert browser.get(link).headers["location"] == "/sign-in"
    assert send(browser, "/sign-in", who="asha", secret=PIN).status_code == 303


def test_an_invite_ends_after_a_day_by_a_newer_one_and_when_taken_back(house):
    person = take_on(house, "asha")
    first = invite(house, person)
    second = invite(house, person)
    tomorrow = replace(house, clock=lambda: house.clock() + timedelta(hours=24, seconds=1))

    assert "replaced" in phone(house).get(first).text
    assert phone(house).get(second).status_code == 200
    assert "too old" in phone(tomorrow).get(second).text
    with house.catalog.writing() as session:
        assert end_invite(session, person, by="operator", now=house.clock())
    assert phone(house).get(second).status_code == 410


@pytest.mark.parametrize("code", ["x", "a" * 43, "%00", "<script>", "'--"])
def test_a_code_that_nobody_made_opens_nothing(house, code):
    assert phone(house).get(f"/invite/{code}").status_code == 404


@pytest.mark.parametrize(
    "secret", ["111111", "123456", "654321", "48291", "4829130", "252525", "password1", "asha"]
)
def test_a_secret_that_a_thief_tries_first_is_refused_and_the_invite_kept(house, secret):
    link = invite(house, take_on(house, "asha"))
    browser = phone(house)

    refused = send(browser, link, secret=secret, again=secret)

    assert refused.status_code == 422 and 'role="alert"' in refused.text
    assert send(browser, link, secret=PIN, again=PIN).status_code == 303


def test_a_second_device_asks_for_the_pin_of_the_first(house):
    _, person = come_in(house, "asha")
    link = invite(house, person)
    laptop = phone(house, "Mozilla/5.0 (Windows NT 10.0)")

    page = laptop.get(link).text
    wrong = send(laptop, link, known="739164", secret="739164", again="739164")
    right = send(laptop, link, known=PIN)

    assert 'name="known"' in page and 'name="again"' not in page
    assert wrong.status_code == 403
    assert right.status_code == 303


def test_a_reset_sets_a_new_pin_and_ends_every_session(house):
    first, person = come_in(house, "asha")
    second = phone(house)

    send(second, invite(house, person, reset=True), secret="739164", again="739164")

    assert first.get("/me").status_code == 303
    assert send(first, "/sign-in", who="asha", secret=PIN).status_code == 403
    assert send(first, "/sign-in", who="asha", secret="739164").status_code == 303


def test_a_shared_phone_switches_between_its_people(house):
    browser, _ = come_in(house, "asha")
    bina = take_on(house, "bina", Role.COORDINATOR)
    send(browser, invite(house, bina), secret="739164", again="739164")

    page = browser.get("/sign-in").text

    assert "asha" in page and "bina" in page
    assert send(browser, "/sign-in?who=asha", who="asha", secret="739164").status_code == 403
    assert send(browser, "/sign-in?who=asha", who="asha", secret=PIN).status_code == 303
    with house.catalog.reading() as session:
        assert len(session.scalars(select(Device.id)).all()) == 1
        assert len(session.scalars(select(SignIn.id).where(SignIn.ended_at.is_(None))).all()) == 1


def test_a_device_that_nobody_enrolled_is_told_how_to_come_in(house):
    page = phone(house).get("/sign-in")

    assert page.status_code == 200
    assert "Ask your manager" in page.text and "password" not in page.text


@pytest.mark.parametrize(
    "back",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"],
)
def test_sign_in_leads_nowhere_else(house, back):
    browser, _ = come_in(house, "asha")

    answer = send(browser, "/sign-in", who="asha", secret=PIN, back=back)

    assert answer.headers["location"] == "/"


def test_sign_in_leads_back_to_the_page_that_was_asked_for(house):
    browser, _ = come_in(house, "asha")

    assert send(browser, "/sign-in", who="asha", secret=PIN, back="/me?x=1").headers["location"] == "/me?x=1"


def test_digits_of_any_script_are_the_same_pin(house):
    browser, _ = come_in(house, "asha")

    assert send(browser, "/sign-in", who="asha", secret="४८२९१३").status_code == 303


def test_the_catalogue_keeps_no_secret_and_the_log_tells_what_happened(house):
    browser, _person = come_in(house, "asha")
    send(browser, "/sign-in", who="asha", secret="739164")

    with house.catalog.reading() as session:
        kept = session.scalar(select(Secret.hash))
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()

    assert kept.startswith("$argon2id$") and PIN not in kept
    assert [event.action for event in events] == [
        "person.added",
        "invite.made",
        "invite.used",
        "secret.set",
        "device.enrolled",
        "sign_in.done",
        "sign_in.failed",
    ]
    assert not any(PIN in str(event.detail) or "739164" in str(event.detail) for event in events)


def test_another_project_can_be_looked_at_and_an_unknown_one_not(house):
    browser, _ = come_in(house, "asha")
    other = next(name for name in house.projects if name != "demo")

    assert send(browser, "/me", "/project", project=other).status_code == 303
    assert house.projects[other].title in browser.get("/me").text
    assert send(browser, "/me", "/project", project="../etc").status_code == 404
