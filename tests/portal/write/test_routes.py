"""What the desk asks and sends, over the real queue: nobody else's clips, nothing lost, nothing taken twice."""

import gzip
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.consent import withdraw
from catalog.states import ReviewDecision, Role, SubmissionKind
from catalog.tables import Slot, Speaker, Standing, Submission
from portal.app import create_app
from portal.context import PortalContext
from tests.portal.people import Somebody, sign_in
from transcription import queue, reporting, review

TEXT = "ఇది ఒక పరీక్ష"


@pytest.fixture
def asha(busy_portal: PortalContext) -> Somebody:
    return sign_in(busy_portal, "asha", [Role.TRANSCRIBER])


@pytest.fixture
def desk(busy_client: TestClient, asha: Somebody) -> TestClient:
    return asha.browser(busy_client)


def claimed(desk: TestClient, want: int = 1) -> list[dict]:
    answer = desk.post("/write/claim", json={"want": want})
    assert answer.status_code == 200
    return answer.json()["clips"]


def send(desk: TestClient, kind: str, clip: dict, **body: object):
    given = {"token": clip["token"], "proof": clip["proof"], "request_id": "request-1", **body}
    return desk.post(f"/write/{clip['slot']}/{kind}", json=given)


def sent_back(portal: PortalContext, author: Somebody, slot_id: str, *, note: str) -> None:
    """Somebody else reports the clip, so that a reviewer gets it, who wants the author's text mended."""
    project_context, now = portal.project_context("demo"), portal.clock()
    other = sign_in(portal, "reporter", [Role.TRANSCRIBER])
    reviewer = sign_in(portal, "rekha", [Role.REVIEWER])
    with portal.catalog.reading() as session:
        task_id = session.get_one(Slot, slot_id).task_id
        text_id = session.scalars(
            select(Submission.id).where(
                Submission.task_id == task_id, Submission.person_id == author.person_id
            )
        ).one()
    for lease in queue.claim_many(project_context, other.person_id, 40, now=now):
        if lease.task_id == task_id:
            reporting.report(
                project_context, lease.hold, reason_code="wrong_language", request_id="r", now=now
            )
    item = review.next_review(project_context, reviewer.person_id, now=now)
    assert item is not None and item.task_id == task_id
    review.decide(
        project_context,
        item.hold,
        ReviewDecision.SEND_BACK,
        submission_id=text_id,
        reasons=["missing_words"],
        note=note,
        now=now,
    )


def sent_by(portal: PortalContext, person: Somebody) -> list[tuple[SubmissionKind, str]]:
    with portal.catalog.reading() as session:
        rows = session.scalars(
            select(Submission)
            .where(Submission.person_id == person.person_id)
            .order_by(Submission.created_at, Submission.id)
        )
        return [(row.kind, row.verbatim) for row in rows]


def page_block(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="page">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found.group(1))


def test_the_page_brings_the_clip_in_work_with_its_sound_waveform_and_rules(desk):
    page = desk.get("/write", headers={"Accept": "text/html"})

    told = page_block(page.text)
    [clip] = told["desk"]["clips"]
    assert desk.get(clip["preview"]).content[:4] == b"OggS"
    assert clip["peaks"] and 0 <= min(clip["peaks"]) <= max(clip["peaks"]) <= 128
    assert told["guides"]["te"]["id"] == clip["guideline"] == "te/v1"
    assert [tag["name"] for tag in told["guides"]["te"]["tags"]][:2] == ["noise", "music"]


def test_a_refresh_gives_the_same_clip_and_the_words_so_far(desk):
    [clip] = claimed(desk)
    send(desk, "draft", clip, text="ఇది ఒక")

    again = page_block(desk.get("/write", headers={"Accept": "text/html"}).text)["desk"]["clips"]

    assert [(each["slot"], each["token"], each["draft"]) for each in again] == [
        (clip["slot"], clip["token"], "ఇది ఒక")
    ]


def test_the_next_clip_comes_along_and_the_order_stays(desk):
    first, second = claimed(desk, 2)

    assert [clip["slot"] for clip in claimed(desk, 2)] == [first["slot"], second["slot"]]
    assert send(desk, "submit", first, text=TEXT, active_seconds=12.5).json()["outcome"] == "received"
    assert claimed(desk, 2)[0]["slot"] == second["slot"]


