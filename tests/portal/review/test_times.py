"""A reviewer puts word times right by keys; what they save holds, is on record, and no aligner replaces it."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, true, update

from catalog.alignments import PERSON
from catalog.ids import content_id
from catalog.states import AlignmentState, Role
from catalog.tables import Alignment, AuditEvent, Clip, Transcript
from portal.listening import ProjectReviewed, link
from releases.accepted import accepted_clips
from tests.portal.live import LAPTOP, PHONE, context_of
from tests.portal.people import sign_in
from transcription.word_times.spans import SHORTEST

SEEN = re.compile(r'"seen": "([^"]+)"')
BUTTON = re.compile(r'data-start="([\d.]+)" data-end="([\d.]+)"')


@pytest.fixture
def lead(busy_portal):
    return sign_in(busy_portal, "sunita", [Role.REVIEWER])


@pytest.fixture
def doubtful(busy_portal, written):
    """The written clip, whose words the aligner placed badly."""
    with busy_portal.catalog.writing() as session:
        session.execute(update(Alignment).values(state=AlignmentState.LOW_SCORE, score=0.3))
    return written


def opened(client, clip_id):
    """The times that the page names, and the spans of its words in samples."""
    page = client.get(f"/review/times/{clip_id}").text
    spans = [[round(float(at) * 16_000) for at in found] for found in BUTTON.findall(page)]
    return SEEN.search(page).group(1), spans


def save(client, clip_id, seen, spans):
    return client.post(f"/review/times/{clip_id}", json={"seen": seen, "spans": spans})


def held(portal):
    """What a version would hold of the one accepted clip."""
    with portal.catalog.reading() as session:
        clip = next(iter(accepted_clips(session, "demo", "cut", true())))
    assert clip.alignment is not None
    return clip.alignment


def test_what_a_reviewer_saves_is_what_versions_hold_and_stands_on_record(
    busy_portal, busy_client, doubtful, lead
):
    client = lead.browser(busy_client)
    assert f"/review/times/{doubtful.clip_id}" in client.get("/review/times").text
    assert "/review/times" in client.get("/review").text
    seen, spans = opened(client, doubtful.clip_id)
    spans[1][0] += 800

    answer = save(client, doubtful.clip_id, seen, spans)

    assert answer.json() == {"moved": 1, "next": "/review/times?done=1"}
    alignment = held(busy_portal)
    assert (alignment.aligner, alignment.state) == (PERSON, AlignmentState.ALIGNED)
    assert [word["start"] for word in alignment.words] == [start for start, _ in spans]
    assert [word["score"] for word in alignment.words] == [0.9, 1.0, 0.8]
    assert doubtful.clip_id not in client.get("/review/times").text
    with busy_portal.catalog.reading() as session:
        act = session.scalars(select(AuditEvent).where(AuditEvent.action == "clip.word_times_set")).one()
    assert (act.actor, act.subject_id) == (lead.person_id, doubtful.clip_id)
    assert act.detail["moved"] == [[1, spans[1][0] - 800, spans[1][1], *spans[1]]]


def test_an_aligner_that_ends_later_does_not_replace_what_a_person_placed(
    busy_portal, busy_client, doubtful, lead
):
    client = lead.browser(busy_client)
    save(client, doubtful.clip_id, *opened(client, doubtful.clip_id))
    with busy_portal.catalog.writing() as session:
        mine = session.scalars(select(Alignment).where(Alignment.aligner == PERSON)).one()
        session.add(  # a run that began before the reviewer saved, and ended after
            Alignment(
                id=content_id("alignment", "late"),
                clip_id=mine.clip_id,
                transcript_id=mine.transcript_id,
                aligner="corpus@1:0123456789ab te",
                state=AlignmentState.LOW_SCORE,
                score=0.1,
                words=[],
                at=busy_portal.clock() + timedelta(hours=1),
            )
        )

    assert held(busy_portal).aligner == PERSON
    assert doubtful.clip_id not in client.get("/review/times").text


def test_a_changed_text_is_open_to_aligners_again(busy_portal, busy_client, doubtful, lead):
    client = lead.browser(busy_client)
    save(client, doubtful.clip_id, *opened(client, doubtful.clip_id))
    with busy_portal.catalog.writing() as session:
        text = session.scalars(select(Transcript)).one()
        values = {column.name: getattr(text, column.name) for column in Transcript.__table__.columns}
        session.add(Transcript(**values | {"id": "transcript-2", "version": 2, "normalised": "అమ్మ వెళ్ళింది"}))

    assert client.get(f"/review/times/{doubtful.clip_id}").status_code == 404
    with busy_portal.catalog.reading() as session:
        assert next(iter(accepted_clips(session, "demo", "cut", true()))).alignment is None


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda spans, _: spans[:-1], id="a word is missing"),
        pytest.param(lambda spans, _: [*spans[1:], spans[0]], id="out of order"),
        pytest.param(lambda spans, _: [[spans[0][0], spans[1][0] + 1], *spans[1:]], id="over each other"),
        pytest.param(lambda spans, end: [*spans[:-1], [spans[-1][0], end + 1]], id="behind the end"),
        pytest.param(
            lambda spans, _: [[spans[0][0], spans[0][0] + SHORTEST - 1], *spans[1:]], id="shorter than a step"
        ),
    ],
)
def test_times_that_can_not_be_are_refused_with_the_rule(busy_portal, busy_client, written, lead, spoil):
    client = lead.browser(busy_client)
    seen, spans = opened(client, written.clip_id)
    with busy_portal.catalog.reading() as session:
        end = round(session.get_one(Clip, written.clip_id).seconds * 16_000)

    answer = save(client, written.clip_id, seen, spoil(spans, end))

    assert answer.status_code == 403 and "word" in answer.json()["error"]["message"]
    assert held(busy_portal).aligner != PERSON


def test_two_reviewers_at_one_clip_do_not_overwrite_each_other_unseen(
    busy_portal, busy_client, written, lead
):
    seen, spans = opened(lead.browser(busy_client), written.clip_id)
    other = sign_in(busy_portal, "kiran", [Role.REVIEWER]).browser(busy_client)
    spans[0][1] -= 160
    assert save(other, written.clip_id, seen, spans).status_code == 200

    spans[0][1] -= 160
    late = save(lead.browser(busy_client), written.clip_id, seen, spans)

    assert late.status_code == 409 and "somebody timed" in late.json()["error"]["message"]
    assert held(busy_portal).words[0]["end"] == spans[0][1] + 160


def test_an_answer_that_got_lost_may_be_asked_for_again(busy_client, written, lead):
    client = lead.browser(busy_client)
    seen, spans = opened(client, written.clip_id)
    spans[2][0] -= 160
    save(client, written.clip_id, seen, spans)

    assert save(client, written.clip_id, seen, spans).json()["moved"] == 0


def test_reviewers_of_other_languages_or_projects_neither_hear_nor_move_a_word(
    busy_portal, busy_client, written
):
    for handle, project, languages in (("hari", "demo", ("hi",)), ("field", "field", ("te",))):
        stranger = sign_in(busy_portal, handle, [Role.REVIEWER], project=project, languages=languages)
        client = stranger.browser(busy_client)
        address = link(
            busy_portal,
            written.clip_id,
            "preview",
            listener=stranger.person_id,
            ground=ProjectReviewed("demo"),
            now=busy_portal.clock(),
        )

        assert client.get(f"/review/times/{written.clip_id}").status_code == 404
        assert client.get(address).status_code == 404
        assert save(client, written.clip_id, "times-1", [[0, 800]] * 3).status_code in (403, 404)


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, LAPTOP])
def test_a_boundary_is_moved_heard_undone_and_saved_by_keys_alone(
    browser, live, busy_portal, doubtful, lead, size
):
    context = context_of(browser, live, lead, size=size)
    page = context.new_page()
    page.goto(f"/review/times/{doubtful.clip_id}")
    expect(page.locator(".aligned.live canvas.wave")).to_be_visible()
    before = float(page.locator("#start-at").inner_text().removesuffix(" s"))
    page.locator(".aligned").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#chosen")).to_have_text("బడికి")
    start = float(page.locator("#start-at").inner_text().removesuffix(" s"))
    assert start > before

    page.keyboard.press("Shift+Q")
    expect(page.locator("#start-at")).to_have_text(f"{start - 0.05:.2f} s")
    page.wait_for_function("() => document.querySelector('.aligned audio').currentTime > 0")
    page.keyboard.press("w")
    expect(page.locator("#start-at")).to_have_text(f"{start - 0.04:.2f} s")
    page.keyboard.press("z")
    expect(page.locator("#start-at")).to_have_text(f"{start - 0.05:.2f} s")
    page.reload()  # what was moved is not lost with the page
    expect(page.locator("#said")).not_to_be_empty()
    page.locator(".aligned").focus()
    page.keyboard.press("Control+Enter")

    page.wait_for_url("**/review/times?done=1")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    context.close()
    word = held(busy_portal).words[1]
    assert abs(word["start"] / 16_000 - (start - 0.05)) < 0.011
