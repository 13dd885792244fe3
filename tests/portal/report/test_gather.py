"""The report of any project and days: true of what came in then, whole without the portal, sound only by consent."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from catalog.calendar import ZONE
from catalog.consent import ConsentScope, grant, withdraw
from catalog.states import Role
from catalog.tables import AuditEvent, Speaker, Upload
from portal.report.gather import ReportSubject, gather
from portal.report.records import FunnelKind
from portal.report.span import BadSpan, ReportDays, parse_span
from tests.portal.people import sign_in
from tests.portal.written import TEXT

MANY = 3000


@pytest.fixture
def subject(busy_portal) -> ReportSubject:
    return ReportSubject(busy_portal.projects["demo"], busy_portal.languages, busy_portal.store)


def report_of(portal, subject, span=None):
    with portal.catalog.reading() as session:
        return gather(session, subject, span or ReportDays(), at=portal.clock())


def today(portal) -> date:
    return portal.clock().astimezone(ZONE).date()


def test_the_figures_are_those_of_the_catalogue(busy_portal, subject, written):
    found = report_of(busy_portal, subject)
    rows = {row.label: row.count for row in found.funnel}

    assert rows == {"Received": 4, "Utterances found": 4, "Written down": 2, "Accepted": 1, "Published": 0}
    (language,) = found.languages
    assert language.received > language.accepted > language.released == 0
    assert found.release is None


def test_days_before_anything_came_have_nothing(busy_portal, subject, written):
    yesterday = today(busy_portal) - timedelta(days=1)
    found = report_of(busy_portal, subject, ReportDays(None, yesterday))

    assert {row.count for row in found.funnel} == {0} and found.clips == ()
    assert report_of(busy_portal, subject, ReportDays(today(busy_portal), today(busy_portal))).clips


def test_a_clip_is_heard_with_its_words_while_its_voices_consent_to_publication(
    busy_portal, subject, written
):
    (clip,) = report_of(busy_portal, subject).clips
    assert clip.clip == written.clip_id and [word.text for word in clip.words] == TEXT.split()
    assert clip.sound.content[:4] == b"OggS"

    with busy_portal.catalog.writing() as session:
        speaker = session.scalars(select(Speaker)).one()
        withdraw(session, speaker_id=speaker.id, recorded_by="code", at=busy_portal.clock())
        grant(
            session, speaker_id=speaker.id, scopes=[ConsentScope.TRANSCRIPTION], notice_version="1",
            notice_language="te", evidence="x", evidence_sha256=None, recorded_by="tests",
            at=busy_portal.clock(),
        )  # fmt: skip

    assert report_of(busy_portal, subject).clips == ()


def test_what_was_refused_is_told_by_reason_and_by_name(busy_portal, subject):
    with busy_portal.catalog.writing() as session:
        upload = session.scalars(select(Upload)).first()
        values = {column.name: getattr(upload, column.name) for column in Upload.__table__.columns}
        rows = [
            {**values, "id": f"upload-{number}", "name": f"<b>{number}</b>.wav", "recording_id": None,
             "state": "rejected", "reason": "too_quiet"}
            for number in range(3)
        ]  # fmt: skip
        session.execute(insert(Upload), rows)

    found = report_of(busy_portal, subject)

    lost = [(row.label, row.count) for row in found.funnel if row.kind is FunnelKind.LOST]
    assert lost == [("Not usable: Too quiet.", 3)]
    assert {row.item for row in found.rejected} == {f"<b>{number}</b>.wav" for number in range(3)}


def test_a_report_of_many_files_asks_as_little_as_one_of_few(busy_portal, subject, written, statements):
    with statements() as few:
        report_of(busy_portal, subject)
    with busy_portal.catalog.writing() as session:
        upload = session.scalars(select(Upload)).first()
        values = {column.name: getattr(upload, column.name) for column in Upload.__table__.columns}
        rows = [
            {**values, "id": f"upload-{number}", "name": f"{number}", "recording_id": None, "state": "rejected",
             "reason": "too_quiet"}
            for number in range(MANY)
        ]  # fmt: skip
        session.execute(insert(Upload), rows)
    with statements() as many:
        found = report_of(busy_portal, subject)

    assert found.funnel[0].count == MANY + 4 and len(found.rejected) == 200
    assert len(many) == len(few)


@pytest.mark.parametrize("language", ["en", "hi", "ur"])
def test_the_portal_gives_it_in_the_readers_language_as_a_page_that_stands_alone(
    busy_portal, manager, written, language
):
    manager.cookies.set("boli-language", language)
    page = manager.get("/manage/report/page")

    assert page.status_code == 200 and f'<html lang="{language}"' in page.text
    assert TEXT.split()[0] in page.text and "data:audio/ogg;base64," in page.text
    assert 'src="/' not in page.text and 'href="/' not in page.text
    assert ("The way" in page.text) == (language == "en")
    assert page.headers["content-security-policy"].startswith("sandbox allow-scripts; default-src 'none'")


def test_who_took_which_voices_along_is_on_record(busy_portal, manager, written):
    saved = manager.get("/manage/report/page?from=2026-01-01&to=2030-12-31&save=1")

    assert saved.headers["content-disposition"].startswith('attachment; filename="report-demo-2026-01-01')
    with busy_portal.catalog.reading() as session:
        act = session.scalars(select(AuditEvent).where(AuditEvent.action == "report.given")).one()
    assert act.detail == {"clips": [written.clip_id]}


@pytest.mark.parametrize("asked", ["from=2026-12-01&to=2026-11-01", "from=yesterday", "to=2026-13-01"])
def test_days_that_make_no_span_are_refused_in_words(manager, asked):
    assert manager.get(f"/manage/report/page?{asked}").status_code == 422


def test_the_report_is_for_managers_alone(busy_portal, busy_client):
    reader = sign_in(busy_portal, "leela", [Role.ML_READER]).browser(busy_client)

    assert reader.get("/manage/report/page").status_code == 403


def test_a_span_holds_both_its_days_by_indias_calendar():
    span = parse_span("2026-11-03", "2026-11-03")

    assert span.start.isoformat() == "2026-11-03T00:00:00+05:30"
    assert span.end.isoformat() == "2026-11-04T00:00:00+05:30"
    with pytest.raises(BadSpan):
        parse_span("2026-11-04", "2026-11-03")
