"""One's own passkeys: added and removed by who proves who they are, and what else takes them away."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import Device
from portal.access import passkeys
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
from transcription.people import set_active


def test_a_passkey_is_added_by_who_knows_the_pin_and_guesses_at_it_are_slowed(site, device):
    browser, _ = come_in(site, "asha")

    guesses = [send(browser, "/me", "/me/passkeys/new", known="739164") for _ in range(6)]

    assert [each.status_code for each in guesses] == [403] * 5 + [429]
    assert guesses[0].json()["error"]["message"] == "That was not right. Try again."
    made = device.makes({"user": {"id": "AAAA"}, "rp": {"id": "boli.example.org"}, "challenge": "AAAA"})
    assert send(browser, "/me", "/me/passkeys", credential=made).status_code == 422
    assert kept(site) == []


@pytest.mark.parametrize(
    "change", [{"origin": "https://evil.example"}, {"verifies": False}, {"framed": True}]
)
def test_a_passkey_made_elsewhere_or_without_looking_at_anybody_is_not_kept(site, device, change):
    browser, _ = come_in(site, "asha")
    for name, value in change.items():
        setattr(device, name, value)

    answer = adds(browser, device)

    assert answer.status_code == 422 and "could not be kept" in answer.text
    assert kept(site) == []


def test_nobody_adds_a_passkey_that_somebody_has_already_nor_an_eleventh(site, device):
    browser, person = come_in(site, "asha")
    for _ in range(passkeys.MOST):
        assert adds(browser, device).status_code == 303

    refused = send(browser, "/me", "/me/passkeys/new", known=PIN)

    assert refused.status_code == 409 and "Remove one first" in refused.json()["error"]["message"]
    other, _ = come_in(site, "bina")
    wanted = options(other, "/me", "/me/passkeys/new", known=PIN)
    copied = Authenticator(ADDRESS, keys=[])
    answer = json.loads(copied.makes(wanted))
    answer["id"] = answer["rawId"] = "not-what-it-holds"
    assert send(other, "/me", "/me/passkeys", credential=json.dumps(answer)).status_code == 422
    assert kept(site) == [person] * passkeys.MOST


def test_the_server_names_the_passkeys_that_a_device_has_so_that_it_makes_no_second(site, device):
    browser, _ = come_in(site, "asha")
    adds(browser, device)

    wanted = options(browser, "/me", "/me/passkeys/new", known=PIN)

    assert [each["id"] for each in wanted["excludeCredentials"]] == [
        json.loads(device.signs(options(browser, "/me", "/me/passkeys/challenge")))["id"]
    ]
    assert wanted["authenticatorSelection"]["userVerification"] == "required"


def test_a_passkey_is_removed_with_the_pin_or_with_a_signature_and_lets_nobody_in_from_then_on(
    site, device, moved_clock
):
    browser, person = come_in(site, "asha")
    for _ in range(2):
        adds(browser, device)
        moved_clock.now += timedelta(seconds=1)  # the oldest is listed first
    with site.catalog.reading() as session:
        first, second = (each.id for each in passkeys.passkeys_of(session, person))

    wrong = send(browser, "/me", "/me/passkeys/remove", passkey_id=first, known="739164")
    by_pin = send(browser, "/me", "/me/passkeys/remove", passkey_id=first, known=PIN)
    proof = device.signs(options(browser, "/me", "/me/passkeys/challenge"), device.keys[1])
    by_passkey = send(browser, "/me", "/me/passkeys/remove", passkey_id=second, credential=proof)

    assert wrong.status_code == 403 and "That was not right." in wrong.text
    assert (by_pin.status_code, by_passkey.status_code) == (303, 303)
    assert kept(site) == []
    assert acts(site).count("passkey.removed") == 2
    send(browser, "/me", "/sign-out")
    assert "Sign in with this device" not in browser.get("/sign-in").text
    assert [brings(browser, device.signs(asked(browser), key)).status_code for key in device.keys] == [
        403,
        403,
    ]


def test_nobody_removes_or_signs_for_a_passkey_of_somebody_else(site, device):
    _, asha = out_with_passkey(site, device)
    with site.catalog.reading() as session:
        theirs = passkeys.passkeys_of(session, asha)[0].id
    bina, _ = come_in(site, "bina")

    assert send(bina, "/me", "/me/passkeys/remove", passkey_id=theirs, known=PIN).status_code == 404
    proof = device.signs(options(bina, "/me", "/me/passkeys/challenge"))
    assert send(bina, "/me", "/me/passkeys/remove", passkey_id=theirs, credential=proof).status_code == 404
    assert kept(site) == [asha]


def test_a_new_pin_by_a_reset_link_takes_the_passkeys_along_and_a_changed_one_does_not(site, device):
    browser, person = come_in(site, "asha")
    adds(browser, device)
    send(browser, "/me", "/me/secret", known=PIN, secret="739164", again="739164")
    assert kept(site) == [person]

    send(phone(site), invite(site, person, reset=True), secret="846291", again="846291")

    assert kept(site) == []
    assert signs_in(browser, device) == 403


def test_a_device_that_is_taken_back_or_left_takes_the_passkeys_along_that_were_added_on_it(site, device):
    browser, asha = come_in(site, "asha")
    adds(browser, device)
    bina = take_on(site, "bina")
    send(browser, invite(site, bina), secret=PIN, again=PIN)
    adds(browser, device)
    with site.catalog.reading() as session:
        shared = session.scalars(select(Device.id)).one()

    send(browser, "/me", "/me/devices/end", device_id=shared)
    assert kept(site) == [asha]

    manager, _ = come_in(site, "meera", Role.MANAGER)
    send(manager, "/people/asha/access", "/people/asha/devices/end", device_id=shared)
    assert kept(site) == []


def test_who_is_let_go_is_let_in_by_no_passkey_until_they_are_taken_on_again(site, device):
    browser, person = out_with_passkey(site, device)
    wanted, token = asked(browser), token_in(browser.get("/sign-in").text)
    _set_active(site, person, active=False)
    answer = {"token": token, "credential": device.signs(wanted)}
    assert browser.post("/sign-in/passkey", data=answer).status_code == 403

    _set_active(site, person, active=True)

    assert signs_in(browser, device) == 303


def _set_active(site: PortalContext, person: str, *, active: bool) -> None:
    with site.catalog.writing() as session:
        set_active(session, person, active=active, by="tests", now=site.clock())


def test_a_portal_without_https_says_so_and_offers_no_passkeys(portal):
    browser, _ = come_in(portal, "asha")

    page = browser.get("/me").text

    assert "begins with https://" in page
    assert "Add a passkey" not in page
    assert send(browser, "/me", "/me/passkeys/new", known=PIN).status_code == 404
    assert "passkeys.js" not in browser.get("/sign-in").text
