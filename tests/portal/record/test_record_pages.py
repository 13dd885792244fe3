"""What came of what was sent: to its sender alone, in words, page by page."""

from datetime import timedelta

import pytest

from catalog.ids import receipt_code
from catalog.reasons import reason
from catalog.states import Role, UploadState
from catalog.tables import Speaker, Upload, Verdict
from portal.upload import verdicts_due
from tests.portal.people import sign_in
from tests.portal.record.field import meets


@pytest.fixture
def asha(portal):
    return sign_in(portal, "asha", [Role.COORDINATOR])


def sent(portal, by, speaker, number, *, verdict=None, **changes):
    """A file that arrived; its id."""
    at = portal.clock() - timedelta(minutes=number)
    upload = Upload(
        id=f"upload-{by[-4:]}-{number:04}",
        project_id="demo",
        name=f"story {number}.m4a",
        sha256=f"{number:064x}",
        size=1000,
        receipt=receipt_code(f"{by}{number}"),
        landing_key=None,
        language="te",
        speaker_id=speaker,
        sent_by=by,
        prompt="story/tale",
        received_at=at,
        **({"state": UploadState.RECEIVED} | changes),
    )
    with portal.catalog.writing() as session:
        session.add(upload)
        session.flush()
        if verdict is not None:
            usable, reasons = verdict
            session.add(
                Verdict(upload_id=upload.id, usable=usable, seconds=90.0, reasons=reasons, measures={}, at=at)
            )
    return upload.id


def test_a_verdict_is_told_with_what_to_do(portal, client, asha):
    speaker = meets(portal, "DUM-001", asha.person_id)
    good = sent(portal, asha.person_id, speaker, 1, verdict=(True, []))
    poor = sent(portal, asha.person_id, speaker, 2, verdict=(False, ["too_quiet", "hum"]))
    waiting = sent(portal, asha.person_id, speaker, 3)
    asha.browser(client)

    verdicts = client.get("/record/heard", params={"upload": [good, poor, waiting, "upload-nobody"]}).json()[
        "heard"
    ]

    assert set(verdicts) == {good, poor}
    assert verdicts[good] == {"usable": True, "seconds": 90.0, "reasons": []}
    assert [each["code"] for each in verdicts[poor]["reasons"]] == ["too_quiet", "hum"]
    assert verdicts[poor]["reasons"][0]["mend"] == reason("too_quiet").mend


def test_who_sent_a_recording_that_could_not_be_listened_to_is_told_so_and_nobody_else(portal, client, asha):
    speaker = meets(portal, "DUM-001", asha.person_id)
    coming = sent(portal, asha.person_id, speaker, 1)
    failed = sent(portal, asha.person_id, speaker, 2)
    now = portal.clock()
    with portal.catalog.writing() as session:
        for upload_id in (coming, failed):
            verdicts_due.expect(session, upload_id, at=now)
        session.flush()
        verdicts_due.postpone(
            session, failed, why="the disk is full", now=now, first_pause=timedelta(minutes=1)
        )
    asha.browser(client)
    question = {"upload": [coming, failed]}

    delayed = client.get("/record/heard", params=question).json()["delayed"]

    assert set(delayed) == {failed}
    assert delayed[failed]["sentence"] == reason("not_looked_at").sentence
    files = {each["upload"]: each["reasons"] for each in client.get("/record/files").json()["files"]}
    assert files[coming] == []
    assert [each["code"] for each in files[failed]] == ["not_looked_at"]
    assert client.get("/record/mine").text.count(reason("not_looked_at").sentence) == 1
    sign_in(portal, "ravi", [Role.COORDINATOR]).browser(client)
    assert client.get("/record/heard", params=question).json()["delayed"] == {}


def test_verdicts_lists_and_pages_are_for_whoever_sent_it(portal, client, asha):
    speaker = meets(portal, "DUM-001", asha.person_id)
    upload = sent(portal, asha.person_id, speaker, 1, verdict=(True, []))
    sign_in(portal, "ravi", [Role.COORDINATOR]).browser(client)

    assert client.get("/record/heard", params={"upload": upload}).json() == {"heard": {}, "delayed": {}}
    assert client.get("/record/files").json() == {"files": [], "before": None}
    assert client.get("/record/files", params={"before": upload}).json()["files"] == []
    assert "Nothing sent yet." in client.get("/record/mine").text


