"""A yes with its evidence, a receipt that can take it back, and what taking it back reaches."""

import base64
import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import select

from catalog.consent import Purpose, history
from catalog.ids import new_id
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import ClipState, ConsentKind, Role, TaskState, TransferPurpose, TransferState
from catalog.tables import Clip, ConsentReceipt, Speaker, Task, Transfer
from tests.portal.people import sign_in
from tests.portal.record.field import meets

CODE = "ABCD2345EFGH6789"
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def asha(portal):
    return sign_in(portal, "asha", [Role.COORDINATOR])


@pytest.fixture
def speaker(portal, asha):
    return meets(portal, "DUM-001", asha.person_id, consents=False)


def sends_evidence(client, pseudonym, sound=b"Yes, I agree."):
    """A spoken yes, through the upload server; the transfer's id."""
    pairs = {"purpose": "consent", "name": "yes.webm", "speaker": pseudonym}
    metadata = ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in pairs.items())
    begun = client.post(
        "/uploads", headers=TUS | {"Upload-Length": str(len(sound)), "Upload-Metadata": metadata}
    )
    assert begun.status_code == 201, begun.text
    location = begun.headers["location"]
    sent = client.patch(
        location,
        content=sound,
        headers=TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
    )
    assert sent.status_code == 204 and sent.headers["boli-receipt"]
    return location.rpartition("/")[2]


def yes(transfer, **changes):
    return {
        "transfer": transfer,
        "scopes": ["transcription", "publication"],
        "language": "te",
        "version": "1",
        "code": CODE,
        **changes,
    }


def test_a_yes_is_kept_with_its_evidence_notice_and_who_asked(portal, client, asha, speaker):
    asha.browser(client)
    transfer = sends_evidence(client, "DUM-001")

    answer = client.post(f"/speakers/{speaker}/consent", json=yes(transfer))

    assert answer.status_code == 201
    with portal.catalog.reading() as session:
        (event,) = history(session, speaker)
        receipt = session.scalar(select(ConsentReceipt))
        scopes = session.get_one(Speaker, speaker).consent_scopes
    digest = hashlib.sha256(b"Yes, I agree.").hexdigest()
    assert event.scopes == ["publication", "transcription"]
    assert (event.notice_language, event.notice_version, event.recorded_by) == ("te", "1", asha.person_id)
    assert (event.evidence, event.evidence_sha256) == (f"consents/{digest}.webm", digest)
    assert portal.store.get_bytes(event.evidence, 100) == b"Yes, I agree."
    assert scopes == " publication transcription "
    assert receipt.consent_event_id == event.id
    assert receipt.code_sha256 == hashlib.sha256(CODE.encode()).hexdigest()


def test_sent_again_after_a_lost_reply_it_is_the_same_consent(portal, client, asha, speaker):
    asha.browser(client)
    transfer = sends_evidence(client, "DUM-001")

    answers = [client.post(f"/speakers/{speaker}/consent", json=yes(transfer)) for _ in range(2)]

    assert answers[0].json()["event"] == answers[1].json()["event"]
    with portal.catalog.reading() as session:
        assert len(history(session, speaker)) == 1


def test_half_a_yes_is_refused_in_words(portal, client, asha, speaker):
    asha.browser(client)
    transfer = sends_evidence(client, "DUM-001")

    for code, changes in (
        ("scopes", {"scopes": []}),
        ("scopes", {"scopes": ["publication"]}),
        ("scopes", {"scopes": ["transcription", "sale"]}),
        ("notice", {"language": "fr"}),
        ("notice", {"version": "../1"}),
        ("code", {"code": "short"}),
        ("code", {"code": "O0I1O0I1O0I1O0I1"}),
        ("evidence", {"transfer": "transfer-00000000000000000000"}),
    ):
        answer = client.post(f"/speakers/{speaker}/consent", json=yes(transfer) | changes)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
        assert answer.json()["error"]["message"]

    with portal.catalog.reading() as session:
        assert not history(session, speaker)


def test_the_yes_of_one_speaker_is_no_yes_of_another(portal, client, asha, speaker):
    meets(portal, "DUM-002", asha.person_id, consents=False)
    asha.browser(client)
    transfer = sends_evidence(client, "DUM-002")

    assert client.post(f"/speakers/{speaker}/consent", json=yes(transfer)).status_code == 422


