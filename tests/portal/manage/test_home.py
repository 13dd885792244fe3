"""The manager's first page as decisions: the pace against the plan, and what is stuck, each with its items."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from catalog.database import open_catalog
from catalog.states import RecordingState, Role
from catalog.tables import Person, Recording, Standing, Task, Upload
from portal.charts import HEIGHT, bars
from portal.manage.held_back import at_work, held_back
from portal.manage.pace import DAYS, PACE_DAYS, HourCost, PaceDay, ProjectPace, forecast, pace
from portal.manage.refusals import refusals
from tests.portal.manage.test_pages import TEXT, writes
from tests.portal.people import sign_in

MANY = 3000


def test_what_came_and_what_was_accepted_stand_on_their_day_and_in_the_cost(busy_portal, manager):
    writes(busy_portal, "ravi", TEXT)
    writes(busy_portal, "lakshmi", TEXT)
    with busy_portal.catalog.reading() as session:
        found = pace(session, "demo", now=busy_portal.clock())

    lately = found.days[-2:]  # the portal's sound may have come before midnight
    assert len(found.days) == DAYS
    assert sum(each.received for each in lately) == found.received_week > 0
    assert sum(each.accepted for each in lately) == found.cost.accepted_seconds > 0
    assert (found.cost.clips, found.cost.texts, found.cost.reviews) == (1, 2, 0)
    assert found.cost.millis_per_hour > 0
    page = manager.get("/manage").text
    assert "2 texts and 0 reviews a clip" in page and re.search("at the pace of [12] days?: done on", page)


def test_refusals_name_who_sent_them_why_and_the_message_to_send(busy_portal, manager):
    asha = sign_in(busy_portal, "asha", [Role.COORDINATOR])
    with busy_portal.catalog.writing() as session:
        for upload in session.scalars(select(Upload)):
            upload.sent_by = asha.person_id
        recording = session.scalars(select(Recording)).first()
        recording.state, recording.reason = RecordingState.REJECTED, "too_quiet"

    with busy_portal.catalog.reading() as session:
        (found,) = refusals(session, "demo", now=busy_portal.clock())
    page = manager.get("/manage").text
    listed = manager.get("/manage/lists/files?state=rejected&person=asha").text

    assert (found.handle, found.sent, found.refused) == ("asha", 4, 1)
    assert [(reason.code, count) for reason, count in found.reasons] == [("too_quiet", 1)]
    assert "1 of 4 recordings of this week were refused" in page
    assert "1 of your 4 recordings of this week can't be used." in page
    assert listed.count("/manage/files/upload-") == 1


def test_whoever_is_held_back_and_what_waits_too_long_are_decisions(busy_portal, manager):
    person_id = writes(busy_portal, "ravi", TEXT)
    with busy_portal.catalog.writing() as session:
        session.add(
            Standing(
                person_id=person_id, language="te", held_back=True, because="x", good=1, bad=9, by="hold-back rule",
                at=busy_portal.clock(),
            )
        )  # fmt: skip
        for task in session.scalars(select(Task)):
            task.created_at = busy_portal.clock() - timedelta(days=4)

    page = manager.get("/manage").text

    assert "9 of 10 texts were not good" in page
    assert "The oldest since 4 days." in page and "1 person wrote in this language this week." in page
    assert "Nothing is stuck." not in page


def test_nothing_is_stuck_where_nothing_is(manager):
    assert "Nothing is stuck." in manager.get("/manage").text


def test_the_page_asks_as_little_of_many_files_as_of_few(busy_portal, manager, statements):
    with statements() as few:
        manager.get("/manage")
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
        page = manager.get("/manage").text

    assert "3,000 of 3,004 recordings" in page
    assert len(many) == len(few)


def test_the_figures_are_understood_by_postgresql_too(postgres_url, busy_portal):
    catalog, now = open_catalog(postgres_url), busy_portal.clock()
    try:
        with catalog.reading() as session:
            assert sum(day.received + day.accepted for day in pace(session, "demo", now=now).days) == 0
            assert refusals(session, "demo", now=now) == []
            assert held_back(session, "demo") == []
            assert at_work(session, "demo", since=now) == {}
            assert session.scalars(select(Person)).all() == []
    finally:
        catalog.close()


@given(quiet=st.integers(0, DAYS), accepted=st.floats(1, 1e5))
def test_a_project_younger_than_two_weeks_has_the_pace_of_its_own_days(quiet, accepted):
    first = date(2026, 11, 1)
    days = tuple(
        PaceDay(first + timedelta(days=number), 0.0, accepted if number >= quiet else 0.0)
        for number in range(DAYS)
    )
    found = ProjectPace(days, HourCost(0, 0.0, 0, 0, 0))

    assert 1 <= found.paced_days <= PACE_DAYS
    assert found.accepted_per_day == pytest.approx(accepted if quiet < DAYS else 0.0)


@given(st.floats(0, 1e6), st.floats(1, 1e6), st.floats(0, 1e4))
def test_a_forecast_is_never_before_today_and_reached_at_that_pace(accepted, wanted, per_day):
    today = date(2026, 11, 28)
    found = forecast(accepted, wanted, per_day, today)

    if found is not None:
        assert found >= today
        assert accepted + per_day * (found - today).days >= wanted * (1 - 1e-9)


@given(st.lists(st.floats(0, 1e9), max_size=40))
def test_bars_stay_in_their_box(values):
    drawn = bars(values)

    assert all(bar.y >= 0 and bar.y + bar.height <= HEIGHT + 0.01 for bar in drawn)
