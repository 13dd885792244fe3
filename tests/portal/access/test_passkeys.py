"""Signing in with a passkey instead of the PIN: who gets in, and what a thief tries."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from catalog.states import Role
from catalog.tables import AuditEvent, Passkey, PasskeyChallenge, Person
from portal.access import challenges, passkeys
from portal.context import PortalContext
from tests.portal.access.authenticator import Authenticator
from tests.portal.access.newcomer import PIN, come_in, invite, phone, send, take_on, token_in
from tests.portal.access.passkey_site import (
    ADDRESS,
    acts,
    adds,
    asked,
    brings,
    kept,
    options,
    out_with_passkey,
    signs_in,
)


@pytest.mark.parametrize("role", list(Role))
def test_a_passkey_brings_its_person_in_on_their_device_without_name_or_pin(site, device, role):
    browser, person = out_with_passkey(site, device, "asha", role)
    assert "Sign in with this device" in browser.get("/sign-in").text

    came = brings(browser, device.signs(asked(browser)), back="/me")

    assert came.headers["location"] == "/me"
    page = browser.get("/me").text
    assert "Android phone" in page and "last used" in page
    assert {"passkey.added", "sign_in.done"} <= set(acts(site))
    assert kept(site) == [person]


def test_the_pin_goes_on_bringing_in_whoever_has_a_passkey(site, device):
    browser, _ = out_with_passkey(site, device)

    assert send(browser, "/sign-in", who="asha", secret=PIN).status_code == 303


def test_on_a_shared_device_each_passkey_brings_in_its_own_person(site, device):
    browser, _ = out_with_passkey(site, device)
    bina = take_on(site, "bina")
    send(browser, invite(site, bina), secret=PIN, again=PIN)
    adds(browser, device)
    send(browser, "/me", "/sign-out")
    wanted = asked(browser)

    brings(browser, device.signs(wanted, device.keys[0]))

    assert "<h1>asha</h1>" in browser.get("/me").text


def test_a_device_that_no_invite_reached_is_let_in_by_no_passkey(site, device):
    out_with_passkey(site, device)
    stranger = phone(site)
    token = site.signature("visit", stranger_secret(site, stranger))

    answer = stranger.post("/sign-in/passkey/challenge", data={"token": token})

    assert answer.status_code == 404
    assert (
        "This device is not known here yet."
        in stranger.post("/sign-in/passkey", data={"token": token, "credential": "{}"}).text
    )


def stranger_secret(site: PortalContext, browser: TestClient) -> str:
    browser.get("/sign-in")
    return str(browser.cookies["__Host-boli-device"])


def test_a_passkey_of_somebody_who_does_not_sign_in_on_this_device_is_refused(site, device):
    out_with_passkey(site, device)
    other, _ = come_in(site, "bina")
    send(other, "/me", "/sign-out")

    assert signs_in(other, device) == 403


def test_an_answer_that_was_used_once_is_refused_the_second_time(site, device):
    browser, _ = out_with_passkey(site, device)
    answer = device.signs(asked(browser))
    assert brings(browser, answer).status_code == 303
    send(browser, "/me", "/sign-out")

    assert brings(browser, answer).status_code == 403
    asked(browser)
    assert brings(browser, answer).status_code == 403


def test_an_answer_to_what_another_browser_was_asked_is_refused(site, device):
    browser, person = out_with_passkey(site, device)
    other = phone(site)
    send(other, invite(site, person), known=PIN)
    send(other, "/me", "/sign-out")
    asked(other)

    assert brings(other, device.signs(asked(browser))).status_code == 403


def test_an_answer_is_worth_nothing_after_five_minutes(site, device, moved_clock):
    browser, _ = out_with_passkey(site, device)
    wanted = asked(browser)

    moved_clock.now += challenges.LASTS

    assert brings(browser, device.signs(wanted)).status_code == 403


def test_an_answer_is_worth_nothing_for_another_purpose(site, device):
    browser, person = come_in(site, "asha")
    adds(browser, device)
    proof = options(browser, "/me", "/me/passkeys/challenge")
    entrance = asked_while_in(browser)

    with site.catalog.reading() as session:
        own = passkeys.passkeys_of(session, person)[0].id
    removed = send(browser, "/me", "/me/passkeys/remove", passkey_id=own, credential=device.signs(entrance))
    send(browser, "/me", "/sign-out")

    assert removed.status_code == 403
    assert brings(browser, device.signs(proof)).status_code == 403
    assert kept(site) == [person]


def asked_while_in(browser: TestClient) -> dict[str, Any]:
    return options(browser, "/sign-in?words=1", "/sign-in/passkey/challenge")


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://boli.example.com"},
        {"origin": "http://boli.example.org"},
        {"origin": "https://boli.example.org:8443"},
        {"framed": True},
        {"verifies": False},
    ],
    ids=["another site", "not over https", "another port", "within another site", "nobody verified"],
)
def test_a_signature_made_elsewhere_or_by_nobody_in_particular_is_refused(site, device, change):
    browser, _ = out_with_passkey(site, device)
    for name, value in change.items():
        setattr(device, name, value)

    assert signs_in(browser, device) == 403
    assert acts(site)[-1] == "passkey.refused"


def test_a_signature_for_another_name_of_the_same_page_is_refused(site, device):
    browser, _ = out_with_passkey(site, device)

    assert brings(browser, device.signs({**asked(browser), "rpId": "example.org"})).status_code == 403


def test_a_count_that_does_not_grow_is_a_copy_and_is_refused(site, device):
    browser, _ = out_with_passkey(site, device)
    assert signs_in(browser, device) == 303
    send(browser, "/me", "/sign-out")

    device.keys[-1].counted -= 1

    assert signs_in(browser, device) == 403
    assert signs_in(browser, device) == 303


def test_a_device_that_does_not_count_is_let_in_each_time(site):
    device = Authenticator(ADDRESS, counts=False)
    browser, _ = out_with_passkey(site, device)

    assert signs_in(browser, device) == 303
    send(browser, "/me", "/sign-out")
    assert signs_in(browser, device) == 303


def test_a_passkey_that_says_it_is_of_somebody_else_is_refused(site, device):
    browser, _ = out_with_passkey(site, device)
    device.keys[-1].user_handle = passkeys.user_handle("person-of-nobody")

    assert signs_in(browser, device) == 403


def test_a_signature_by_another_key_is_refused(site, device):
    browser, _ = out_with_passkey(site, device)
    thief = Authenticator(ADDRESS)
    thief.makes({"user": {"id": device.keys[-1].user_handle}, "rp": {"id": "x"}, "challenge": "AAAA"})
    thief.keys[-1].id = device.keys[-1].id

    assert signs_in(browser, thief) == 403
    assert signs_in(browser, device) == 303


def test_wrong_passkeys_are_slowed_as_wrong_pins_are_and_on_this_device_alone(site, device):
    browser, person = out_with_passkey(site, device)
    other = phone(site)
    send(other, invite(site, person), known=PIN)
    send(other, "/me", "/sign-out")
    device.verifies = False
    assert [signs_in(browser, device) for _ in range(5)] == [403] * 5
    device.verifies = True

    assert signs_in(browser, device) == 429
    assert send(browser, "/sign-in", who="asha", secret=PIN).status_code == 429
    assert signs_in(other, device) == 303


def test_wrong_pins_slow_the_passkey_too_and_it_then_ends_the_wait(site, device, moved_clock):
    browser, _ = out_with_passkey(site, device)
    for _ in range(5):
        send(browser, "/sign-in", who="asha", secret="739164")
    assert signs_in(browser, device) == 429

    moved_clock.now += timedelta(seconds=2)

    assert signs_in(browser, device) == 303
    send(browser, "/me", "/sign-out")
    assert send(browser, "/sign-in", who="asha", secret="739164").status_code == 403
    assert send(browser, "/sign-in", who="asha", secret=PIN).status_code == 303


def test_challenges_are_one_for_each_browser_and_go_when_they_are_old(site, device, moved_clock):
    browser, _ = out_with_passkey(site, device)
    for _ in range(5):
        asked(browser)
    assert _challenges(site) == 1
    other, _ = come_in(site, "bina")
    moved_clock.now += challenges.LASTS + timedelta(seconds=1)

    options(other, "/me", "/me/passkeys/new", known=PIN)

    assert _challenges(site) == 1


def _challenges(site: PortalContext) -> int:
    with site.catalog.reading() as session:
        return session.scalar(select(func.count()).select_from(PasskeyChallenge)) or 0


def test_a_form_for_passkeys_is_taken_from_the_very_browser_alone(site, device):
    browser, _ = out_with_passkey(site, device)
    other, _ = come_in(site, "bina")
    send(other, "/me", "/sign-out")
    token = token_in(other.get("/sign-in").text)

    assert browser.post("/sign-in/passkey/challenge", data={"token": token}).status_code == 403


def test_what_the_log_says_of_passkeys_names_no_key(site, device):
    browser, person = out_with_passkey(site, device)
    signs_in(browser, device)

    with site.catalog.reading() as session:
        held = session.scalars(select(Passkey.credential_id)).one()
        lines = [str(each.detail) for each in session.scalars(select(AuditEvent))]
        assert session.scalars(select(Person.id).where(Person.id == person)).one()
    assert lines and not any(held in line for line in lines)