def test_a_sending_that_is_repeated_counts_once(desk, busy_portal, asha):
    [clip] = claimed(desk)

    first = send(desk, "submit", clip, text=TEXT)
    second = send(desk, "submit", clip, text=TEXT)

    assert first.json() == second.json()
    assert sent_by(busy_portal, asha) == [(SubmissionKind.FINAL, TEXT)]


def test_a_request_id_does_not_come_back_with_other_words(desk):
    [clip] = claimed(desk)
    send(desk, "draft", clip, text="ఇది")

    assert send(desk, "draft", clip, text="అది").status_code == 403


def test_a_text_that_breaks_the_guideline_comes_back_with_what_and_where(desk, busy_portal, asha):
    [clip] = claimed(desk)

    answer = send(desk, "submit", clip, text="ధర 40 రూపాయలు").json()

    assert answer["outcome"] == "refused"
    [remark] = [each for each in answer["remarks"] if each["code"] == "numeral"]
    assert (remark["start"], remark["length"], remark["severity"]) == (3, 2, "error")
    assert sent_by(busy_portal, asha) == [(SubmissionKind.DRAFT, "ధర 40 రూపాయలు")]


def test_words_for_a_clip_that_went_to_somebody_else_are_kept_as_late(desk, busy_portal, asha):
    [clip] = claimed(desk)
    bela = sign_in(busy_portal, "bela", [Role.TRANSCRIBER])
    manager = sign_in(busy_portal, "mira", [Role.MANAGER])
    queue.take_over(
        busy_portal.project_context("demo"),
        clip["slot"],
        manager_id=manager.person_id,
        to=bela.person_id,
        now=busy_portal.clock(),
    )

    draft = send(desk, "draft", clip, text="ఇది")
    submit = send(desk, "submit", clip, text=TEXT)
    beat = desk.post(
        f"/write/{clip['slot']}/heartbeat", json={"token": clip["token"], "proof": clip["proof"]}
    )

    assert (draft.json()["outcome"], submit.json()["outcome"]) == ("late", "late")
    assert beat.status_code == 409 and beat.json()["error"]["code"] == "lease_lost"
    assert sent_by(busy_portal, asha) == [(SubmissionKind.DRAFT, "ఇది"), (SubmissionKind.LATE, TEXT)]
    assert clip["slot"] not in [each["slot"] for each in claimed(desk)]


def test_somebody_elses_place_does_not_exist(desk, busy_portal, asha):
    [clip] = claimed(desk)
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
    assert claimed(desk)[0]["slot"] == clip["slot"]


def test_a_token_that_was_made_up_opens_nothing(desk):
    [clip] = claimed(desk)

    assert send(desk, "draft", clip | {"token": clip["token"] + 1}, text="ఇది").status_code == 404
    assert send(desk, "draft", clip | {"proof": "é" * 64}, text="ఇది").status_code == 404


def test_consent_taken_back_in_the_middle_stops_the_sound_and_keeps_the_words(desk, busy_portal, asha):
    [clip] = claimed(desk)
    with busy_portal.catalog.writing() as session:
        speaker = session.scalars(select(Speaker.id)).one()
        withdraw(session, speaker_id=speaker, recorded_by="tests", at=busy_portal.clock())

    assert desk.get(clip["preview"]).status_code == 404
    assert send(desk, "submit", clip, text=TEXT).json()["outcome"] == "late"
    assert claimed(desk) == []
    assert sent_by(busy_portal, asha) == [(SubmissionKind.LATE, TEXT)]


def test_links_are_renewed_while_the_clip_is_held_and_not_after(busy_portal, asha):
    now = busy_portal.clock()
    later = replace(busy_portal, clock=lambda: now + timedelta(minutes=11))
    with TestClient(create_app(busy_portal), base_url=busy_portal.address) as early:
        [clip] = claimed(asha.browser(early))
    with TestClient(create_app(later), base_url=busy_portal.address) as desk:
        asha.browser(desk)
        asked = {"token": clip["token"], "proof": clip["proof"]}

        assert desk.get(clip["preview"]).status_code == 410
        fresh = desk.get(f"/write/{clip['slot']}/links", params=asked).json()["preview"]
        assert desk.get(fresh).status_code == 200
        send(desk, "skip", clip, reason="not_my_dialect")
        assert desk.get(f"/write/{clip['slot']}/links", params=asked).status_code == 409