def test_other_roles_have_no_business_here(portal, client):
    sign_in(portal, "tara", [Role.TRANSCRIBER, Role.REVIEWER]).browser(client)

    for path in ("/record", "/record/mine", "/record/files", "/record/session", "/speakers", "/speakers/new"):
        assert client.get(path).status_code == 403
    assert (
        client.post("/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "5"}).status_code == 403
    )


def test_every_file_is_told_once_page_by_page(portal, client, asha):
    speaker = meets(portal, "DUM-001", asha.person_id)
    every = [sent(portal, asha.person_id, speaker, number) for number in range(1, 71)]
    asha.browser(client)

    found, before = [], None
    while True:
        page = client.get("/record/files", params={"before": before} if before else {}).json()
        assert len(page["files"]) <= 30
        found += [each["upload"] for each in page["files"]]
        before = page["before"]
        if before is None:
            break

    assert found == every  # the newest first


def test_at_most_fifty_verdicts_are_asked_for_at_once(client, asha):
    asha.browser(client)

    assert client.get("/record/heard", params={"upload": [str(n) for n in range(51)]}).status_code == 422
    assert client.get("/record/heard").status_code == 422


def test_my_uploads_count_reasons_people_and_hours(portal, client, asha):
    speaker = meets(portal, "DUM-001", asha.person_id)
    sent(portal, asha.person_id, speaker, 1, verdict=(True, []))
    for number in (2, 3):
        sent(portal, asha.person_id, speaker, number, verdict=(False, ["wind"]))
    sent(portal, asha.person_id, speaker, 4, state=UploadState.REJECTED, reason="duplicate_bytes")
    sent(portal, asha.person_id, speaker, 5, state=UploadState.REJECTED, reason="consent_withdrawn")
    asha.browser(client)

    page = client.get("/record/mine").text

    for words in (reason("wind").sentence, reason("wind").mend, reason("duplicate_bytes").sentence):
        assert words in page
    assert "Taken back by the speaker" in page and "Ask here next" in page and "DUM-001" in page
    assert page.count("good sound") == 1
    assert 'class="count">2<' in page


def test_the_page_brings_all_that_a_day_without_network_needs(portal, client, asha):
    meets(portal, "DUM-001", asha.person_id)
    asha.browser(client)

    page = client.get("/record")

    for needed in ("DUM-001", '"consents": true', "market.svg", "సంత", '"most_bytes"'):
        assert needed in page.text
    assert client.get("/record/session").json() == {
        "person": asha.person_id,
        "project": "demo",
        "token": asha.token,
        "withdrawn": {},
    }
    assert page.headers["cache-control"] == "no-store"


def test_what_was_recorded_today_is_shown(portal, client, asha):
    speaker = meets(portal, "DUM-001", asha.person_id)
    sent(portal, asha.person_id, speaker, 0, verdict=(True, []))
    asha.browser(client)

    page = client.get("/record").text

    assert "1 person" in page and "Dumka" in page


def test_a_hostile_file_name_is_text_and_nothing_else(portal, client, asha):
    speaker = meets(portal, "DUM-001", asha.person_id)
    upload = sent(portal, asha.person_id, speaker, 1)
    evil = "</script><img src=x onerror=alert(1)>.m4a"
    with portal.catalog.writing() as session:
        kept = session.get_one(Upload, upload)
        kept.name, kept.prompt = evil, None
    asha.browser(client)

    assert evil not in client.get("/record/mine").text
    assert client.get("/record/files").json()["files"][0]["name"] == evil


def test_a_phone_hears_which_files_the_project_has_already_and_nothing_of_other_projects(
    portal, client, asha
):
    speaker = meets(portal, "DUM-001", asha.person_id)
    sent(portal, asha.person_id, speaker, 1)
    sent(portal, asha.person_id, speaker, 2, erased_at=portal.clock())
    own, erased, unknown = (f"{number:064x}" for number in (1, 2, 3))
    asha.browser(client)

    answer = client.post("/record/known", json={"sha256": [own, erased, unknown]})
    too_many = client.post("/record/known", json={"sha256": [own] * 101})
    no_digest = client.post("/record/known", json={"sha256": ["' OR 1=1"]})

    assert list(answer.json()["known"]) == [own]
    assert (too_many.status_code, no_digest.status_code) == (422, 422)


def test_the_file_of_a_voice_that_was_taken_back_is_not_called_known(portal, client, asha):
    speaker = meets(portal, "DUM-001", asha.person_id)
    sent(portal, asha.person_id, speaker, 1)
    with portal.catalog.writing() as session:
        session.get_one(Speaker, speaker).consent_round += 1
    asha.browser(client)

    answer = client.post("/record/known", json={"sha256": [f"{1:064x}"]})

    assert answer.json() == {"known": {}}
