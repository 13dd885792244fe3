"""A clip that somebody reports is heard by nobody else until a reviewer has decided; a wrong report costs nothing."""

import pytest
from sqlalchemy import select

from catalog.consent import withdraw
from catalog.database import Catalog
from catalog.reports import hidden_clips
from catalog.states import ClipState, ReportDecision, ReportKind, ReportState, Role, TaskState
from catalog.tables import AuditEvent, Clip, ClipReport, Slot, Speaker, Task, Transcript
from releases.selection import candidates
from tests.transcription.village import Village, after, build_village, project_with
from transcription.clip_reports import opening
from transcription.clip_reports.deciding import TAG, ReportVerdict, decide
from transcription.clip_reports.opening import TooManyReports, open_report
from transcription.clip_reports.scanning import scan_accepted
from transcription.clip_reports.spans import InvalidSpans, MarkedSpan
from transcription.clip_reports.waiting import report_item, waiting_reports
from transcription.context import NotAllowed
from transcription.queue import claim
from transcription.routing import route_clips
from transcription.slots.lease import Lease
from transcription.submission import SubmissionOutcome, submit

PLAIN = "మా ఊరి చెరువు నిండింది"
NUMBER = "నా నంబరు తొమ్మిది ఎనిమిది నాలుగు ఎనిమిది సున్నా రెండు రెండు మూడు మూడు ఎనిమిది"


@pytest.fixture
def village(catalog: Catalog) -> Village:
    found = build_village(catalog, project_with({"transcribers": 1, "blind_second_share": 0.0}), clips=1)
    route_clips(found.context, now=after(0))
    return found


def given(village: Village, handle: str = "asha", minute: float = 1) -> Lease:
    lease = claim(village.context, village.person(handle).id, now=after(minute))
    assert lease is not None
    return lease


def reported(village: Village, by: str, minute: float = 2) -> str:
    with village.catalog.writing() as session:
        kind = ReportKind.BYSTANDER
        return open_report(session, village.clips[0], kind, by=by, now=after(minute)).id


def lead(village: Village) -> str:
    return village.person("lead", [Role.REVIEWER]).id


def state_of(village: Village, report: str) -> ReportState:
    with village.catalog.reading() as session:
        return session.get_one(ClipReport, report).state


def test_a_reported_clip_is_given_to_nobody_and_what_its_holder_writes_is_kept(village: Village) -> None:
    lease = given(village)

    report = reported(village, lease.hold.person_id)
    late = submit(village.context, lease.hold, PLAIN, request_id="1", now=after(3))

    assert late.outcome is SubmissionOutcome.LATE
    assert claim(village.context, village.person("ravi").id, now=after(4)) is None
    with village.catalog.reading() as session:
        assert session.scalars(hidden_clips(village.context.project.name)).all() == [village.clips[0]]
        assert [each.id for each in waiting_reports(session, village.context.project.name, ["te"])] == [
            report
        ]
        assert waiting_reports(session, village.context.project.name, ["kn"]) == []


def test_reporting_again_changes_nothing_while_a_report_stands(village: Village) -> None:
    first = reported(village, given(village).hold.person_id)

    assert reported(village, village.person("ravi").id, 3) == first
    with village.catalog.reading() as session:
        assert len(session.scalars(select(ClipReport)).all()) == 1


def test_a_dismissed_report_opens_the_clip_again_and_costs_nobody_anything(village: Village) -> None:
    report = reported(village, given(village).hold.person_id)

    decide(village.context, report, ReportVerdict(ReportDecision.DISMISS), by=lead(village), now=after(3))

    assert state_of(village, report) is ReportState.DISMISSED
    assert claim(village.context, village.person("asha2").id, now=after(4)) is not None
    with village.catalog.reading() as session:
        task = session.scalars(select(Task)).one()
        events = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_kind == "clip")).all()
    assert task.state is TaskState.OPEN
    assert {"clip.hidden", "clip.report_dismiss"} <= set(events)


def test_only_a_reviewer_of_the_language_decides_and_the_first_decision_stands(village: Village) -> None:
    report = reported(village, given(village).hold.person_id)
    stranger = village.person("kannada lead", [Role.REVIEWER], ["kn"]).id
    writer = village.person("writer").id
    reject, dismiss = ReportVerdict(ReportDecision.REJECT), ReportVerdict(ReportDecision.DISMISS)

    for who in (stranger, writer):
        with pytest.raises(NotAllowed):
            decide(village.context, report, dismiss, by=who, now=after(3))
    reviewer = lead(village)
    decide(village.context, report, reject, by=reviewer, now=after(4))

    assert decide(village.context, report, dismiss, by=reviewer, now=after(5)) is ReportState.DONE
    with village.catalog.reading() as session:
        clip, task = session.get_one(Clip, village.clips[0]), session.scalars(select(Task)).one()
        assert (clip.state, clip.reason) == (ClipState.REJECTED, "bystander")
        assert (task.state, task.reason) == (TaskState.REJECTED, "bystander")
        assert {slot.state.value for slot in session.scalars(select(Slot))} == {"closed"}


