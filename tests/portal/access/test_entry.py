"""From the invite to the first page, and back to it on another day."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import AuditEvent, Device, Secret, SignIn
from portal.access.invites import end_invite
from portal.app import create_app
from tests.portal.access.newcomer import PIN, come_in, invite, phone, send, take_on
from transcription.people import set_roles


def test_an_invite_lets_a_newcomer_in_and_the_pin_brings_them_back(portal):
    browser, _ = come_in(portal, "asha")
    assert browser.get("/").headers["location"] == "/tour"
    send(browser, "/tour", role="transcriber")
    assert browser.get("/").headers["location"] == "/write"

    left = send(browser, "/me", "/sign-out")
    again = send(browser, "/sign-in", who="asha", secret=PIN)

    assert left.headers["location"] == "/signed-out"
    assert again.status_code == 303
    assert browser.get("/").headers["location"] == "/write"


def test_looking_at_an_invite_uses_nothing_up(portal):
    link = invite(portal, take_on(portal, "asha"))

    for _ in range(3):
        assert "asha" in phone(portal, "WhatsApp/2.23").get(link).text
    assert phone(portal).head(link).status_code in (200, 405)

    assert send(phone(portal), link, secret=PIN, again=PIN).status_code == 303


def test_an_invite_works_once(portal):
    link = invite(portal, take_on(portal, "asha"))
    thief = phone(portal)
    thief.get(link)
    send(phone(portal), link, secret=PIN, again=PIN)

    second = thief.get(link)

    assert second.status_code == 410 and "used already" in second.text
    assert thief.get("/me").headers["location"].startswith("/sign-in")


def test_a_form_opened_before_the_invite_was_used_enrols_nobody(portal):
    from tests.portal.access.newcomer import token_in

    link = invite(portal, take_on(portal, "asha"))
    thief = phone(portal)
    token = token_in(thief.get(link).text)
    send(phone(portal), link, secret=PIN, again=PIN)

    assert thief.post(link, data={"token": token, "secret": "739164", "again": "739164"}).status_code == 410
    with portal.catalog.reading() as session:
        assert len(session.scalars(select(Device.id)).all()) == 1


def with_the_cookies_of_before(browser, *requests):
    """As if the answers to these requests had not arrived."""
    before = dict(browser.cookies)
    for request in requests:
        request()
    browser.cookies.clear()
    browser.cookies.update(before)


def test_where_the_answer_is_lost_on_the_way_the_same_browser_asks_again_with_the_pin(portal):
    link = invite(portal, take_on(portal, "asha"))
    browser = phone(portal)
    browser.get(link)
    with_the_cookies_of_before(browser, lambda: send(browser, link, secret=PIN, again=PIN))

    assert send(browser, link, known="739164").status_code == 403
    assert send(browser, link, secret=PIN, again=PIN).status_code == 303

    assert browser.get("/me").status_code == 200
    with portal.catalog.reading() as session:
        assert len(session.scalars(select(Device.id)).all()) == 1


def test_a_used_link_opens_nothing_an_hour_later_nor_in_another_browser(portal):
    link = invite(portal, take_on(portal, "asha"))
    browser = phone(portal)
    browser.get(link)
    with_the_cookies_of_before(browser, lambda: send(browser, link, secret=PIN, again=PIN))
    later = TestClient(
        create_app(replace(portal, clock=lambda: portal.clock() + timedelta(hours=1, seconds=1))),
        base_url=portal.address,
        follow_redirects=False,
        headers=dict(browser.headers),
        cookies=dict(browser.cookies),
    )

    assert later.get(link).status_code == 410
    assert phone(portal).get(link).status_code == 410


def test_a_device_has_another_secret_than_the_browser_had_before_it_was_one(portal):
    link = invite(portal, take_on(portal, "asha"))
    browser = phone(portal)
    browser.get(link)
    copied = phone(portal)
    copied.cookies.update(dict(browser.cookies))

    send(browser, link, secret=PIN, again=PIN)

    assert browser.get("/sign-in").text.count("asha")
    assert "asha" not in copied.get("/sign-in").text


def test_a_second_person_on_a_shared_phone_leaves_its_secret_as_it_is(portal):
    browser, _ = come_in(portal, "asha")
    before = browser.cookies["boli-device"]

    send(browser, invite(portal, take_on(portal, "bina")), secret="739164", again="739164")

    assert browser.cookies["boli-device"] == before


def test_an_invite_ends_after_a_day_by_a_newer_one_and_when_taken_back(portal):
    person = take_on(portal, "asha")
    first = invite(portal, person)
    second = invite(portal, person)
    tomorrow = replace(portal, clock=lambda: portal.clock() + timedelta(hours=24, seconds=1))

    assert "replaced" in phone(portal).get(first).text
    assert phone(portal).get(second).status_code == 200
    assert "too old" in phone(tomorrow).get(second).text
    with portal.catalog.writing() as session:
        assert end_invite(session, person, by="operator", now=portal.clock())
    assert phone(portal).get(second).status_code == 410


@pytest.mark.parametrize("code", ["x", "a" * 43, "%00", "<script>", "'--"])
def test_a_code_that_nobody_made_opens_nothing(portal, code):
    assert phone(portal).get(f"/invite/{code}").status_code == 404


@pytest.mark.parametrize(
    "secret", ["111111", "123456", "654321", "48291", "4829130", "252525", "password1", "asha"]
)
def test_a_secret_that_a_thief_tries_first_is_refused_and_the_invite_kept(portal, secret):
    link = invite(portal, take_on(portal, "asha"))
    browser = phone(portal)

    refused = send(browser, link, secret=secret, again=secret)

    assert refused.status_code == 422 and 'role="alert"' in refused.text
    assert send(browser, link, secret=PIN, again=PIN).status_code == 303


def test_a_second_device_asks_for_the_pin_of_the_first(portal):
    _, person = come_in(portal, "asha")
    link = invite(portal, person)
    laptop = phone(portal, "Mozilla/5.0 (Windows NT 10.0)")

    page = laptop.get(link).text
    wrong = send(laptop, link, known="739164", secret="739164", again="739164")
    right = send(laptop, link, known=PIN)

    assert 'name="known"' in page and 'name="again"' not in page
    assert wrong.status_code == 403
    assert right.status_code == 303


def test_a_reset_sets_a_new_pin_and_ends_every_session(portal):
    first, person = come_in(portal, "asha")
    second = phone(portal)

    send(second, invite(portal, person, reset=True), secret="739164", again="739164")

    assert first.get("/me").status_code == 303
    assert send(first, "/sign-in", who="asha", secret=PIN).status_code == 403
    assert send(first, "/sign-in", who="asha", secret="739164").status_code == 303


def test_a_shared_phone_switches_between_its_people(portal):
    browser, _ = come_in(portal, "asha")
    bina = take_on(portal, "bina", Role.COORDINATOR)
    send(browser, invite(portal, bina), secret="739164", again="739164")

    page = browser.get("/sign-in").text

    assert "asha" in page and "bina" in page
    assert send(browser, "/sign-in?who=asha", who="asha", secret="739164").status_code == 403
    assert send(browser, "/sign-in?who=asha", who="asha", secret=PIN).status_code == 303
    with portal.catalog.reading() as session:
        assert len(session.scalars(select(Device.id)).all()) == 1
        assert len(session.scalars(select(SignIn.id).where(SignIn.ended_at.is_(None))).all()) == 1


def test_a_device_that_nobody_enrolled_is_told_how_to_come_in(portal):
    page = phone(portal).get("/sign-in")

    assert page.status_code == 200
    assert "Ask your manager" in page.text and "password" not in page.text


@pytest.mark.parametrize(
    "back",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"],
)
def test_sign_in_leads_nowhere_else(portal, back):
    browser, _ = come_in(portal, "asha")

    answer = send(browser, "/sign-in", who="asha", secret=PIN, back=back)

    assert answer.headers["location"] == "/"


def test_sign_in_leads_back_to_the_page_that_was_asked_for(portal):
    browser, _ = come_in(portal, "asha")

    assert send(browser, "/sign-in", who="asha", secret=PIN, back="/me?x=1").headers["location"] == "/me?x=1"


def test_digits_of_any_script_are_the_same_pin(portal):
    browser, _ = come_in(portal, "asha")

    assert send(browser, "/sign-in", who="asha", secret="४८२९१३").status_code == 303


def test_the_catalogue_keeps_no_secret_and_the_log_tells_what_happened(portal):
    browser, _person = come_in(portal, "asha")
    send(browser, "/sign-in", who="asha", secret="739164")

    with portal.catalog.reading() as session:
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


def test_another_project_of_ones_own_can_be_looked_at_and_an_unknown_one_not(portal):
    browser, asha = come_in(portal, "asha")
    other = next(name for name in portal.projects if name != "demo")
    with portal.catalog.writing() as session:
        set_roles(session, asha, other, [Role.TRANSCRIBER], by="tests", now=portal.clock())

    assert send(browser, "/me", "/project", project=other).status_code == 303
    assert portal.projects[other].title in browser.get("/me").text
    assert send(browser, "/me", "/project", project="../etc").status_code == 404
