"""What a manager sees of a project at work, and what only a manager may do."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from catalog.consent import withdraw
from catalog.reconciliation.balance import RECORDING_ENDS, UPLOAD_ENDS
from catalog.states import ClipState, Role, SlotPurpose, SlotState, TaskState
from catalog.tables import (
    AuditEvent,
    Clip,
    LedgerEntry,
    Person,
    Slot,
    Speaker,
    Standing,
    Task,
    Transcript,
)
from portal.items.words import END_WORDS
from portal.manage.queue_health import is_old, queues
from tests.portal.people import sign_in
from transcription import queue, submission
from transcription.payments import person_months

PAGES = (
    "/manage",
    "/manage/books",
    "/manage/coverage",
    "/manage/drafts",
    "/manage/people",
    "/manage/ledger",
    "/manage/gold",
    "/manage/guidelines",
    "/manage/withdrawals",
)
TEXT = "అమ్మ బడికి వెళ్ళింది"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def writes(portal, handle: str, *texts: str) -> str:
    """A transcriber who hands these texts in, one clip after the other."""
    project_context, now = portal.project_context("demo"), portal.clock()
    person = sign_in(portal, handle, [Role.TRANSCRIBER])
    for number, text in enumerate(texts):
        lease = queue.claim(project_context, person.person_id, now=now)
        submission.submit(project_context, lease.hold, text, request_id=f"{handle}-{number}", now=now)
    return person.person_id


def test_every_page_opens_before_anybody_has_worked(manager):
    assert {page: manager.get(page).status_code for page in PAGES} == dict.fromkeys(PAGES, 200)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
def test_the_pages_are_for_managers_alone(busy_portal, busy_client, role):
    somebody = sign_in(busy_portal, "curious", [role]).browser(busy_client)

    assert {page: somebody.get(page).status_code for page in PAGES} == dict.fromkeys(PAGES, 403)


def test_the_overview_counts_what_waits_and_what_is_in_hand(busy_portal, manager):
    person = sign_in(busy_portal, "ravi", [Role.TRANSCRIBER])
    queue.claim(busy_portal.project_context("demo"), person.person_id, now=busy_portal.clock())
    with busy_portal.catalog.reading() as session:
        held = session.scalars(select(Slot).where(Slot.state == SlotState.LEASED)).all()

    page = manager.get("/manage").text

    assert len(held) == 1
    row = page.split('id="queues"')[1].split("<tbody")[1].split("</tr>")[0]
    assert "తెలుగు" in row
    assert 'held=1&amp;language=te">1</a></td>' in row


def test_a_new_person_comes_with_roles_and_languages_and_the_next_page_makes_their_invite(
    busy_portal, manager
):
    answer = manager.post(
        "/manage/people",
        data={"handle": "asha", "role": ["transcriber", "reviewer"], "language": ["te", "xx"], "phone": "98"},
    )

    assert answer.status_code == 303 and answer.headers["location"] == "/people/asha/access"
    with busy_portal.catalog.reading() as session:
        asha = session.scalars(select(Person).where(Person.handle == "asha")).one()
    assert asha.languages == ["te"]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"handle": "a b", "role": "transcriber"}, "no spaces"),
        ({"handle": "<b>asha</b>", "role": "transcriber"}, "no spaces"),
        ({"handle": "meera", "role": "transcriber"}, "Somebody has this name"),
        ({"handle": "asha"}, "Choose what they will do"),
    ],
)
def test_a_form_that_can_not_be_taken_says_why_and_keeps_what_was_typed(manager, form, message):
    answer = manager.post("/manage/people", data=form)

    assert answer.status_code == 422
    assert message in answer.text
    assert "<b>asha</b>" not in answer.text


def test_a_person_who_is_held_back_is_shown_with_the_reason_and_can_be_let_work_again(busy_portal, manager):
    person_id = writes(busy_portal, "ravi", TEXT)
    with busy_portal.catalog.writing() as session:
        session.add(
            Standing(
                person_id=person_id, language="te", held_back=True, because="9 of 10 texts differ", good=1, bad=9,
                by="hold-back rule", at=busy_portal.clock(),
            )
        )  # fmt: skip

    assert "held back" in manager.get("/manage/people").text
    assert "9 of the last 10 texts differ too much" in manager.get("/manage/people/ravi").text
    without_reason = manager.post("/manage/people/ravi/reinstate", data={"language": "te", "because": " "})
    answer = manager.post("/manage/people/ravi/reinstate", data={"language": "te", "because": "a noisy week"})

    assert without_reason.status_code == 403
    assert answer.status_code == 303
    with busy_portal.catalog.reading() as session:
        assert not session.get(Standing, (person_id, "te")).held_back
        acts = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == person_id)).all()
    assert any("reinstated" in act for act in acts)


def test_the_spreadsheet_of_what_is_owed_holds_no_formula(busy_portal, manager):
    person = sign_in(busy_portal, "=cmd", [Role.TRANSCRIBER])
    with busy_portal.catalog.writing() as session:
        session.add(
            LedgerEntry(
                id="owed-1", project_id="demo", person_id=person.person_id, work="transcription", subject_id="s",
                quantity=2.0, unit="audio_minute", rate_millis=25000, amount_millis=50000, currency="INR",
                at=busy_portal.clock(),
            )
        )  # fmt: skip

    answer = manager.get("/manage/ledger.csv")

    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][1] == "'=cmd"
    assert "₹50.00" in manager.get("/manage/ledger").text
    assert len(list(csv.reader(io.StringIO(manager.get("/manage/ledger.csv?month=1999-01").text)))) == 1
    with busy_portal.catalog.reading() as session:
        (month,) = person_months(session, "demo")
    assert (month.handle, month.owed_millis, month.minutes) == ("=cmd", 50000, 2.0)


def test_a_withdrawal_is_shown_until_every_recording_is_destroyed(busy_portal, manager):
    with busy_portal.catalog.writing() as session:
        speaker = session.scalars(select(Speaker)).one()
        withdraw(session, speaker_id=speaker.id, recorded_by="withdrawal code", at=busy_portal.clock())

    page = manager.get("/manage/withdrawals").text

    assert speaker.pseudonym in page
    assert "0 of 4" in page and "within the hour" in page


def test_gold_of_another_project_can_not_be_touched(busy_portal, manager):
    assert manager.post("/manage/gold", data={"task": "task-of-nobody"}).status_code == 404
    assert manager.post("/manage/gold/retire", data={"task": "task-of-nobody"}).status_code == 404


def test_a_clip_that_was_reviewed_twice_is_offered_as_gold_once_with_its_last_text(busy_portal, manager):
    with busy_portal.catalog.writing() as session:
        task = session.scalars(select(Task)).first()
        task.state = TaskState.ACCEPTED
        for version, text in enumerate((f"{TEXT} నిన్న", TEXT), start=1):
            session.add(
                Transcript(
                    id=f"t-{version}", clip_id=task.clip_id, version=version, verbatim=text, normalised=text,
                    origin="review", guideline="te@1", accepted_at=busy_portal.clock(),
                )
            )  # fmt: skip

    page = manager.get("/manage/gold").text

    assert TEXT in page and f"{TEXT} నిన్న" not in page
    assert "Only a reviewer makes clips gold." in page
    assert manager.post("/manage/gold", data={"task": task.id}).status_code == 403


def test_a_review_that_waits_for_days_is_seen_though_nothing_waits_for_a_writer(busy_portal):
    now = busy_portal.clock()
    with busy_portal.catalog.writing() as session:
        for task in session.scalars(select(Task)):
            task.state = TaskState.IN_REVIEW
        slot = session.scalars(select(Slot)).first()
        slot.purpose, slot.created_at = SlotPurpose.REVIEW, now - timedelta(days=3)

    with busy_portal.catalog.reading() as session:
        health = queues(session, "demo", ["te"], now=now)[0]

    assert health.oldest is None
    assert health.oldest_review is not None and is_old(health.oldest_review, now)


def test_every_end_that_books_name_has_its_word(busy_portal, manager):
    with busy_portal.catalog.writing() as session:
        withdraw(session, speaker_id=session.scalars(select(Speaker.id)).one(), recorded_by="x", at=NOW)

    page = manager.get("/manage/books").text

    assert "Taken back by the speaker" in page
    assert {end for ends in (UPLOAD_ENDS, RECORDING_ENDS) for end in ends.values()} < set(END_WORDS)


def test_the_board_tells_accepted_hours_from_those_that_are_only_recorded(busy_portal, manager):
    with busy_portal.catalog.writing() as session:
        session.scalars(select(Speaker)).one().gender = "female"
        clips = session.scalars(select(Clip).where(Clip.state == ClipState.WAITING)).all()
        for clip in clips:
            clip.seconds = 45.0 / (len(clips) - 1)  # 90 in all, of the 180 that the demo wants of women
        clips[0].state, clips[0].seconds = ClipState.ACCEPTED, 45.0

    page = manager.get("/manage/coverage").text

    assert 'class="recorded" width="50.0%"' in page
    assert 'class="accepted" width="25.0%"' in page
