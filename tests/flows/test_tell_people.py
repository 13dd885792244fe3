"""People hear of their news where they chose to: seldom, by day, once; and nobody else hears of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from catalog.ids import new_id
from catalog.push_key import push_public_key
from catalog.states import NewsChannel, NewsNoticeState, Role, UploadState
from catalog.tables import (
    Device,
    DevicePerson,
    NewsNotice,
    PersonPrivate,
    ProjectRow,
    PushSubscription,
    SignIn,
    Upload,
)
from flows.mail import MailServer
from flows.steps.tell_people import NoticesReport, tell_people
from flows.workspace import Workspace
from tests.mail_server import mail_server
from tests.push_service import PushBrowser, PushService, claims_of, push_service
from transcription.news.outbox import MOST_TRIES, claim
from transcription.news.subscriptions import BrowserKeys, choose_channel, subscribe
from transcription.people import add_person, set_active, set_contact, set_phone
from transcription.staff_erasure import erase_person

KEY = bytes(range(32))
TUESDAY = datetime(2026, 12, 1, 6, tzinfo=UTC)  # 11:30 in India
BEFORE = TUESDAY - timedelta(days=2)


@dataclass
class Village:
    """A coordinator whose recordings are refused, and what reaches her."""

    workspace: Workspace
    service: PushService
    asha: str
    uploads: list[str] = field(default_factory=list)

    def switches_on(self, path: str = "/asha", language: str = "hi", device: str = "") -> PushBrowser:
        browser = PushBrowser()
        with self.workspace.catalog.writing() as session:
            device_id = device or self._device(session)
            subscribe(
                session,
                self.asha,
                device_id,
                endpoint=self.service.address + path,
                keys=BrowserKeys(browser.p256dh, browser.auth),
                language=language,
                now=BEFORE,
            )
        return browser

    def _device(self, session) -> str:
        device = Device(
            id=new_id("device"), secret_sha256=new_id("s"), name="phone", enrolled_at=BEFORE, ended_at=None
        )
        session.add(device)
        session.flush()
        session.add(DevicePerson(device_id=device.id, person_id=self.asha, enrolled_at=BEFORE, ended_at=None))
        session.add(
            SignIn(
                id=new_id("sign_in"),
                token_sha256=new_id("t"),
                person_id=self.asha,
                device_id=device.id,
                project_id="demo",
                began_at=BEFORE,
                seen_at=BEFORE,
                expires_at=BEFORE + timedelta(days=30),
                ended_at=None,
            )
        )
        session.flush()
        return device.id

    def is_refused(self, at: datetime) -> None:
        with self.workspace.catalog.writing() as session:
            upload = Upload(
                id=new_id("upload"),
                project_id="demo",
                sent_by=self.asha,
                name="Asha's village.wav",
                state=UploadState.REJECTED,
                reason="too_quiet",
                received_at=at,
                receipt=new_id("receipt"),
                size=1,
                sha256=new_id("sha"),
            )
            session.add(upload)

    def told(self, at: datetime = TUESDAY) -> NoticesReport:
        return tell_people(self.workspace, now=at)

    def notices(self) -> list[NewsNotice]:
        with self.workspace.catalog.reading() as session:
            return list(session.scalars(select(NewsNotice).order_by(NewsNotice.made_at, NewsNotice.channel)))

    def with_news(self, **changed: Any) -> None:
        self.workspace = replace(self.workspace, news=replace(self.workspace.news, **changed))


@pytest.fixture
def village(workspace: Workspace) -> Iterator[Village]:
    with push_service() as service:
        news = replace(workspace.news, services=("127.0.0.1",), key=KEY, contact="mailto:boli@example.org")
        with workspace.catalog.writing() as session:
            session.add(ProjectRow(id="demo", title="demo", created_at=BEFORE))
            session.flush()
            asha = add_person(
                session,
                "asha",
                project="demo",
                roles=[Role.COORDINATOR],
                languages=["te"],
                by="tests",
                now=BEFORE,
            ).id
        yield Village(replace(workspace, news=news), service, asha)


def payload_of(browser: PushBrowser, service: PushService, path: str = "/asha") -> dict[str, Any]:
    (posted,) = service.of(path)
    opened = json.loads(browser.opened(posted.body))
    assert isinstance(opened, dict)
    return opened


def test_a_browser_is_told_how_many_of_what_in_its_readers_language_and_nothing_of_anybody(village):
    browser = village.switches_on()
    village.is_refused(TUESDAY - timedelta(hours=2))
    village.is_refused(TUESDAY - timedelta(hours=1))

    assert village.told() == NoticesReport(made=1, sent=1)

    payload = payload_of(browser, village.service)
    assert payload["body"] == "नामंज़ूर हुईं रिकॉर्डिंग: 2"
    assert (payload["kind"], payload["language"]) == ("refused", "hi")
    assert "village" not in json.dumps(payload) and "asha" not in json.dumps(payload)
    (posted,) = village.service.posted
    claims = claims_of(posted.headers["authorization"], push_public_key(KEY))
    assert (claims["aud"], claims["sub"]) == (village.service.address, "mailto:boli@example.org")
    assert posted.headers["content-encoding"] == "aes128gcm" and int(posted.headers["ttl"]) == 12 * 3600


def test_nobody_is_told_who_did_not_ask_for_it(village):
    village.is_refused(TUESDAY - timedelta(hours=1))

    assert village.told() == NoticesReport() and village.notices() == []


def test_what_was_told_is_not_told_again_and_what_comes_on_top_waits_for_four_hours(village):
    village.switches_on()
    village.is_refused(TUESDAY - timedelta(hours=1))
    village.told()
    village.is_refused(TUESDAY + timedelta(minutes=20))

    assert village.told(TUESDAY + timedelta(minutes=15)) == NoticesReport()
    assert village.told(TUESDAY + timedelta(hours=3)) == NoticesReport()
    assert village.told(TUESDAY + timedelta(hours=4)) == NoticesReport(made=1, sent=1)
    assert village.told(TUESDAY + timedelta(hours=8)) == NoticesReport()
    assert [each.counts for each in village.notices()] == [{"refused": 1}, {"refused": 1}]


def test_at_night_nobody_is_woken_and_in_the_morning_it_is_one_notice(village):
    village.switches_on()
    night = datetime(2026, 11, 30, 20, tzinfo=UTC)  # 01:30 in India
    village.is_refused(night - timedelta(minutes=5))

    assert village.told(night) == NoticesReport()
    assert village.told(night + timedelta(hours=7)) == NoticesReport(made=1, sent=1)


def test_whoever_is_in_the_portal_just_now_sees_it_there(village):
    village.switches_on()
    village.is_refused(TUESDAY - timedelta(hours=1))
    with village.workspace.catalog.writing() as session:
        session.execute(update(SignIn).values(seen_at=TUESDAY - timedelta(minutes=5)))

    assert village.told() == NoticesReport()
    assert village.told(TUESDAY + timedelta(minutes=15)) == NoticesReport(made=1, sent=1)


def test_a_browser_that_is_gone_is_forgotten_and_another_of_theirs_is_told(village):
    village.switches_on("/old")
    newer = village.switches_on("/new")
    village.service.status["/old"] = 410
    village.is_refused(TUESDAY - timedelta(hours=1))

    assert village.told() == NoticesReport(made=1, sent=1)

    assert payload_of(newer, village.service, "/new")["kind"] == "refused"
    with village.workspace.catalog.reading() as session:
        left = session.scalars(select(PushSubscription.endpoint)).all()
    assert left == [f"{village.service.address}/new"]


def test_a_service_that_is_busy_is_asked_again_a_few_times_and_no_more(village):
    village.switches_on()
    village.service.status["/asha"] = 429
    village.is_refused(TUESDAY - timedelta(hours=1))

    reports = [village.told(TUESDAY + timedelta(minutes=15 * run)) for run in range(MOST_TRIES + 2)]

    assert [each.failed for each in reports] == [1] * MOST_TRIES + [0, 0]
    assert len(village.service.posted) == MOST_TRIES
    (notice,) = village.notices()
    assert (notice.state, notice.failure) == (NewsNoticeState.FAILED, "127.0.0.1 answered 429.")


def test_signed_out_anywhere_or_let_go_or_forgotten_nothing_is_sent_there(village):
    village.switches_on("/signed-out")
    village.is_refused(TUESDAY - timedelta(hours=1))
    with village.workspace.catalog.writing() as session:
        session.execute(update(SignIn).values(ended_at=TUESDAY))
    assert village.told() == NoticesReport()
    with village.workspace.catalog.reading() as session:
        assert session.scalars(select(PushSubscription.device_id)).all() == []

    village.switches_on("/let-go")
    with village.workspace.catalog.writing() as session:
        set_active(session, village.asha, active=False, by="tests", now=TUESDAY)
    assert village.told() == NoticesReport()
    assert village.service.posted == []


def test_whoever_is_forgotten_leaves_no_browser_no_choice_and_no_notice(village):
    village.switches_on()
    village.is_refused(TUESDAY - timedelta(hours=1))
    village.told()
    with village.workspace.catalog.writing() as session:
        choose_channel(session, village.asha, NewsChannel.MAIL, wanted=True, language="te", now=BEFORE)
        erase_person(session, village.asha, by="tests", now=TUESDAY)

    with village.workspace.catalog.reading() as session:
        assert session.scalars(select(PushSubscription.device_id)).all() == []
    assert village.notices() == []


def test_a_sender_that_was_killed_in_the_middle_leaves_a_notice_that_is_never_sent_twice(village):
    village.switches_on()
    village.is_refused(TUESDAY - timedelta(hours=1))
    village.with_news(services=("push.example.org",))  # so that it is made, and not taken
    village.told()
    (notice,) = village.notices()
    with village.workspace.catalog.writing() as session:
        assert claim(session, notice.id)
        assert not claim(session, notice.id)
    village.with_news(services=("127.0.0.1",))

    assert village.told(TUESDAY + timedelta(minutes=15)) == NoticesReport()
    assert village.service.posted == []


def test_an_endpoint_that_is_not_allowed_any_more_is_not_posted_to(village):
    village.switches_on()
    village.is_refused(TUESDAY - timedelta(hours=1))
    village.with_news(services=("push.example.org",))

    assert village.told().failed == 1
    assert village.service.posted == []


@contextmanager
def writes_to(village: Village, *channels: NewsChannel) -> Iterator[None]:
    with village.workspace.catalog.writing() as session:
        me = village.asha
        set_contact(session, me, email="asha@example.org", language="te", by=me, now=BEFORE)
        set_phone(session, me, phone="+91 98765 43210", by=me, now=BEFORE)
        for channel in channels:
            choose_channel(session, me, channel, wanted=True, language="te", now=BEFORE)
    yield


def test_mail_and_gateway_bring_the_same_notice_once_each(village):
    village.is_refused(TUESDAY - timedelta(hours=1))
    with writes_to(village, NewsChannel.MAIL, NewsChannel.GATEWAY), mail_server() as box:
        village.with_news(
            mail=MailServer("127.0.0.1", box.port, "boli@example.org", security="none"),
            gateway=f"{village.service.address}/gateway",
            portal="https://boli.example.org",
        )
        assert village.told() == NoticesReport(made=2, sent=2)
        assert village.told(TUESDAY + timedelta(hours=5)) == NoticesReport()

    (mail,) = box.messages
    assert mail["To"] == "asha@example.org" and "తిరస్కరించిన రికార్డింగ్‌లు: 1" in mail.get_content()
    assert "https://boli.example.org/news" in mail.get_content()
    (posted,) = village.service.of("/gateway")
    message = json.loads(posted.body)
    assert (message["to"], message["language"]) == ("+91 98765 43210", "te")
    assert message["text"].splitlines()[1] == "తిరస్కరించిన రికార్డింగ్‌లు: 1"
    assert posted.headers["idempotency-key"] == message["id"]
    assert {each.channel for each in village.notices()} == {NewsChannel.MAIL, NewsChannel.GATEWAY}


def test_a_gateway_that_refuses_is_told_again_under_the_same_id(village):
    village.is_refused(TUESDAY - timedelta(hours=1))
    with writes_to(village, NewsChannel.GATEWAY):
        village.with_news(gateway=f"{village.service.address}/gateway")
        village.service.status["/gateway"] = 500
        assert village.told().failed == 1
        village.service.status["/gateway"] = 200
        assert village.told(TUESDAY + timedelta(minutes=15)).sent == 1

    first, second = village.service.of("/gateway")
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


def test_a_channel_that_the_operator_took_away_is_not_waited_for(village):
    village.is_refused(TUESDAY - timedelta(hours=1))
    with writes_to(village, NewsChannel.MAIL, NewsChannel.GATEWAY):
        village.with_news(key=None)

        assert village.told() == NoticesReport() and village.notices() == []


def test_on_monday_the_first_notice_holds_the_plan_for_the_week(village):
    monday = datetime(2026, 12, 7, 4, tzinfo=UTC)
    browser = village.switches_on(language="en")

    report = village.told(monday)

    assert report == NoticesReport(made=1, sent=1)
    payload = payload_of(browser, village.service)
    assert payload["kind"] == "several"
    assert payload["body"].splitlines()[0] == "Your plan for this week"
    assert "recordings are missing" in payload["body"]
    assert village.told(monday + timedelta(hours=5)) == NoticesReport()


def test_a_person_without_an_address_costs_nobody_else_their_notice(village):
    village.is_refused(TUESDAY - timedelta(hours=1))
    browser = village.switches_on()
    with writes_to(village, NewsChannel.GATEWAY):
        village.with_news(gateway=f"{village.service.address}/gateway")
        with village.workspace.catalog.writing() as session:
            session.execute(update(PersonPrivate).values(phone=None))

        assert village.told() == NoticesReport(made=2, sent=1, failed=1)

    assert payload_of(browser, village.service)["kind"] == "refused"


def test_only_the_last_browsers_are_kept(village):
    for number in range(7):
        village.switches_on(f"/{number}")

    with village.workspace.catalog.reading() as session:
        assert len(session.scalars(select(PushSubscription.device_id)).all()) == 5


def test_the_texts_are_there_in_every_language_of_the_portal():
    from catalog.config.settings import ROOT
    from portal.i18n.translation import LANGUAGES
    from transcription.news.texts import load_notice_texts

    texts = load_notice_texts(Path(ROOT) / "configs" / "messages" / "news.yaml").texts

    assert set(texts) == set(LANGUAGES)
    english = texts["en"]
    for code, text in texts.items():
        same = [kind for kind, line in text.lines.items() if line == english.lines[kind]]
        assert code == "en" or (same == [] and text.subject != english.subject), code
