"""A writer's own texts beside the accepted ones, and their appeal to another reviewer."""

import pytest
from sqlalchemy import select

from catalog.states import ReviewDecision, Role, SlotPurpose
from catalog.tables import AuditEvent, Slot, Submission
from tests.portal.people import sign_in
from tests.portal.write.submissions import claimed, send
from transcription import queue, review
from transcription.clip_reports import reporting

MINE = "ఇది ఒక పరీక్ష"
ACCEPTED = "పూర్తిగా వేరే మాటలు"


@pytest.fixture
def text_id(writer, asha, busy_portal) -> str:
    """A text of Asha's beside which a reviewer's, which is quite another, was accepted."""
    context, now = busy_portal.project_context("demo"), busy_portal.clock()
    [clip] = claimed(writer)
    send(writer, "submit", clip, text=MINE)
    other = sign_in(busy_portal, "reporter", [Role.TRANSCRIBER])
    reviewer = sign_in(busy_portal, "rekha", [Role.REVIEWER])
    with busy_portal.catalog.reading() as session:
        text = session.scalars(select(Submission).where(Submission.person_id == asha.person_id)).one()
    for lease in queue.claim_many(context, other.person_id, 40, now=now):
        if lease.task_id == text.task_id:
            reporting.report(context, lease.hold, reason_code="wrong_language", request_id="r", now=now)
    item = review.next_review(context, reviewer.person_id, now=now)
    assert item is not None
    review.decide(
        context, item.hold, ReviewDecision.ACCEPT_MAJOR, text=ACCEPTED, submission_id=text.id, now=now
    )
    return text.id


def second_looks(portal) -> list[Slot]:
    with portal.catalog.reading() as session:
        return list(session.scalars(select(Slot).where(Slot.purpose == SlotPurpose.SECOND_LOOK)))


def test_before_anything_was_compared_the_page_says_so(writer):
    assert "No text of yours was compared yet." in writer.get("/write/texts").text


def test_a_writer_sees_their_text_beside_the_accepted_one_and_brings_it_before_another_reviewer(
    writer, text_id, busy_portal, asha
):
    page = writer.get("/write/texts").text
    answer = writer.post(f"/write/texts/{text_id}/appeal", data={"because": "they say it twice"})

    assert all(word in page for word in (MINE.split()[0], ACCEPTED.split()[0], "not good"))
    assert answer.status_code == 303 and answer.headers["location"] == "/write/texts"
    [slot] = second_looks(busy_portal)
    with busy_portal.catalog.reading() as session:
        asked = session.scalars(select(AuditEvent).where(AuditEvent.action == "review.asked")).one()
    assert (asked.actor, asked.detail["why"]) == (asha.person_id, "they say it twice")
    assert asked.subject_id == slot.task_id


def test_an_appeal_is_made_once_and_with_a_reason(writer, text_id, busy_portal):
    without = writer.post(f"/write/texts/{text_id}/appeal", data={"because": "  "})
    first = writer.post(f"/write/texts/{text_id}/appeal", data={"because": "a name"})
    second = writer.post(f"/write/texts/{text_id}/appeal", data={"because": "again"})

    assert (without.status_code, first.status_code, second.status_code) == (403, 303, 403)
    assert len(second_looks(busy_portal)) == 1
    page = writer.get("/write/texts").text
    assert "You asked for a second look." in page and "Ask for a second look" not in page


def test_nobody_appeals_for_somebody_else(writer, text_id, busy_portal, busy_client):
    stranger = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER]).browser(busy_client)

    answers = [
        stranger.post(f"/write/texts/{each}/appeal", data={"because": "mine"})
        for each in (text_id, "submission-of-nobody")
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert second_looks(busy_portal) == []
    assert MINE.split()[0] not in stranger.get("/write/texts").text