def test_a_sign_of_life_moves_the_end_of_the_lease(busy_portal, asha):
    now = busy_portal.clock()
    with TestClient(create_app(busy_portal), base_url=busy_portal.address) as early:
        [clip] = claimed(asha.browser(early))
    later = replace(busy_portal, clock=lambda: now + timedelta(minutes=20))
    with TestClient(create_app(later), base_url=busy_portal.address) as desk:
        beat = asha.browser(desk).post(
            f"/write/{clip['slot']}/heartbeat", json={"token": clip["token"], "proof": clip["proof"]}
        )

    assert beat.json()["expires_at"] > clip["expires_at"]


def test_a_skip_and_a_report_pass_the_clip_on_and_are_not_asked_again(desk):
    first, second = claimed(desk, 2)

    assert send(desk, "skip", first, reason="too_noisy").json()["outcome"] == "saved"
    assert send(desk, "report", second, reason="personal_information").json()["outcome"] == "saved"
    assert {first["slot"], second["slot"]}.isdisjoint(clip["slot"] for clip in claimed(desk, 2))


def test_a_text_that_was_sent_back_says_why_and_brings_its_words(desk, busy_portal, asha):
    [clip] = claimed(desk)
    send(desk, "submit", clip, text=TEXT)
    sent_back(busy_portal, asha, clip["slot"], note="చివరి పదం లేదు")

    [again] = claimed(desk)

    assert (again["slot"], again["draft"]) == (clip["slot"], TEXT)
    assert again["token"] > clip["token"]
    assert again["returned"] == {"reasons": ["missing_words"], "note": "చివరి పదం లేదు", "times": 1}
    assert (
        send(desk, "submit", again, text=TEXT + " చివర", request_id="request-2").json()["outcome"]
        == "received"
    )


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("skip", "offensive"), ("skip", "spelling"), ("skip", "nonsense"), ("report", "inaudible")],
)
def test_only_the_reasons_of_the_dialog_are_taken(desk, kind, reason):
    [clip] = claimed(desk)

    assert send(desk, kind, clip, reason=reason).status_code == 422
    assert claimed(desk)[0]["slot"] == clip["slot"]


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
def test_sendings_out_of_bounds_are_refused_whole(desk, busy_portal, asha, body):
    [clip] = claimed(desk)

    assert send(desk, "submit", clip, **body).status_code == 422
    assert sent_by(busy_portal, asha) == []


def test_half_characters_and_nothing_at_all_do_no_harm(desk):
    [clip] = claimed(desk)
    raw = json.dumps({"language": "te", "text": "ఇ\ud800\x00", "seconds": clip["seconds"]})

    answer = desk.post("/write/check", content=raw, headers={"Content-Type": "application/json"})

    assert answer.status_code in (200, 422)
    assert send(desk, "submit", clip, text="   ").json()["outcome"] == "refused"


def test_what_people_wrote_never_ends_the_data_of_the_page(desk):
    [clip] = claimed(desk)
    hostile = '</script><script>alert(1)</script><img src=x onerror="alert(2)"> \u2028 {{ 7*7 }}'
    send(desk, "draft", clip, text=hostile)

    page = desk.get("/write", headers={"Accept": "text/html"}).text

    assert "<script>alert" not in page and "<img" not in page
    assert page_block(page)["desk"]["clips"][0]["draft"].startswith("</script><script>alert(1)</script><img")


def test_live_checks_count_in_code_points_and_know_their_language(desk):
    text = "😀 ధర 40"

    remarks = desk.post("/write/check", json={"language": "te", "text": text}).json()

    numeral = next(remark for remark in remarks if remark["code"] == "numeral")
    assert text[numeral["start"] : numeral["start"] + numeral["length"]] == "40"
    assert desk.post("/write/check", json={"language": "xx", "text": text}).status_code == 404


def test_a_bundle_is_held_for_as_long_as_asked_and_comes_in_the_order_of_every_later_page(desk, busy_portal):
    answer = desk.post("/write/bundle", json={"count": 5, "hours": 24}).json()

    clips = answer["clips"]
    assert 2 <= len(clips) <= 5
    until = (busy_portal.clock() + timedelta(hours=23)).isoformat()
    assert all(clip["expires_at"] > until for clip in clips)
    assert [clip["slot"] for clip in claimed(desk)] == [clip["slot"] for clip in clips]
    assert desk.post("/write/bundle", json={"count": 31, "hours": 24}).status_code == 422


