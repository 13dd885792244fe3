"""A manager sees who signed for each notice, signs with a native speaker's name, and gives the notice a voice."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import AuditEvent
from portal.context import PortalContext
from tests.portal.live import LAPTOP, PHONE, Live, context_of
from tests.portal.people import sign_in
from tests.portal.record.field import meets
from tests.portal.record.test_consent_pages import sends_evidence, yes

VOICE = Path(__file__).resolve().parents[3] / "examples" / "recordings" / "te" / "te-01_001.mp3"


@pytest.fixture
def real(portal: PortalContext) -> PortalContext:
    """The project `demo` as one that records real people."""
    demo = portal.projects["demo"]
    portal.projects["demo"] = replace(demo, consent=replace(demo.consent, demonstration=False))  # type: ignore[index]
    return portal


@pytest.fixture
def manager(real, client):
    return sign_in(real, "meera", [Role.MANAGER, Role.COORDINATOR]).browser(client)


def test_an_unsigned_notice_says_so_until_a_native_speaker_has_signed_it(manager):
    before = manager.get("/manage/notices")
    unticked = manager.post("/manage/notices/te/sign", data={"signed_by": "Lakshmi"})
    nameless = manager.post("/manage/notices/te/sign", data={"signed_by": " ", "read": "yes"})
    done = manager.post("/manage/notices/te/sign", data={"signed_by": "Lakshmi <b>", "read": "yes"})
    after = manager.get("/manage/notices").text.partition('id="notice-kn"')

    assert before.text.count("not yet read by a native speaker") == 4
    assert unticked.status_code == nameless.status_code == 422 and done.status_code == 303
    assert "signed by a native speaker" in after[0] and "Lakshmi &lt;b&gt;" in after[0]
    assert after[2].count("not yet read by a native speaker") == 3


def test_a_yes_under_an_unsigned_notice_is_refused_and_counts_once_it_is_signed(real, client, manager):
    asha = sign_in(real, "asha", [Role.COORDINATOR])
    speaker = meets(real, "DUM-001", asha.person_id, consents=False)
    asha.browser(client)
    page = client.get(f"/speakers/{speaker}/consent").text
    given = yes(sends_evidence(client, "DUM-001"), misunderstood=1)

    refused = client.post(f"/speakers/{speaker}/consent", json=given)
    sign_in(real, "rani", [Role.MANAGER]).browser(client).post(
        "/manage/notices/te/sign", data={"signed_by": "Lakshmi", "read": "yes"}
    )
    asha.browser(client)
    taken = client.post(f"/speakers/{speaker}/consent", json=given)

    assert '"usable": false' in page
    assert refused.status_code == 422 and refused.json()["error"]["code"] == "notice_unsigned"
    assert taken.status_code == 201
    with real.catalog.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "consent.receipt_given")).one()
    assert event.detail["misunderstood"] == 1


def test_a_recording_and_a_machine_give_a_notice_its_voice_and_the_person_is_played(manager):
    machine = manager.post("/manage/notices/te/voice")
    said = manager.get("/speakers/notice/te.ogg")
    told = manager.get("/manage/notices").text
    recorded = manager.post("/manage/notices/te/sound", files={"sound": ("n.mp3", VOICE.read_bytes())})
    heard = manager.get("/speakers/notice/te.ogg")

    assert machine.status_code == recorded.status_code == 303
    assert said.content[:4] == heard.content[:4] == b"OggS" and said.content != heard.content
    assert "A machine reads it" in told and "A machine reads it" not in manager.get("/manage/notices").text


def test_the_questions_after_a_notice_are_heard_where_a_machine_speaks_the_language(manager):
    first, again = (manager.get("/speakers/notice/te/0.ogg") for _ in range(2))
    other = manager.get("/speakers/notice/te/1.ogg")

    assert first.content[:4] == b"OggS" and first.content == again.content != other.content
    assert manager.get("/speakers/notice/te/2.ogg").status_code == 404
    assert manager.get("/speakers/notice/ta/0.ogg").status_code == 404  # no notice of this project


def test_a_question_that_a_person_asked_aloud_is_heard_before_a_machine_and_where_no_machine_speaks(
    manager, real
):
    demo = real.projects["demo"]
    asked = replace(
        demo.consent,
        notices={**demo.consent.notices, "sat": demo.consent.notices["te"]},
        purposes={each: {**said, "sat": said["te"]} for each, said in demo.consent.purposes.items()},
    )
    real.projects["demo"] = replace(demo, consent=asked)
    machine = manager.get("/speakers/notice/te/1.ogg")
    sound = {"sound": ("n.mp3", VOICE.read_bytes())}

    unsaid = manager.get("/speakers/notice/sat/1.ogg")
    kept = [
        manager.post(f"/manage/notices/{each}/sound", files=sound, data={"number": "1"})
        for each in ("te", "sat")
    ]
    beyond = manager.post("/manage/notices/te/sound", files=sound, data={"number": "2"})

    assert [answer.status_code for answer in kept] == [303, 303] and beyond.status_code == 422
    assert unsaid.status_code == 404
    for language in ("te", "sat"):
        person = manager.get(f"/speakers/notice/{language}/1.ogg")
        assert person.content[:4] == b"OggS" and person.content != machine.content
    assert manager.get("/speakers/notice/te.ogg").status_code == 404  # the notice itself nobody has read
    assert "/speakers/notice/sat/1.ogg" in manager.get("/speakers/consent").text


@pytest.mark.slow
def test_a_notice_that_was_opened_before_is_heard_without_network(browser: Browser, live: Live, busy_portal):
    somebody = sign_in(busy_portal, "asha", [Role.COORDINATOR, Role.MANAGER])
    speaker = meets(busy_portal, "DUM-001", somebody.person_id, consents=False)
    phone = context_of(browser, live, somebody, size=PHONE)
    page = phone.new_page()
    page.goto("/manage/notices")
    page.locator("#notice-te").get_by_role("button", name="Let a machine read it for now").click()
    expect(page.locator("#notice-te audio")).to_be_visible()
    page.goto("/speakers/consent")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"/speakers/{speaker}/consent")
    heard = """async (path) => { const answer = await fetch(path).catch(() => null);
        return answer?.ok ? (await answer.arrayBuffer()).byteLength : 0; }"""
    before = [page.evaluate(heard, f"/speakers/notice/te{each}.ogg") for each in ("", "/0", "/1")]
    expect(page.locator("#aloud")).to_contain_text("A machine reads it")

    phone.set_offline(True)

    assert min(before) > 1000
    assert [page.evaluate(heard, f"/speakers/notice/te{each}.ogg") for each in ("", "/0", "/1")] == before


def test_a_file_without_sound_is_refused_in_words_and_a_language_without_a_voice_has_no_button(manager):
    broken = manager.post("/manage/notices/te/sound", files={"sound": ("n.mp3", b"no sound at all")})

    assert broken.status_code == 422 and 'role="alert"' in broken.text
    assert manager.post("/manage/notices/sat/voice").status_code == 404
    assert manager.get("/speakers/notice/te.ogg").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_manager_signs_in_the_browser(browser: Browser, live: Live, busy_portal, size, request):
    demo = busy_portal.projects["demo"]
    busy_portal.projects["demo"] = replace(demo, consent=replace(demo.consent, demonstration=False))
    page = context_of(browser, live, sign_in(busy_portal, "meera", [Role.MANAGER]), size=size).new_page()
    page.goto("/manage/notices")
    telugu = page.locator("#notice-te")

    telugu.get_by_label("Name of the native speaker").fill("Lakshmi")
    telugu.get_by_role("checkbox").check()
    telugu.get_by_role("button", name="Sign").click()

    expect(page.locator(".note.ok")).to_contain_text("Signed")
    expect(page.locator("#notice-te")).to_contain_text("Lakshmi")
    if folder := request.config.getoption("--screens"):
        page.screenshot(path=f"{folder}/notices-{size[0]}.png")
