"""What people see of their own work and pay: their texts, what became of them, the month, and what was paid."""

import csv
import io

import pytest
from sqlalchemy import select

from catalog.calendar import month_of
from catalog.states import ReviewDecision, Role, SlotPurpose
from catalog.tables import AuditEvent, Note, Payment, Slot, Submission, Task
from tests.portal.people import sign_in
from transcription import queue, review, second_look
from transcription.payments import mark_paid, person_months
from transcription.slots.lease import locked_task
from transcription.submission import submit

TEXT = "అమ్మ బడికి వెళ్ళింది"
OTHER = "నాన్న పొలానికి పోయాడు"


@pytest.fixture
def writers(busy_portal):
    """Two who wrote one clip alike, so that it is accepted and paid."""
    context, now = busy_portal.project_context("demo"), busy_portal.clock()
    people = {}
    for handle in ("ravi", "lakshmi"):
        people[handle] = sign_in(busy_portal, handle, [Role.TRANSCRIBER])
        lease = queue.claim(context, people[handle].person_id, now=now)
        assert lease is not None
        submit(context, lease.hold, TEXT, request_id=handle, now=now)
    return people


@pytest.fixture
def ravi(busy_client, writers):
    return writers["ravi"].browser(busy_client)


def as_another(client, somebody):
    client.cookies.clear()
    return somebody.browser(client)


def test_a_text_is_there_with_its_fate_and_what_it_earned(busy_portal, ravi):
    page = ravi.get("/my-work").text
    slip = ravi.get("/my-work/payslip").text

    with busy_portal.catalog.reading() as session:
        (month,) = person_months(session, "demo", month=month_of(busy_portal.clock()))[:1]
    assert TEXT in page and "Accepted" in page
    assert month.owed_millis > 0
    assert f"₹{month.owed_millis / 1000:.2f}" in page and f"₹{month.owed_millis / 1000:.2f}" in slip


def test_nobody_reads_the_text_of_the_other_writer(busy_portal, busy_client, writers):
    context, now = busy_portal.project_context("demo"), busy_portal.clock()
    lease = queue.claim(context, writers["lakshmi"].person_id, now=now)
    submit(context, lease.hold, OTHER, request_id="second", now=now)

    assert OTHER not in writers["ravi"].browser(busy_client).get("/my-work").text


def test_a_month_is_marked_as_paid_once_and_stands_so_everywhere(busy_portal, busy_client, writers):
    manager = sign_in(busy_portal, "meera", [Role.MANAGER]).browser(busy_client)
    month = month_of(busy_portal.clock())
    for _ in range(2):
        assert manager.post("/manage/ledger/paid", data={"month": month, "note": "UTR 1"}).status_code == 303

    ledger = list(csv.DictReader(io.StringIO(manager.get("/manage/ledger.csv").content.decode("utf-8-sig"))))
    page = manager.get("/manage/ledger").text
    slip = as_another(busy_client, writers["ravi"]).get(f"/my-work/payslip?month={month}").text
    with busy_portal.catalog.reading() as session:
        payments = session.scalars(select(Payment)).all()
        acts = session.scalars(select(AuditEvent).where(AuditEvent.action == "pay.paid")).all()
        left = [each.left_millis for each in person_months(session, "demo")]

    assert len(payments) == len(acts) == 2 and set(left) == {0}
    assert all(line["paid_at"] for line in ledger) and len(ledger) == 2
    assert "UTR 1" in slip and "Mark as paid" not in page


def test_what_is_earned_after_the_payment_is_left_for_the_next(busy_portal, writers):
    context, now = busy_portal.project_context("demo"), busy_portal.clock()
    month = month_of(now)
    with busy_portal.catalog.writing() as session:
        mark_paid(session, "demo", month, person_ids=None, note="", by="tests", now=now)
    for handle in ("ravi", "lakshmi"):
        lease = queue.claim(context, writers[handle].person_id, now=now)
        submit(context, lease.hold, OTHER, request_id=f"{handle}-2", now=now)
    with busy_portal.catalog.writing() as session:
        left = mark_paid(
            session, "demo", month, person_ids=[writers["ravi"].person_id], note="", by="tests", now=now
        )

    assert [each.handle for each in left] == ["ravi"] and left[0].left_millis > 0
    with busy_portal.catalog.reading() as session:
        numbers = session.scalars(
            select(Payment.number).where(Payment.person_id == writers["ravi"].person_id)
        ).all()
    assert sorted(numbers) == [1, 2]


def test_a_question_reaches_the_reviewer_who_decided_and_the_answer_comes_back(
    busy_portal, busy_client, writers
):
    sunita = sign_in(busy_portal, "sunita", [Role.REVIEWER])
    with busy_portal.catalog.writing() as session:
        task = session.scalars(select(Task).where(Task.state == "accepted")).one()
        second_look.ask(session, locked_task(session, task.id), by="tests", why="x", now=busy_portal.clock())
    context = busy_portal.project_context("demo")
    item = review.next_review(context, sunita.person_id, now=busy_portal.clock())
    review.decide(context, item.hold, ReviewDecision.ACCEPT, now=busy_portal.clock())

    ravi = writers["ravi"].browser(busy_client)
    assert ravi.post(f"/my-work/tasks/{task.id}/note", data={"text": "why so?"}).status_code == 303
    reviewer = as_another(busy_client, sunita)
    asked = reviewer.get("/my-work").text
    reviewer.post(f"/my-work/tasks/{task.id}/note", data={"text": "by the guideline"})
    answered = reviewer.get("/my-work").text
    read = as_another(busy_client, writers["ravi"]).get("/my-work").text

    assert "why so?" in asked and "why so?" not in answered
    assert "by the guideline" in read
    with busy_portal.catalog.reading() as session:
        assert len(session.scalars(select(Note)).all()) == 2


@pytest.mark.parametrize("month", ["1999-01", "2026-13", "x", "2026-11-01"])
def test_any_month_is_answered(ravi, month):
    assert ravi.get(f"/my-work?month={month}").status_code in (200, 422)
    assert ravi.get(f"/my-work/payslip?month={month}").status_code in (200, 422)


def test_a_gold_clip_is_not_told_by_standing_there(busy_portal, ravi, writers):
    with busy_portal.catalog.writing() as session:
        slot = session.scalars(
            select(Slot)
            .join(Submission, Submission.slot_id == Slot.id)
            .where(Submission.person_id == writers["ravi"].person_id)
        ).one()
        slot.purpose = SlotPurpose.GOLD

    assert TEXT not in ravi.get("/my-work").text