def test_a_clip_given_back_is_anybodys(desk, busy_portal):
    clips = desk.post("/write/bundle", json={"count": 3, "hours": 24}).json()["clips"]
    given_back = clips[-1]

    answer = desk.post(
        f"/write/{given_back['slot']}/release",
        json={"token": given_back["token"], "proof": given_back["proof"]},
    )

    assert answer.status_code == 204
    assert given_back["slot"] not in [clip["slot"] for clip in claimed(desk)]


def test_somebody_held_back_keeps_the_clips_at_hand_and_gets_no_new_ones(desk, busy_portal, asha):
    [clip] = claimed(desk)
    with busy_portal.catalog.writing() as session:
        session.add(
            Standing(
                person_id=asha.person_id,
                language="te",
                held_back=True,
                because="tests",
                good=0,
                bad=5,
                by="tests",
                at=busy_portal.clock(),
            )
        )

    assert [each["slot"] for each in claimed(desk, 2)] == [clip["slot"]]
    send(desk, "submit", clip, text=TEXT)
    after = desk.post("/write/claim", json={"want": 2}).json()
    assert after["clips"] == [] and after["nothing"]["why"] == "held_back"


def test_when_nothing_is_left_the_page_says_what_next(busy_portal, busy_client):
    asha = sign_in(busy_portal, "gita", [Role.TRANSCRIBER], languages=["sw"])
    page = asha.browser(busy_client).get("/write", headers={"Accept": "text/html"})

    nothing = page_block(page.text)["desk"]["nothing"]
    assert page.status_code == 200 and nothing["why"] == "none_left" and nothing["then"]


def test_somebody_without_a_language_of_the_project_is_told_so(busy_portal, busy_client):
    asha = sign_in(busy_portal, "tomas", [Role.TRANSCRIBER], languages=["yo"])

    answer = asha.browser(busy_client).post("/write/claim", json={}).json()

    assert answer["nothing"]["why"] == "no_language"


def test_before_the_quiz_is_passed_the_page_says_how_far_it_is(busy_portal):
    project = busy_portal.projects["demo"]
    asking = replace(project, transcription=replace(project.transcription, quiz_clips=2))
    strict = replace(busy_portal, projects={**busy_portal.projects, "demo": asking})
    asha = sign_in(busy_portal, "asha", [Role.TRANSCRIBER])
    with TestClient(create_app(strict), base_url=strict.address) as desk:
        page = asha.browser(desk).get("/write", headers={"Accept": "text/html"})

    assert "0 of 2 are right so far" in page.text
    assert page_block(page.text)["desk"]["nothing"]["why"] == "quiz"


def test_a_reviewer_has_no_desk(busy_portal, busy_client):
    someone = sign_in(busy_portal, "ravi", [Role.REVIEWER])

    assert someone.browser(busy_client).get("/write", headers={"Accept": "text/html"}).status_code == 403


def test_the_day_counts_what_was_sent(desk):
    [clip] = claimed(desk)
    send(desk, "submit", clip, text=TEXT)

    assert desk.get("/write/today").json()["number"] == 1


def test_what_stands_beside_a_clip_is_heard_too(desk):
    found = []
    for clip in desk.post("/write/bundle", json={"count": 5, "hours": 1}).json()["clips"]:
        around = desk.get(
            f"/write/{clip['slot']}/around", params={"token": clip["token"], "proof": clip["proof"]}
        ).json()
        found += [side for side in (around["before"], around["after"]) if side]

    for side in found:
        assert 0 <= side["start"] < side["end"] and side["gap"] < 2
        assert desk.get(side["preview"]).status_code == 200


def test_the_first_page_is_light(desk):
    page = desk.get("/write", headers={"Accept": "text/html"})
    own = set(re.findall(r'(?:href|src)="(/static/[^"]*)"', page.text))

    wired = len(gzip.compress(page.content, 6))
    for address in own:
        wired += len(gzip.compress(desk.get(address).content, 6))
    assert any("wavesurfer" in address for address in own)
    assert wired < 100_000, f"{wired} bytes"