def test_evidence_that_somebody_else_sent_proves_nothing(portal, client, asha, speaker):
    asha.browser(client)
    transfer = sends_evidence(client, "DUM-001")
    sign_in(portal, "ravi", [Role.COORDINATOR]).browser(client)

    assert client.post(f"/speakers/{speaker}/consent", json=yes(transfer)).status_code == 422


def test_evidence_on_its_way_is_waited_for(portal, client, asha, speaker):
    asha.browser(client)
    with portal.catalog.writing() as session:
        transfer = Transfer(
            id=new_id("transfer"),
            project_id="demo",
            person_id=asha.person_id,
            purpose=TransferPurpose.CONSENT,
            length=10,
            offset=4,
            details={"speaker": base64.b64encode(b"DUM-001").decode()},
            state=TransferState.ARRIVING,
            created_at=portal.clock(),
            expires_at=portal.clock(),
        )
        session.add(transfer)

    answer = client.post(f"/speakers/{speaker}/consent", json=yes(transfer.id))

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "evidence_arriving")


def test_where_nobody_knows_the_age_nobody_knows_who_may_say_yes(portal, client, asha):
    with portal.catalog.writing() as session:
        facts = SpeakerFacts("te-09", language="te")
        unknown = register_speaker(
            session, project_id="demo", facts=facts, actor="test", at=portal.clock()
        ).id
    asha.browser(client)
    transfer = sends_evidence(client, "te-09")

    answer = client.post(f"/speakers/{unknown}/consent", json=yes(transfer))

    assert answer.json()["error"]["code"] == "age_band"


def test_the_page_has_the_notice_and_asks_each_scope_by_itself(client, asha, speaker):
    asha.browser(client)

    page = client.get(f"/speakers/{speaker}/consent").text

    assert "నమస్కారం" in page and "Nakubali" in page.title()
    assert '"scopes": ["transcription", "publication"]' in page
    assert client.get("/speakers/consent").status_code == 200
    assert client.get("/speakers/notice/te.ogg").status_code == 404


def test_the_receipt_is_drawn_for_the_code_alone(client, asha, speaker):
    asha.browser(client)
    client.post(f"/speakers/{speaker}/consent", json=yes(sends_evidence(client, "DUM-001")))

    good = client.post(
        f"/speakers/{speaker}/receipt", data={"code": "abcd-2345-efgh-6789", "token": asha.token}
    )
    wrong = client.post(
        f"/speakers/{speaker}/receipt", data={"code": "ABCD2345EFGH6782", "token": asha.token}
    )

    assert good.status_code == 200 and wrong.status_code == 404
    assert "ABCD-2345-EFGH-6789" in good.text and "data:image/svg+xml" in good.text
    assert good.text.count("<li>") >= 2


# ---- taking it back


def test_an_act_of_consent_is_fetched_as_a_record_and_a_receipt_without_a_name(portal, client, asha, speaker):
    browser = asha.browser(client)
    browser.post(f"/speakers/{speaker}/consent", json=yes(sends_evidence(browser, "DUM-001")))
    page = browser.get(f"/speakers/{speaker}").text

    record = browser.get(f"/speakers/{speaker}/consent/1.jsonld")
    receipt = browser.get(f"/speakers/{speaker}/consent/1.jsonld?receipt=1").json()

    assert f"/speakers/{speaker}/consent/1.jsonld" in page
    assert record.headers["content-type"] == "application/ld+json"
    said = record.json()
    purposes = {each["dct:title"] for each in said["dpv:hasProcess"][0]["dpv:hasPurpose"]}
    assert purposes == {"speech recognition", "commercial"}
    assert receipt["dpv:hasRecordOfActivity"]["dct:identifier"] == said["dct:identifier"]
    control = receipt["dpv:hasRecordOfActivity"]["dpv:hasConsentControl"]
    assert control["dpv:isExercisedAt"]["@id"] == f"{portal.address}/withdraw"
    assert browser.get(f"/speakers/{speaker}/consent/2.jsonld").status_code == 404
    assert browser.get(f"/speakers/{speaker}/consent/0.jsonld").status_code == 422


