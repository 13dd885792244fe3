"""What stands in a reported clip is read nowhere in the portal: not found, not listed, not exported, not sent on."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from catalog.consent import withdraw
from catalog.states import ReportDecision, ReportKind, Role
from catalog.tables import Clip, Recording, Speaker
from portal.report.gather import ReportSubject, gather
from portal.report.span import ReportDays
from tests.portal.people import sign_in
from tests.portal.written import TEXT
from transcription.clip_reports.deciding import ReportVerdict, decide
from transcription.clip_reports.opening import open_report

WORD = TEXT.split()[1]


@dataclass(frozen=True)
class Shown:
    """All that the portal's managers and a report show of a clip."""

    found: str
    listed: str
    exported: str
    clip: str
    file: str
    report: str


@pytest.fixture
def shown(busy_portal, manager, written):
    def look() -> Shown:
        subject = ReportSubject(busy_portal.projects["demo"], busy_portal.languages, busy_portal.store)
        with busy_portal.catalog.reading() as session:
            recording = session.get_one(Recording, session.get_one(Clip, written.clip_id).recording_id)
            report = gather(session, subject, ReportDays(), at=busy_portal.clock())
        return Shown(
            found=manager.get("/manage/find", params={"q": WORD}).text,
            listed=manager.get("/manage/lists/clips", params={"text": WORD}).text,
            exported=manager.get("/manage/lists/texts/csv").text,
            clip=manager.get(f"/manage/clips/{written.clip_id}").text,
            file=manager.get(f"/manage/files/{recording.upload_id}").text,
            report=repr((report.clips, report.agreement)),
        )

    return look


def reads_none(shown: Shown, clip_id: str) -> bool:
    # the words that were asked for stand in the search's own field
    links = [shown.found.count(f"/manage/clips/{clip_id}"), shown.listed.count(f"/manage/clips/{clip_id}")]
    return links == [0, 0] and not any(
        WORD in each for each in (shown.exported, shown.clip, shown.file, shown.report)
    )


def test_while_a_report_stands_and_when_its_reviewer_rejects_the_clip(busy_portal, written, shown):
    before = shown()
    assert f"/manage/clips/{written.clip_id}" in before.found
    assert f"/manage/clips/{written.clip_id}" in before.listed
    assert all(WORD in each for each in (before.exported, before.clip, before.file, before.report))

    lead = sign_in(busy_portal, "lead", [Role.REVIEWER])
    with busy_portal.catalog.writing() as session:
        report = open_report(
            session, written.clip_id, ReportKind.PERSONAL, by=lead.person_id, now=busy_portal.clock()
        )
    assert reads_none(shown(), written.clip_id)

    decide(
        busy_portal.project_context("demo"),
        report.id,
        ReportVerdict(ReportDecision.REJECT),
        by=lead.person_id,
        now=busy_portal.clock(),
    )
    assert reads_none(shown(), written.clip_id)


def test_a_report_that_is_dismissed_hides_nothing(busy_portal, written, shown):
    lead = sign_in(busy_portal, "lead", [Role.REVIEWER])
    before = shown()
    with busy_portal.catalog.writing() as session:
        report = open_report(
            session, written.clip_id, ReportKind.PERSONAL, by=lead.person_id, now=busy_portal.clock()
        )
    decide(
        busy_portal.project_context("demo"),
        report.id,
        ReportVerdict(ReportDecision.DISMISS),
        by=lead.person_id,
        now=busy_portal.clock(),
    )

    after = shown()
    assert (after.exported, after.report) == (before.exported, before.report)
    assert f"/manage/clips/{written.clip_id}" in after.found


def test_nor_of_a_voice_that_was_taken_back_and_waits_for_its_erasure(busy_portal, written, shown):
    with busy_portal.catalog.writing() as session:
        speaker = session.scalars(select(Speaker)).one()
        withdraw(session, speaker_id=speaker.id, recorded_by="code", at=busy_portal.clock())

    after = shown()
    assert not any(WORD in each for each in (after.exported, after.clip, after.file, after.report))