def test_an_accepted_text_with_a_number_goes_to_a_reviewer_and_is_not_released(village: Village) -> None:
    submit(village.context, given(village).hold, NUMBER, request_id="1", now=after(2))

    with village.catalog.reading() as session:
        (waiting,) = waiting_reports(session, village.context.project.name, ["te"])
        item = report_item(session, waiting.id)
        found = candidates(session, village.context.project.name, licence="CC0-1.0")
    assert item is not None and item.by_scan and item.text == NUMBER
    assert [(each.kind, each.words) for each in item.found] == [("phone", NUMBER.removeprefix("నా నంబరు "))]
    assert found.held_back["open_report"] == 1 and len(found.rows) == 0


def test_what_a_reviewer_dismissed_is_not_reported_again_for_the_same_words(village: Village) -> None:
    submit(village.context, given(village).hold, NUMBER, request_id="1", now=after(2))
    with village.catalog.writing() as session:
        report = session.scalars(select(ClipReport.id)).one()
        session.scalars(select(Transcript)).one().scanned = None
    decide(village.context, report, ReportVerdict(ReportDecision.DISMISS), by=lead(village), now=after(3))

    assert scan_accepted(village.catalog, village.context.project.name, now=after(4)) == 0
    assert state_of(village, report) is ReportState.DISMISSED


def test_texts_of_before_the_scan_are_scanned_once(village: Village) -> None:
    submit(village.context, given(village).hold, PLAIN, request_id="1", now=after(2))
    with village.catalog.writing() as session:
        text = session.scalars(select(Transcript)).one()
        text.verbatim, text.scanned = NUMBER, None

    project = village.context.project.name
    assert scan_accepted(village.catalog, project, now=after(3)) == 1
    assert scan_accepted(village.catalog, project, now=after(4)) == 0


def test_a_mend_needs_spans_within_the_clip_and_a_text_with_the_tag(village: Village) -> None:
    submit(village.context, given(village).hold, NUMBER, request_id="1", now=after(2))
    with village.catalog.reading() as session:
        report = session.scalars(select(ClipReport.id)).one()
        length = round(session.get_one(Clip, village.clips[0]).seconds * 1000)
    reviewer = lead(village)
    spans = (MarkedSpan(100, 400),)

    for bad, why in (
        (ReportVerdict(ReportDecision.BLEEP, (), TAG), InvalidSpans),
        (ReportVerdict(ReportDecision.BLEEP, (MarkedSpan(0, length + 1),), TAG), InvalidSpans),
        (ReportVerdict(ReportDecision.BLEEP, (MarkedSpan(0, 300), MarkedSpan(200, 400)), TAG), InvalidSpans),
        (ReportVerdict(ReportDecision.BLEEP, spans, "నా నంబరు"), NotAllowed),
        (ReportVerdict(ReportDecision.TRIM, (MarkedSpan(0, length),), PLAIN), InvalidSpans),
    ):
        with pytest.raises(why):
            decide(village.context, report, bad, by=reviewer, now=after(3))
    assert state_of(village, report) is ReportState.OPEN

    good = ReportVerdict(ReportDecision.BLEEP, spans, f"నా నంబరు {TAG}")
    assert decide(village.context, report, good, by=reviewer, now=after(4)) is ReportState.DECIDED
    with village.catalog.reading() as session:
        assert session.scalars(hidden_clips(village.context.project.name)).all() == [village.clips[0]]


def test_nobody_hides_a_collection_with_reports(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_A_DAY", 1)
    who = given(village).hold.person_id
    report = reported(village, who)
    decide(village.context, report, ReportVerdict(ReportDecision.DISMISS), by=lead(village), now=after(3))

    with pytest.raises(TooManyReports):
        reported(village, who, 4)
    assert reported(village, who, 60 * 24 + 3) != report


def test_a_rejected_clip_is_reported_by_nobody(village: Village) -> None:
    with village.catalog.writing() as session:
        session.get_one(Clip, village.clips[0]).state = ClipState.REJECTED

    with pytest.raises(NotAllowed):
        reported(village, village.person("ravi").id)


def test_a_report_that_waits_is_closed_when_its_voice_is_taken_back_and_says_why(village: Village) -> None:
    report = reported(village, given(village).hold.person_id)
    with village.catalog.writing() as session:
        for speaker in session.scalars(select(Speaker)).all():
            withdraw(session, speaker_id=speaker.id, recorded_by="asha", at=after(3))

    with village.catalog.reading() as session:
        closed = session.get_one(ClipReport, report)
        assert waiting_reports(session, village.context.project.name, ["te"]) == []
    assert (closed.state, closed.decision) == (ReportState.DONE, ReportDecision.CONSENT_WITHDRAWN)
    assert closed.done_at == after(3) and closed.decided_by is None
    decided = decide(
        village.context, report, ReportVerdict(ReportDecision.DISMISS), by=lead(village), now=after(4)
    )
    assert decided is ReportState.DONE
    with pytest.raises(NotAllowed):
        ReportVerdict(ReportDecision.CONSENT_WITHDRAWN)
