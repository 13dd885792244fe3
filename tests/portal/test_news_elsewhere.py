"""Where somebody hears of news: chosen by themselves, in this browser, by mail or on their phone; else nowhere."""

import json
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from catalog.push_key import push_public_key
from catalog.states import NewsChannel, Role
from catalog.tables import ChosenChannel, PersonPrivate, PushSubscription, SignIn
from portal.access import entry
from tests.portal.live import LAPTOP, PHONE, Live, axe_findings, context_of, served
from tests.portal.people import sign_in
from tests.push_service import PushBrowser
from tests.waiting import soon, until
from transcription.news.subscriptions import browsers_of, drop_ended

ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc:def"


def given(endpoint: str = ENDPOINT, browser: PushBrowser | None = None) -> dict[str, str]:
    browser = browser or PushBrowser()
    return {"endpoint": endpoint, "p256dh": browser.p256dh, "auth": browser.auth}


def subscriptions(portal) -> list[PushSubscription]:
    with portal.catalog.reading() as session:
        return list(session.scalars(select(PushSubscription)))


def test_a_browser_is_told_from_when_it_is_switched_on_until_it_is_switched_off(busy_portal, busy_client):
    ravi = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER])
    client = ravi.browser(busy_client)
    client.cookies.set("boli-language", "te")
    assert push_public_key(busy_portal.key) in client.get("/news").text
    assert 'data-here="no"' in client.get("/news").text

    assert client.post("/news/browser", json=given()).status_code == 204

    (kept,) = subscriptions(busy_portal)
    assert (kept.person_id, kept.endpoint, kept.language) == (ravi.person_id, ENDPOINT, "te")
    assert 'data-here="yes"' in client.get("/news").text
    assert client.post("/news/browser/end").status_code == 204
    assert subscriptions(busy_portal) == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com:8443/fcm",
        "https://fcm.googleapis.com.example.org/fcm",
        "https://evilfcm.googleapis.com/",
        "https://user@fcm.googleapis.com/",
        "https://fcm.googleapis.com@10.0.0.1/",
        "https://fcm.googleapis.com\\@10.0.0.1/",
        "https://127.0.0.1/",
        "http://127.0.0.1:8600/news/read",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/\r\nHost: other",
        "https://fcm.googleapis.com/#" + "x",
    ],
)
def test_an_address_that_is_no_push_service_is_refused(busy_portal, busy_client, endpoint):
    client = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER]).browser(busy_client)

    refused = client.post("/news/browser", json=given(endpoint))

    assert refused.status_code == 422 and subscriptions(busy_portal) == []


@pytest.mark.parametrize(
    "change", [{"p256dh": "AAAA"}, {"auth": "AAAA"}, {"p256dh": "é"}, {"auth": "*" * 22}]
)
def test_keys_that_are_none_are_refused(busy_portal, busy_client, change):
    client = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER]).browser(busy_client)

    assert client.post("/news/browser", json=given() | change).status_code == 422
    assert subscriptions(busy_portal) == []


def test_where_the_operator_names_no_service_and_no_channel_nothing_is_offered(busy_portal, busy_client):
    quiet = replace(busy_portal, push_services=())
    client = sign_in(quiet, "ravi", [Role.TRANSCRIBER]).browser(busy_client)
    busy_client.app.state.context = quiet

    assert "elsewhere" not in client.get("/news").text
    assert client.post("/news/browser", json=given()).status_code == 422
    client.post("/news/channels", data={"channel": ["mail"], "email": "ravi@example.org"})
    with busy_portal.catalog.reading() as session:
        assert session.scalars(select(ChosenChannel.channel)).all() == []


def test_mail_and_phone_are_chosen_with_an_address_and_left_again(busy_portal, busy_client):
    both = frozenset({NewsChannel.MAIL, NewsChannel.GATEWAY})
    portal = replace(busy_portal, news_channels=both)
    busy_client.app.state.context = portal
    ravi = sign_in(portal, "ravi", [Role.TRANSCRIBER])
    client = ravi.browser(busy_client)

    wrong = client.post("/news/channels", data={"channel": ["mail"], "email": "ravi"})
    assert wrong.headers["location"] == "/news?fault=1#elsewhere"
    assert "That is no address" in client.get("/news?fault=1").text
    nothing = client.post("/news/channels", data={"channel": ["gateway"], "phone": ""})
    assert nothing.headers["location"] == "/news?fault=1#elsewhere"
    right = {"channel": ["mail", "gateway"], "email": "ravi@example.org", "phone": "+91 98765 43210"}
    assert client.post("/news/channels", data=right).headers["location"] == "/news?saved=1#elsewhere"

    with portal.catalog.reading() as session:
        chosen = set(session.scalars(select(ChosenChannel.channel)))
        private = session.get_one(PersonPrivate, ravi.person_id)
    assert chosen == both
    assert (private.email, private.phone) == ("ravi@example.org", "+91 98765 43210")

    client.post("/news/channels", data={"email": "ravi@example.org", "phone": "+91 98765 43210"})
    with portal.catalog.reading() as session:
        assert session.scalars(select(ChosenChannel.channel)).all() == []


def test_signing_out_or_being_signed_out_everywhere_ends_the_notices_even_if_they_come_back(
    busy_portal, busy_client
):
    ravi = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER])
    client = ravi.browser(busy_client)
    client.post("/news/browser", json=given())
    with busy_portal.catalog.writing() as session:
        (device,) = session.scalars(select(SignIn.device_id).where(SignIn.person_id == ravi.person_id))
        drop_ended(session, entering=(ravi.person_id, device))  # who only signs in anew keeps them
        kept = session.scalars(select(PushSubscription.device_id)).all()
        entry.end_sessions(session, ravi.person_id, by="tests", now=busy_portal.clock())
        drop_ended(session, entering=(ravi.person_id, device))
    assert kept == [device]
    assert subscriptions(busy_portal) == []