def test_voice_cloning_is_asked_only_where_the_project_does_and_refused_elsewhere(
    portal, client, asha, speaker
):
    browser = asha.browser(client)
    transfer = sends_evidence(browser, "DUM-001")
    cloned = ["transcription", "publication", "voice_cloning"]

    refused = browser.post(f"/speakers/{speaker}/consent", json=yes(transfer, scopes=cloned))
    demo = portal.projects["demo"]
    asked = replace(
        demo.consent,
        purposes={**demo.consent.purposes, Purpose.VOICE_CLONING: demo.consent.purposes[Purpose.COMMERCIAL]},
    )
    portal.projects["demo"] = replace(demo, consent=asked)
    page = browser.get(f"/speakers/{speaker}/consent").text
    taken = browser.post(f"/speakers/{speaker}/consent", json=yes(transfer, scopes=cloned))

    assert refused.status_code == 422 and taken.status_code == 201
    assert "voice_cloning" in page and "మీ సొంత గొంతుతో" in page
    with portal.catalog.reading() as session:
        [event] = history(session, speaker)
    assert event.scopes == ["publication", "transcription"]
    assert event.purposes == ["commercial", "speech_recognition", "voice_cloning"]


@pytest.fixture
def te_01(busy_portal, busy_client):
    """A voice whose clips wait for transcribers, with a receipt; its id."""
    coordinator = sign_in(busy_portal, "asha", [Role.COORDINATOR])
    with busy_portal.catalog.writing() as session:
        speaker = session.scalar(select(Speaker).where(Speaker.pseudonym == "te-01"))
        speaker.age_band = "25-34"
    coordinator.browser(busy_client)
    transfer = sends_evidence(busy_client, "te-01")
    assert busy_client.post(f"/speakers/{speaker.id}/consent", json=yes(transfer)).status_code == 201
    return speaker.id


def work_on(portal, speaker):
    with portal.catalog.reading() as session:
        return set(session.scalars(select(Clip.state))), set(session.scalars(select(Task.state)))


def test_whoever_holds_the_paper_takes_it_back_and_all_work_stops(busy_portal, busy_client, te_01):
    busy_client.cookies.clear()
    del busy_client.headers["X-Boli-Token"]

    empty = busy_client.get("/withdraw")
    asked = busy_client.post("/withdraw", data={"code": "abcd 2345 efgh 6789"})
    before = work_on(busy_portal, te_01)
    done = busy_client.post("/withdraw", data={"code": CODE, "sure": "yes"})
    again = busy_client.post("/withdraw", data={"code": CODE, "sure": "yes"})

    assert "te-01" not in empty.text and "te-01" in asked.text
    assert TaskState.OPEN in before[1]
    assert done.status_code == 200 and "Taken back." in done.text
    assert "4 recordings are out of use" in done.text
    assert work_on(busy_portal, te_01) == ({ClipState.WITHDRAWN}, {TaskState.WITHDRAWN})
    assert "taken back already" in again.text
    with busy_portal.catalog.reading() as session:
        last = history(session, te_01)[-1]
    assert (last.kind, last.recorded_by) == (ConsentKind.WITHDRAWN, "receipt")


def test_the_coordinator_is_asked_once_more_and_told_what_it_reached(busy_portal, busy_client, te_01):
    page = busy_client.get(f"/speakers/{te_01}/withdraw")
    unsure = busy_client.post(f"/speakers/{te_01}/withdraw", data={})
    before = work_on(busy_portal, te_01)
    done = busy_client.post(f"/speakers/{te_01}/withdraw", data={"sure": "yes"})

    assert page.status_code == 200 and unsure.status_code == 303
    assert TaskState.OPEN in before[1]
    assert "4 recordings are out of use" in done.text
    assert work_on(busy_portal, te_01) == ({ClipState.WITHDRAWN}, {TaskState.WITHDRAWN})
    assert busy_client.get(f"/speakers/{te_01}/withdraw").status_code == 303


def test_wrong_codes_are_answered_slowly_and_never_hold_up_the_right_one(portal, client, asha, speaker):
    asha.browser(client)
    client.post(f"/speakers/{speaker}/consent", json=yes(sends_evidence(client, "DUM-001")))
    client.cookies.clear()

    answers = [
        client.post("/withdraw", data={"code": f"ABCD2345EFGH{n:04}", "sure": "yes"}) for n in range(12)
    ]
    right = client.post("/withdraw", data={"code": CODE, "sure": "yes"})

    assert {answer.status_code for answer in answers[:7]} == {404}
    assert answers[-1].status_code == 429
    assert right.status_code == 200
    assert "DUM-001" not in "".join(answer.text for answer in answers)
    with portal.catalog.reading() as session:
        assert len(history(session, speaker)) == 2
