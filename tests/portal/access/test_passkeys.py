"""Signing in with a passkey instead of the PIN: who gets in, and what a thief tries."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response  # what the test client of this Starlette answers with
from sqlalchemy import func, select

from catalog.states import Role
from catalog.tables import AuditEvent, Device, Passkey, PasskeyChallenge, Person
from portal.access import challenges, passkeys
from portal.context import PortalContext
from tests.portal.access.authenticator import Authenticator
from tests.portal.access.newcomer import PIN, come_in, invite, phone, send, take_on, token_in
from transcription.people import set_active

ADDRESS = "https://boli.example.org"


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(portal: PortalContext, clock: Clock) -> PortalContext:
    """The portal under a name, over https."""
    return replace(portal, address=ADDRESS, clock=clock)


@pytest.fixture
def device() -> Authenticator:
    return Authenticator(ADDRESS)


def options(browser: TestClient, page: str, path: str, **fields: str) -> dict[str, Any]:
    """What the server wants of the device."""
    answer = send(browser, page, path, **fields)
    assert answer.status_code == 200, answer.text
    wanted: dict[str, Any] = answer.json()
    return wanted


def adds(browser: TestClient, device: Authenticator) -> Response:
    wanted = options(browser, "/me", "/me/passkeys/new", known=PIN)
    return send(browser, "/me", "/me/passkeys", credential=device.makes(wanted))


def asked(browser: TestClient) -> dict[str, Any]:
    return options(browser, "/sign-in", "/sign-in/passkey/challenge")


def brings(browser: TestClient, answer: str, **fields: str) -> Response:
    """Send an answer of a device to the way in."""
    return send(browser, "/sign-in", "/sign-in/passkey", credential=answer, **fields)


def signs_in(browser: TestClient, device: Authenticator) -> int:
    return brings(browser, device.signs(asked(browser))).status_code


def out_with_passkey(
    site: PortalContext, device: Authenticator, handle: str = "asha", *roles: Role
) -> tuple[TestClient, str]:
    """Somebody who came in, added a passkey and left; with their id."""
    browser, person = come_in(site, handle, *roles)
    assert adds(browser, device).status_code == 303
    send(browser, "/me", "/sign-out")
    return browser, person


def kept(site: PortalContext) -> list[str]:
    """Whose passkeys there are."""
    with site.catalog.reading() as session:
        return list(session.scalars(select(Passkey.person_id)))


def acts(site: PortalContext) -> list[str]:
    with site.catalog.reading() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.at)))


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


def test_an_answer_is_worth_nothing_after_five_minutes(site, device, clock):
    browser, _ = out_with_passkey(site, device)
    wanted = asked(browser)

    clock.now += challenges.LASTS

    assert brings(browser, device.signs(wanted)).status_code == 403


def test_an_answer_is_worth_nothing_for_another_purpose(site, device):
    browser, person = come_in(site, "asha")
    adds(browser, device)
    proof = options(browser, "/me", "/me/passkeys/challenge")
    entrance = asked_while_in(browser)

    removed = send(browser, "/me", "/me/passkeys/remove", passkey_id="any", credential=device.signs(entrance))
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


def test_wrong_pins_slow_the_passkey_too_and_it_then_ends_the_wait(site, device, clock):
    browser, _ = out_with_passkey(site, device)
    for _ in range(5):
        send(browser, "/sign-in", who="asha", secret="739164")
    assert signs_in(browser, device) == 429

    clock.now += timedelta(seconds=2)

    assert signs_in(browser, device) == 303
    send(browser, "/me", "/sign-out")
    assert send(browser, "/sign-in", who="asha", secret="739164").status_code == 403
    assert send(browser, "/sign-in", who="asha", secret=PIN).status_code == 303


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


def test_a_passkey_is_removed_with_the_pin_or_with_a_signature_and_lets_nobody_in_from_then_on(site, device):
    browser, person = come_in(site, "asha")
    for _ in range(2):
        adds(browser, device)
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
    assert send(bina, "/me", "/me/passkeys/remove", passkey_id=theirs, credential=proof).status_code == 403
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


def test_challenges_are_one_for_each_browser_and_go_when_they_are_old(site, device, clock):
    browser, _ = out_with_passkey(site, device)
    for _ in range(5):
        asked(browser)
    assert _challenges(site) == 1
    other, _ = come_in(site, "bina")
    clock.now += challenges.LASTS + timedelta(seconds=1)

    options(other, "/me", "/me/passkeys/new", known=PIN)

    assert _challenges(site) == 1


def _challenges(site: PortalContext) -> int:
    with site.catalog.reading() as session:
        return session.scalar(select(func.count()).select_from(PasskeyChallenge)) or 0


def test_a_portal_without_https_says_so_and_offers_no_passkeys(portal):
    browser, _ = come_in(portal, "asha")

    page = browser.get("/me").text

    assert "begins with https://" in page
    assert "Add a passkey" not in page
    assert send(browser, "/me", "/me/passkeys/new", known=PIN).status_code == 404
    assert "passkeys.js" not in browser.get("/sign-in").text


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
