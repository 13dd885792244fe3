"""The page of the write screen: the clip in work, or why there is none, and what next."""

import gzip
import re
from dataclasses import replace

from fastapi.testclient import TestClient

from catalog.states import Role
from catalog.tables import Standing
from portal.app import create_app
from tests.portal.people import sign_in
from tests.portal.write.submissions import TEXT, claimed, page_block, send


def test_the_page_brings_the_clip_in_work_with_its_sound_waveform_and_rules(writer):
    page = writer.get("/write", headers={"Accept": "text/html"})

    data = page_block(page.text)
    [clip] = data["desk"]["clips"]
    assert writer.get(clip["preview"]).content[:4] == b"OggS"
    assert clip["peaks"] and 0 <= min(clip["peaks"]) <= max(clip["peaks"]) <= 128
    assert data["guides"]["te"]["id"] == clip["guideline"] == "te/v1"
    assert [tag["name"] for tag in data["guides"]["te"]["tags"]][:2] == ["noise", "music"]


def test_a_refresh_gives_the_same_clip_and_the_words_so_far(writer):
    [clip] = claimed(writer)
    send(writer, "draft", clip, text="ఇది ఒక")

    again = page_block(writer.get("/write", headers={"Accept": "text/html"}).text)["desk"]["clips"]

    assert [(each["slot"], each["token"], each["draft"]) for each in again] == [
        (clip["slot"], clip["token"], "ఇది ఒక")
    ]


def test_what_people_wrote_never_ends_the_data_of_the_page(writer):
    [clip] = claimed(writer)
    hostile = '</script><script>alert(1)</script><img src=x onerror="alert(2)"> \u2028 {{ 7*7 }}'
    send(writer, "draft", clip, text=hostile)

    page = writer.get("/write", headers={"Accept": "text/html"}).text

    assert "<script>alert" not in page and "<img" not in page
    assert page_block(page)["desk"]["clips"][0]["draft"].startswith("</script><script>alert(1)</script><img")


def test_somebody_held_back_keeps_the_clips_at_hand_and_gets_no_new_ones(writer, busy_portal, asha):
    [clip] = claimed(writer)
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

    assert [each["slot"] for each in claimed(writer, 2)] == [clip["slot"]]
    send(writer, "submit", clip, text=TEXT)
    after = writer.post("/write/claim", json={"want": 2}).json()
    assert after["clips"] == [] and after["nothing"]["why"] == "held_back"


def test_when_nothing_is_left_the_page_says_what_next(busy_portal, busy_client):
    asha = sign_in(busy_portal, "gita", [Role.TRANSCRIBER], languages=["sw"])
    page = asha.browser(busy_client).get("/write", headers={"Accept": "text/html"})

    nothing = page_block(page.text)["desk"]["nothing"]
    assert page.status_code == 200 and nothing["why"] == "none_left" and nothing["then"]


def test_somebody_without_a_language_of_the_project_reads_so(busy_portal, busy_client):
    asha = sign_in(busy_portal, "tomas", [Role.TRANSCRIBER], languages=["yo"])

    answer = asha.browser(busy_client).post("/write/claim", json={}).json()

    assert answer["nothing"]["why"] == "no_language"


def test_before_the_quiz_is_passed_the_page_says_how_far_it_is(busy_portal):
    project = busy_portal.projects["demo"]
    asking = replace(project, transcription=replace(project.transcription, quiz_clips=2))
    strict = replace(busy_portal, projects={**busy_portal.projects, "demo": asking})
    asha = sign_in(busy_portal, "asha", [Role.TRANSCRIBER])
    with TestClient(create_app(strict), base_url=strict.address) as writer:
        page = asha.browser(writer).get("/write", headers={"Accept": "text/html"})

    assert "0 of 2 are right so far" in page.text
    assert page_block(page.text)["desk"]["nothing"]["why"] == "quiz"


def test_a_reviewer_has_no_write_screen(busy_portal, busy_client):
    someone = sign_in(busy_portal, "ravi", [Role.REVIEWER])

    assert someone.browser(busy_client).get("/write", headers={"Accept": "text/html"}).status_code == 403


def test_the_day_counts_what_was_sent(writer):
    [clip] = claimed(writer)
    send(writer, "submit", clip, text=TEXT)

    assert writer.get("/write/today").json()["number"] == 1


def test_the_first_page_is_light(writer):
    page = writer.get("/write", headers={"Accept": "text/html"})
    own = set(re.findall(r'(?:href|src)="(/static/[^"]*)"', page.text))

    wired = len(gzip.compress(page.content, 6))
    for address in own:
        wired += len(gzip.compress(writer.get(address).content, 6))
    assert any("wavesurfer" in address for address in own)
    assert wired < 100_000, f"{wired} bytes"
