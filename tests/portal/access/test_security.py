"""What somebody with bad intent tries at the door."""

import logging
import logging.config
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn.config
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from catalog.states import Role
from catalog.tables import AuditEvent, Device, SignIn
from portal.access import pin
from portal.access.session import IDLE, LASTS, NOTED_EVERY
from portal.app import create_app
from portal.context import PortalContext
from tests.portal.access.newcomer import PIN, come_in, invite, phone, send, take_on, token_in


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(portal: PortalContext, clock: Clock) -> PortalContext:
    return replace(portal, clock=clock)


def tries(browser: TestClient, who: str, secret: str) -> int:
    return send(browser, f"/sign-in?who={who}", who=who, secret=secret).status_code


def with_session(portal: PortalContext, secret: str) -> TestClient:
    """A browser into which somebody put the secret of a session."""
    browser = phone(portal)
    browser.cookies.set("boli", secret)
    return browser


def test_guessing_waits_longer_each_time_and_the_right_pin_ends_the_wait(timed, clock):
    browser, _ = come_in(timed, "asha")

    assert [tries(browser, "asha", f"73916{digit}") for digit in range(5)] == [403] * 5
    assert tries(browser, "asha", PIN) == 429
    clock.passes(seconds=2)
    assert tries(browser, "asha", "739169") == 403
    clock.passes(seconds=3)
    page = send(browser, "/sign-in", who="asha", secret=PIN)
    assert page.status_code == 429 and "1 second" in page.text
    clock.passes(seconds=1)
    assert tries(browser, "asha", PIN) == 303

    assert tries(browser, "asha", "739164") == 403
    assert tries(browser, "asha", PIN) == 303


def test_a_thief_with_a_device_makes_nobody_wait_on_another(timed):
    thiefs, person = come_in(timed, "asha")
    own = phone(timed)
    send(own, invite(timed, person), known=PIN)

    while tries(thiefs, "asha", "739164") != 429:
        pass

    assert tries(own, "asha", PIN) == 303


def test_guesses_sent_all_at_once_are_counted_one_by_one(timed):
    browser, _ = come_in(timed, "asha")
    token = token_in(browser.get("/sign-in").text)
    device = browser.cookies["boli-device"]
    app = create_app(timed)

    def guess(number: int) -> int:
        one = TestClient(app, base_url=timed.address, follow_redirects=False)
        one.cookies.set("boli-device", device)
        return one.post(
            "/sign-in", data={"token": token, "who": "asha", "secret": f"7391{number:02}"}
        ).status_code

    with ThreadPoolExecutor(12) as pool:
        answers = sorted(pool.map(guess, range(12)))

    assert answers == [403] * 5 + [429] * 7


def test_somebody_who_is_not_on_the_device_gets_the_same_answer(portal):
    browser, _ = come_in(portal, "asha")
    take_on(portal, "bina")

    wrong = send(browser, "/sign-in", who="asha", secret="739164")
    elsewhere = send(browser, "/sign-in", who="bina", secret="739164")
    nobody = send(browser, "/sign-in", who="nobody' --", secret="739164")

    def without_tokens(page: str) -> str:
        return re.sub(r"[\w-]{43,64}", "", page)

    assert wrong.status_code == elsewhere.status_code == nobody.status_code == 403
    assert without_tokens(wrong.text) == without_tokens(elsewhere.text) == without_tokens(nobody.text)


def test_a_person_without_a_pin_takes_as_long_to_refuse_as_one_with(portal):
    kept = pin.hash_of(PIN)

    def fastest(hashed: str | None) -> float:
        times = []
        for _ in range(3):
            begin = time.process_time()
            assert not pin.is_right("739164", hashed)
            times.append(time.process_time() - begin)
        return min(times)

    assert fastest(None) > 0.4 * fastest(kept)
    assert not pin.is_right("nobody's", None)


def test_the_session_is_a_new_one_at_every_sign_in(portal):
    browser, _ = come_in(portal, "asha")
    before = browser.cookies["boli"]

    send(browser, "/sign-in", who="asha", secret=PIN)

    assert browser.cookies["boli"] != before
    assert browser.get("/me").status_code == 200
    assert with_session(portal, before).get("/me").status_code == 303