def test_the_button_sign_out_ends_the_notices_of_that_browser_at_once(busy_portal, busy_client):
    ravi = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER])
    client = ravi.browser(busy_client)
    client.post("/news/browser", json=given())

    assert client.post("/sign-out", data={"token": ravi.token}).status_code == 303

    with busy_portal.catalog.reading() as session:
        assert browsers_of(session, ravi.person_id) == []


def test_who_comes_next_on_a_shared_phone_ends_those_of_the_person_before(busy_portal, busy_client):
    ravi = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER])
    ravi.browser(busy_client).post("/news/browser", json=given())
    (kept,) = subscriptions(busy_portal)

    with busy_portal.catalog.writing() as session:
        drop_ended(session, entering=("person-other", kept.device_id))

    assert subscriptions(busy_portal) == []


FAKE_SERVICE = """
const made = %s;
let current = null;
PushManager.prototype.getSubscription = async () => current;
PushManager.prototype.subscribe = async (options) => (current = {
  options: {applicationServerKey: options.applicationServerKey.buffer},
  toJSON: () => ({endpoint: made.endpoint, keys: {p256dh: made.p256dh, auth: made.auth}}),
  unsubscribe: async () => !(current = null),
});
"""
"""In the place of the service of the browser's maker, which tests can't reach."""


def permit(live: Live, page: Page) -> None:
    page.context.grant_permissions(["notifications"], origin=live.address)


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, LAPTOP])
def test_notices_are_switched_on_and_off_by_keys_and_nothing_asks_before(browser, busy_portal, size):
    everything = replace(busy_portal, news_channels=frozenset({NewsChannel.MAIL, NewsChannel.GATEWAY}))
    with served(everything) as live:
        context = context_of(browser, live, sign_in(busy_portal, "ravi", [Role.TRANSCRIBER]), size=size)
        page = context.new_page()
        permit(live, page)
        page.add_init_script(FAKE_SERVICE % json.dumps(given()))
        page.goto("/news")
        switch = page.get_by_role("button", name="Show notices in this browser")
        expect(switch).to_be_visible()
        assert subscriptions(busy_portal) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert axe_findings(page) == []

        switch.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("This browser shows your news.")).to_be_visible()
        until(lambda: len(subscriptions(busy_portal)) == 1)

        page.get_by_role("button", name="No more notices here").click()
        expect(switch).to_be_visible()
        assert subscriptions(busy_portal) == []
        context.close()


@pytest.mark.slow
def test_a_push_message_is_shown_as_a_notice_and_opens_the_page_where_it_is_seen_to(
    browser, live, busy_portal
):
    context = context_of(browser, live, sign_in(busy_portal, "ravi", [Role.TRANSCRIBER]))
    page = context.new_page()
    permit(live, page)
    page.goto("/news")
    link = context.new_cdp_session(page)
    registrations: dict[str, str] = {}
    link.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: registrations.update(
            {each["scopeURL"]: each["registrationId"] for each in said["registrations"]}
        ),
    )
    link.send("ServiceWorker.enable")
    page.evaluate(
        "navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready).then(() => 1)"
    )
    scope = f"{live.address}/"
    until(lambda: page.evaluate("1") and scope in registrations)
    payload = {
        "title": "Demo",
        "body": "మీకు తిరిగి పంపిన రాతలు: 3",
        "language": "te",
        "kind": "sent_back",
        "topic": "demo",
    }

    message = {"origin": live.address, "registrationId": registrations[scope], "data": json.dumps(payload)}
    shown = "navigator.serviceWorker.ready.then((worker) => worker.getNotifications())"
    notices = f"{shown}.then((all) => all.map(({{title, body, lang, tag}}) => ({{title, body, lang, tag}})))"
    notice = {"title": "Demo", "body": payload["body"], "lang": "te", "tag": "demo"}

    def delivered() -> list[dict[str, str]]:
        link.send("ServiceWorker.deliverPushMessage", message)
        soon(lambda: page.evaluate(notices), seconds=5)
        return page.evaluate(notices)

    until(delivered)  # a browser may lose one, as a push service sends it again
    assert delivered() == [notice]  # a later one takes the place of the one before
    (worker,) = context.service_workers
    opened = worker.evaluate(
        """async () => {
          const opened = [];
          self.clients.openWindow = async (path) => { opened.push(path); return null; };
          const [notice] = await self.registration.getNotifications();
          const click = new NotificationEvent("notificationclick", {notification: notice});
          click.waitUntil = () => {};
          self.dispatchEvent(click);
          while (!opened.length) await new Promise((later) => setTimeout(later, 10));
          return [...opened, (await self.registration.getNotifications()).length];
        }"""
    )
    assert opened == ["/write", 0]

    until(delivered)
    page.goto("/signed-out")  # whoever comes next sees none of them
    until(lambda: page.evaluate(f"{shown}.then((all) => all.length)") == 0)
    context.close()


@pytest.mark.slow
def test_a_browser_that_reaches_no_push_service_says_so(browser, live, busy_portal):
    context = context_of(browser, live, sign_in(busy_portal, "ravi", [Role.TRANSCRIBER]))
    page = context.new_page()
    permit(live, page)
    page.goto("/news")

    page.get_by_role("button", name="Show notices in this browser").click()

    expect(page.get_by_text("The browser could not reach the service that brings notices.")).to_be_visible()
    assert subscriptions(busy_portal) == []
    context.close()
