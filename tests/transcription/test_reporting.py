"""A clip that somebody reports comes before a reviewer, whoever reports it and whenever."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from catalog.database import Catalog
from catalog.states import ReviewDecision, Role, TaskState
from catalog.tables import AuditEvent, ClipReport, Submission, Task
from tests.transcription.village import Village, after, build_village, project_with
from transcription.clip_reports.reporting import REPORTS, report
from transcription.context import NotAllowed
from transcription.decisions.grounds import Ground
from transcription.queue import claim, release_lease
from transcription.review import decide, next_review
from transcription.routing import route_clips
from transcription.slots.lease import Hold, Lease
from transcription.submission import HIDING, SubmissionOutcome, save_draft, submit

TEXT = "మా ఊరి చెరువు నిండింది"


@pytest.fixture
def village(catalog: Catalog) -> Village:
    found = build_village(catalog, project_with({"transcribers": 2}), clips=1)
    route_clips(found.context, now=after(0))
    return found


def given(village: Village, handle: str, minute: float = 1) -> Lease:
    lease = claim(village.context, village.person(handle).id, now=after(minute))
    assert lease is not None
    return lease


def state(village: Village) -> tuple[TaskState, str | None]:
    with village.catalog.reading() as session:
        task = session.scalars(select(Task)).one()
        return task.state, task.reason


@pytest.mark.parametrize("code", sorted(HIDING))
def test_a_report_of_what_nobody_should_hear_hides_the_clip_and_leaves_its_work_where_it_was(
    village: Village, code: str
) -> None:
    lease = given(village, "asha")

    receipt = report(village.context, lease.hold, reason_code=code, request_id="2", now=after(3))
    again = report(village.context, lease.hold, reason_code=code, request_id="2", now=after(4))

    assert receipt.outcome is SubmissionOutcome.SAVED and again == receipt
    assert state(village) == (TaskState.OPEN, None)
    assert claim(village.context, village.person("ravi").id, now=after(5)) is None
    with village.catalog.reading() as session:
        standing = session.scalars(select(ClipReport)).one()
    assert (standing.kind.value, standing.opened_by) == (code, lease.hold.person_id)


@pytest.mark.parametrize("code", sorted(set(REPORTS) - HIDING))
def test_one_report_brings_a_clip_to_a_reviewer_with_the_reason(village: Village, code: str) -> None:
    lease = given(village, "asha")
    save_draft(village.context, lease.hold, "మా ఊరి", request_id="1", now=after(2))

    receipt = report(village.context, lease.hold, reason_code=code, request_id="2", now=after(3))
    again = report(village.context, lease.hold, reason_code=code, request_id="2", now=after(4))

    assert receipt.outcome is SubmissionOutcome.SAVED and again == receipt
    assert state(village) == (TaskState.IN_REVIEW, code)
    assert claim(village.context, lease.hold.person_id, now=after(5)) is None
    item = next_review(village.context, village.person("lead", [Role.REVIEWER]).id, now=after(6))
    assert item is not None and [each.skipped_because for each in item.candidates] == [code]
    with village.catalog.reading() as session:
        kinds = session.scalars(select(Submission.kind).order_by(Submission.created_at)).all()
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "clip.reported")).all()
    assert [kind.value for kind in kinds] == ["draft", "skip"]
    assert [event.detail["reason"] for event in events] == [code]


def test_what_a_second_person_is_writing_meanwhile_is_kept(village: Village) -> None:
    first, second = given(village, "asha"), given(village, "ravi")

    report(village.context, first.hold, reason_code="offensive", request_id="1", now=after(2))
    late = submit(village.context, second.hold, TEXT, request_id="1", now=after(3))

    assert late.outcome is SubmissionOutcome.LATE
    assert state(village) == (TaskState.IN_REVIEW, "offensive")


def test_a_report_is_heard_after_the_slot_was_given_back(village: Village) -> None:
    lease = given(village, "asha")
    release_lease(village.context, lease.hold, now=after(2))

    report(village.context, lease.hold, reason_code="no_consent_heard", request_id="1", now=after(3))

    assert state(village)[0] is TaskState.IN_REVIEW


def test_an_accepted_text_gets_a_second_look_and_stays_meanwhile(village: Village) -> None:
    first, second = given(village, "asha"), given(village, "ravi")
    for lease in (first, second):
        submit(village.context, lease.hold, TEXT, request_id="1", now=after(2))
    assert state(village)[0] is TaskState.ACCEPTED

    report(village.context, first.hold, reason_code="offensive", request_id="2", now=after(3))

    assert state(village)[0] is TaskState.ACCEPTED
    item = next_review(village.context, village.person("lead", [Role.REVIEWER]).id, now=after(4))
    assert item is not None and item.second_look and item.proposal == TEXT
    assert item.why.words.startswith("reported: Insults")
    assert (item.why.grounds, item.why.reason) == ((Ground.SAID,), "offensive")
    decide(
        village.context,
        item.hold,
        ReviewDecision.REJECT_AUDIO,
        reasons=["offensive"],
        now=after(5),
    )
    assert state(village) == (TaskState.REJECTED, "offensive")


def test_who_was_never_given_the_clip_reports_nothing(village: Village) -> None:
    lease = given(village, "asha")
    stranger = village.person("stranger")

    with pytest.raises(NotAllowed, match="given a clip"):
        report(
            village.context,
            replace(lease.hold, person_id=stranger.id),
            reason_code="offensive",
            request_id="1",
            now=after(2),
        )
    with pytest.raises(NotAllowed, match="is reported for"):
        report(
            village.context,
            Hold(lease.hold.slot_id, lease.hold.person_id, 1),
            reason_code="too_noisy",
            request_id="1",
            now=after(2),
        )

    assert state(village) == (TaskState.OPEN, None)