def test_a_session_that_a_thief_chose_is_not_the_one_of_the_sign_in(portal):
    link = invite(portal, take_on(portal, "asha"))
    browser = with_session(portal, "chosen-by-a-thief")

    entered = send(browser, link, secret=PIN, again=PIN)

    assert "boli=" in entered.headers["set-cookie"] and "chosen" not in entered.headers["set-cookie"]
    assert with_session(portal, "chosen-by-a-thief").get("/me").status_code == 303


def test_after_sign_out_the_old_cookie_opens_nothing(portal):
    browser, _ = come_in(portal, "asha")
    secret = browser.cookies["boli"]

    answer = send(browser, "/me", "/sign-out")

    assert "Clear-Site-Data" not in answer.headers
    assert "boli" not in browser.cookies and "boli-device" in browser.cookies
    assert with_session(portal, secret).get("/me").status_code == 303


def test_a_session_ends_by_itself_when_unused_and_after_a_month(timed, clock):
    browser, _ = come_in(timed, "asha")
    clock.passes(seconds=IDLE.total_seconds() - 60)
    assert browser.get("/me").status_code == 200
    clock.passes(seconds=IDLE.total_seconds() + 60)
    assert browser.get("/me").status_code == 303

    send(browser, "/sign-in", who="asha", secret=PIN)
    for _ in range(int(LASTS.days)):
        clock.passes(days=1)
        last = browser.get("/me").status_code
    assert last == 303


def test_a_new_pin_asks_for_the_old_and_ends_the_other_sessions(portal):
    browser, person = come_in(portal, "asha")
    other = phone(portal)
    send(other, invite(portal, person), known=PIN)

    def changes(known: str, secret: str) -> int:
        return send(browser, "/me", "/me/secret", known=known, secret=secret, again=secret).status_code

    assert changes("739164", "739164") == 403
    assert changes(PIN, "111111") == 422
    assert other.get("/me").status_code == 200
    assert changes(PIN, "739164") == 303

    assert browser.get("/me").status_code == 200
    assert other.get("/me").status_code == 303
    assert tries(other, "asha", PIN) == 403
    assert tries(other, "asha", "739164") == 303


def test_nobody_ends_a_session_a_device_or_a_token_of_somebody_else(portal):
    asha, _ = come_in(portal, "asha", Role.ML_READER)
    bina, person = come_in(portal, "bina", Role.ML_READER)
    with portal.catalog.reading() as session:
        session_id, device_id = session.execute(
            select(SignIn.id, SignIn.device_id).where(SignIn.person_id == person)
        ).one()

    assert send(asha, "/me", "/me/sessions/end", session_id=session_id).status_code == 404
    assert send(asha, "/me", "/me/devices/end", device_id=device_id).status_code == 404
    assert send(asha, "/me", "/me/tokens/end", token_id="token-1").status_code == 404
    assert bina.get("/me").status_code == 200
    assert send(bina, "/me", "/me/sessions/end", session_id=session_id).status_code == 303
    assert bina.get("/me").status_code == 303


def test_whoever_leaves_a_shared_phone_leaves_it_to_the_others(portal):
    browser, _ = come_in(portal, "asha")
    send(browser, invite(portal, take_on(portal, "bina")), secret="739164", again="739164")
    with portal.catalog.reading() as session:
        device = session.scalar(select(Device.id))

    send(browser, "/me", "/me/devices/end", device_id=device)

    assert browser.get("/me").status_code == 303
    page = browser.get("/sign-in").text
    assert "asha" in page and "bina" not in page


def test_cookies_over_tls_are_bound_to_this_host_and_hidden_from_scripts(portal):
    safe = replace(portal, address="https://boli.example.org")
    browser = phone(safe)
    link = invite(safe, take_on(safe, "asha"))

    first = browser.get(link)
    token = token_in(first.text)
    entered = browser.post(link, data={"token": token, "secret": PIN, "again": PIN})

    cookies = [*first.headers.get_list("set-cookie"), *entered.headers.get_list("set-cookie")]
    assert {each.partition("=")[0] for each in cookies} == {"__Host-boli", "__Host-boli-device"}
    for cookie in cookies:
        attributes = cookie.lower()
        assert "; secure" in attributes and "; httponly" in attributes and "; samesite=lax" in attributes
        assert "; path=/" in attributes and "domain" not in attributes
    assert "strict-transport-security" in entered.headers


