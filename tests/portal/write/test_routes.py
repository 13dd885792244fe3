"""What the write screen asks and sends, over the real queue: nobody else's clips, nothing lost, nothing taken twice."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.consent import withdraw
from catalog.states import Role, SubmissionKind
from catalog.tables import Speaker
from portal.app import create_app
from tests.portal.people import sign_in
from tests.portal.write.submissions import TEXT, claimed, send, sent_back, sent_by
from transcription import queue


def test_the_next_clip_comes_along_and_the_order_stays(writer):
    first, second = claimed(writer, 2)

    assert [clip["slot"] for clip in claimed(writer, 2)] == [first["slot"], second["slot"]]
    assert send(writer, "submit", first, text=TEXT, active_seconds=12.5).json()["outcome"] == "received"
    assert claimed(writer, 2)[0]["slot"] == second["slot"]


def test_a_submission_that_is_repeated_counts_once(writer, busy_portal, asha):
    [clip] = claimed(writer)

    first = send(writer, "submit", clip, text=TEXT)
    second = send(writer, "submit", clip, text=TEXT)

    assert first.json() == second.json()
    assert sent_by(busy_portal, asha) == [(SubmissionKind.FINAL, TEXT)]


def test_a_request_id_does_not_come_back_with_other_words(writer):
    [clip] = claimed(writer)
    send(writer, "draft", clip, text="ఇది")

    assert send(writer, "draft", clip, text="అది").status_code == 403


def test_a_text_that_breaks_the_guideline_comes_back_with_what_and_where(writer, busy_portal, asha):
    [clip] = claimed(writer)

    answer = send(writer, "submit", clip, text="ధర 40 రూపాయలు").json()

    assert answer["outcome"] == "refused"
    [remark] = [each for each in answer["remarks"] if each["code"] == "numeral"]
    assert (remark["start"], remark["length"], remark["severity"]) == (3, 2, "error")
    assert sent_by(busy_portal, asha) == [(SubmissionKind.DRAFT, "ధర 40 రూపాయలు")]


def test_words_for_a_clip_that_went_to_somebody_else_are_kept_as_late(writer, busy_portal, asha):
    [clip] = claimed(writer)
    bela = sign_in(busy_portal, "bela", [Role.TRANSCRIBER])
    manager = sign_in(busy_portal, "mira", [Role.MANAGER])
    queue.take_over(
        busy_portal.project_context("demo"),
        clip["slot"],
        manager_id=manager.person_id,
        to=bela.person_id,
        now=busy_portal.clock(),
    )

    draft = send(writer, "draft", clip, text="ఇది")
    submit = send(writer, "submit", clip, text=TEXT)
    beat = writer.post(
        f"/write/{clip['slot']}/heartbeat", json={"token": clip["token"], "proof": clip["proof"]}
    )

    assert (draft.json()["outcome"], submit.json()["outcome"]) == ("late", "late")
    assert beat.status_code == 409 and beat.json()["error"]["code"] == "lease_lost"
    assert sent_by(busy_portal, asha) == [(SubmissionKind.DRAFT, "ఇది"), (SubmissionKind.LATE, TEXT)]
    assert clip["slot"] not in [each["slot"] for each in claimed(writer)]


def test_somebody_elses_slot_does_not_exist(writer, busy_portal, asha):
    [clip] = claimed(writer)
    bela = sign_in(busy_portal, "bela", [Role.TRANSCRIBER])
    with TestClient(create_app(busy_portal), base_url=busy_portal.address) as other:
        bela.browser(other)
        asked = {"token": clip["token"], "proof": clip["proof"]}
        answers = [
            send(other, "draft", clip, text="చోరీ"),
            send(other, "submit", clip, text="చోరీ"),
            send(other, "skip", clip, reason="inaudible"),
            send(other, "report", clip, reason="offensive"),
            other.post(f"/write/{clip['slot']}/heartbeat", json=asked),
            other.post(f"/write/{clip['slot']}/release", json=asked),
            other.get(f"/write/{clip['slot']}/links", params=asked),
            other.get(f"/write/{clip['slot']}/around", params=asked),
        ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert sent_by(busy_portal, bela) == []
    assert claimed(writer)[0]["slot"] == clip["slot"]


def test_a_token_that_was_made_up_opens_nothing(writer):
    [clip] = claimed(writer)

    assert send(writer, "draft", clip | {"token": clip["token"] + 1}, text="ఇది").status_code == 404
    assert send(writer, "draft", clip | {"proof": "é" * 64}, text="ఇది").status_code == 404


def test_consent_taken_back_in_the_middle_stops_the_sound_and_keeps_no_word_of_the_voice(
    writer, busy_portal, asha
):
    [clip] = claimed(writer)
    with busy_portal.catalog.writing() as session:
        speaker = session.scalars(select(Speaker.id)).one()
        withdraw(session, speaker_id=speaker, recorded_by="tests", at=busy_portal.clock())

    assert writer.get(clip["preview"]).status_code == 409
    assert send(writer, "submit", clip, text=TEXT).json()["outcome"] == "late"
    assert claimed(writer) == []
    assert sent_by(busy_portal, asha) == [(SubmissionKind.LATE, "")]


def test_links_are_renewed_while_the_clip_is_held_and_not_after(busy_portal, asha):
    now = busy_portal.clock()
    later = replace(busy_portal, clock=lambda: now + timedelta(minutes=11))
    with TestClient(create_app(busy_portal), base_url=busy_portal.address) as early:
        [clip] = claimed(asha.browser(early))
    with TestClient(create_app(later), base_url=busy_portal.address) as writer:
        asha.browser(writer)
        asked = {"token": clip["token"], "proof": clip["proof"]}

        assert writer.get(clip["preview"]).status_code == 410
        fresh = writer.get(f"/write/{clip['slot']}/links", params=asked).json()["preview"]
        assert writer.get(fresh).status_code == 200
        send(writer, "skip", clip, reason="not_my_dialect")
        assert writer.get(f"/write/{clip['slot']}/links", params=asked).status_code == 409


def test_a_sign_of_life_moves_the_end_of_the_lease(busy_portal, asha):
    now = busy_portal.clock()
    with TestClient(create_app(busy_portal), base_url=busy_portal.address) as early:
        [clip] = claimed(asha.browser(early))
    later = replace(busy_portal, clock=lambda: now + timedelta(minutes=20))
    with TestClient(create_app(later), base_url=busy_portal.address) as writer:
        beat = asha.browser(writer).post(
            f"/write/{clip['slot']}/heartbeat", json={"token": clip["token"], "proof": clip["proof"]}
        )

    assert beat.json()["expires_at"] > clip["expires_at"]


def test_a_skip_and_a_report_pass_the_clip_on_and_are_not_asked_again(writer):
    first, second = claimed(writer, 2)

    assert send(writer, "skip", first, reason="too_noisy").json()["outcome"] == "saved"
    assert send(writer, "report", second, reason="personal_information").json()["outcome"] == "saved"
    assert {first["slot"], second["slot"]}.isdisjoint(clip["slot"] for clip in claimed(writer, 2))


def test_a_text_that_was_sent_back_says_why_and_brings_its_words(writer, busy_portal, asha):
    [clip] = claimed(writer)
    send(writer, "submit", clip, text=TEXT)
    sent_back(busy_portal, asha, clip["slot"], note="చివరి పదం లేదు")

    [again] = claimed(writer)

    assert (again["slot"], again["draft"]) == (clip["slot"], TEXT)
    assert again["token"] > clip["token"]
    assert again["returned"] == {"reasons": ["missing_words"], "note": "చివరి పదం లేదు", "times": 1}
    assert (
        send(writer, "submit", again, text=TEXT + " చివర", request_id="request-2").json()["outcome"]
        == "received"
    )


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("skip", "offensive"), ("skip", "spelling"), ("skip", "nonsense"), ("report", "inaudible")],
)
def test_only_the_reasons_of_the_dialog_are_taken(writer, kind, reason):
    [clip] = claimed(writer)

    assert send(writer, kind, clip, reason=reason).status_code == 422
    assert claimed(writer)[0]["slot"] == clip["slot"]


@pytest.mark.parametrize(
    "body",
    [
        {"text": "అ" * 20_001},
        {"text": None},
        {"text": TEXT, "request_id": "x"},
        {"text": TEXT, "request_id": "../../secret"},
        {"text": TEXT, "token": -1},
        {"text": TEXT, "person_id": "somebody"},
        {"text": TEXT, "active_seconds": -5},
        {"text": TEXT, "active_seconds": 1e300},
    ],
)
def test_submissions_out_of_bounds_are_refused_whole(writer, busy_portal, asha, body):
    [clip] = claimed(writer)

    assert send(writer, "submit", clip, **body).status_code == 422
    assert sent_by(busy_portal, asha) == []


def test_half_characters_and_nothing_at_all_do_no_harm(writer):
    [clip] = claimed(writer)
    raw = json.dumps({"language": "te", "text": "ఇ\ud800\x00", "seconds": clip["seconds"]})

    answer = writer.post("/write/check", content=raw, headers={"Content-Type": "application/json"})

    assert answer.status_code in (200, 422)
    assert send(writer, "submit", clip, text="   ").json()["outcome"] == "refused"


def test_live_checks_count_in_code_points_and_know_their_language(writer):
    text = "😀 ధర 40"

    remarks = writer.post("/write/check", json={"language": "te", "text": text}).json()

    numeral = next(remark for remark in remarks if remark["code"] == "numeral")
    assert text[numeral["start"] : numeral["start"] + numeral["length"]] == "40"
    assert writer.post("/write/check", json={"language": "xx", "text": text}).status_code == 404


def test_a_bundle_is_held_for_as_long_as_asked_and_comes_in_the_order_of_every_later_page(
    writer, busy_portal
):
    answer = writer.post("/write/bundle", json={"count": 5, "hours": 24}).json()

    clips = answer["clips"]
    assert 2 <= len(clips) <= 5
    until = (busy_portal.clock() + timedelta(hours=23)).isoformat()
    assert all(clip["expires_at"] > until for clip in clips)
    assert [clip["slot"] for clip in claimed(writer)] == [clip["slot"] for clip in clips]
    assert writer.post("/write/bundle", json={"count": 31, "hours": 24}).status_code == 422


def test_a_clip_given_back_is_anybodys(writer, busy_portal):
    clips = writer.post("/write/bundle", json={"count": 3, "hours": 24}).json()["clips"]
    given_back = clips[-1]

    answer = writer.post(
        f"/write/{given_back['slot']}/release",
        json={"token": given_back["token"], "proof": given_back["proof"]},
    )

    assert answer.status_code == 204
    assert given_back["slot"] not in [clip["slot"] for clip in claimed(writer)]


def test_what_stands_beside_a_clip_is_heard_too(writer):
    found = []
    for clip in writer.post("/write/bundle", json={"count": 5, "hours": 1}).json()["clips"]:
        around = writer.get(
            f"/write/{clip['slot']}/around", params={"token": clip["token"], "proof": clip["proof"]}
        ).json()
        found += [side for side in (around["before"], around["after"]) if side]

    for side in found:
        assert 0 <= side["start"] < side["end"] and side["gap"] < 2
        assert writer.get(side["preview"]).status_code == 200