def test_a_form_of_the_door_counts_only_in_the_browser_that_was_shown_it(portal):
    link = invite(portal, take_on(portal, "asha"))
    thief, victim = phone(portal), phone(portal)
    token = token_in(thief.get(link).text)
    victim.get("/sign-in")

    # Without this, a page elsewhere could enrol a victim's browser as the thief, and read what they then write.
    assert victim.post(link, data={"token": token, "secret": PIN, "again": PIN}).status_code == 403
    assert phone(portal).post(link, data={"token": token, "secret": PIN, "again": PIN}).status_code == 403
    foreign = {"Origin": "https://evil.example"}
    assert (
        thief.post(link, data={"token": token, "secret": PIN, "again": PIN}, headers=foreign).status_code
        == 403
    )


@pytest.mark.parametrize("size", [17 * 1024, 2 * 2**20, 3 * 2**20])
def test_a_sign_in_form_as_large_as_a_book_is_not_read(portal, size):
    browser, _ = come_in(portal, "asha")
    token = token_in(browser.get("/sign-in").text)

    begin = time.process_time()
    answer = browser.post("/sign-in", data={"token": token, "who": "asha", "secret": "x" * size})

    assert answer.status_code == 413
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize("secret", ["", " ", "\x00", "x" * 5000, "🐘" * 90, "' or 1=1 --", "%s%n", "\ud83d"])
def test_nothing_that_is_typed_as_a_pin_breaks_the_door(portal, secret):
    browser, _ = come_in(portal, "asha")
    token = token_in(browser.get("/sign-in").text)
    body = f"token={token}&who=asha&secret=".encode() + secret.encode("utf-8", "surrogatepass")

    answer = browser.post(
        "/sign-in", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )

    assert answer.status_code in (403, 422)


def test_no_page_holds_a_secret_and_no_page_is_kept_by_a_cache(portal):
    browser, person = come_in(portal, "asha", Role.MANAGER)
    session_secret, device_secret = browser.cookies["boli"], browser.cookies["boli-device"]

    for path in (
        "/me",
        "/me/tokens",
        "/people/asha/access",
        "/manage/audit",
        "/sign-in",
        invite(portal, person),
    ):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert (
            session_secret not in answer.text and device_secret not in answer.text and PIN not in answer.text
        )
        assert "argon2" not in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_servers_log_holds_no_code_of_an_invite(portal, capfd):
    link = invite(portal, take_on(portal, "asha"))
    create_app(portal)
    logging.config.dictConfig(uvicorn.config.LOGGING_CONFIG)

    log = logging.getLogger("uvicorn.access")
    log.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", f"{link}?words=1", "1.1", 200)

    written = "".join(capfd.readouterr())
    assert "/invite/…" in written and link not in written


def test_every_act_at_the_door_is_in_the_log_and_no_secret_is(timed, clock):
    browser, person = come_in(timed, "asha")
    for _ in range(5):
        tries(browser, "asha", "739164")
    clock.passes(minutes=1)
    tries(browser, "asha", PIN)
    send(browser, "/me", "/sign-out")

    with timed.catalog.reading() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()

    acts = [event.action for event in events]
    assert acts.count("sign_in.failed") == 4 and acts.count("sign_in.throttled") == 1
    assert acts[-2:] == ["sign_in.done", "session.signed_out"]
    assert all(event.subject_id == person for event in events if event.action.startswith("sign_in.f"))
    assert not any(PIN in str(event.detail) or "739164" in str(event.detail) for event in events)


def test_a_session_of_a_person_or_device_that_is_over_opens_nothing(portal):
    browser, _ = come_in(portal, "asha")

    with portal.catalog.writing() as session:
        session.execute(update(Device).values(ended_at=portal.clock()))

    assert browser.get("/me").status_code == 303


def test_no_page_waits_or_fails_because_it_cannot_be_noted_that_somebody_was_seen(portal):
    browser, _ = come_in(portal, "asha", Role.COORDINATOR)
    later = replace(portal, clock=lambda: datetime.now(UTC) + 2 * NOTED_EVERY)
    again = phone(later)
    again.cookies.update(browser.cookies)

    def seen() -> datetime:
        with portal.catalog.reading() as session:
            return max(session.scalars(select(SignIn.seen_at)).all())

    before = seen()
    with portal.catalog.writing() as held:  # nobody else may write
        held.execute(select(1))
        assert again.get("/record").status_code == 200
        assert again.get("/me").status_code == 200
    assert seen() == before

    assert again.get("/record").status_code == 200
    assert seen() > before
