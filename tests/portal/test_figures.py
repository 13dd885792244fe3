"""Figures of a whole project: as they are now where it is small, and as they were counted, with their age, else."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, update

from catalog.figures import Figure, keep_figure, kept_figure
from catalog.states import ClipState, Role
from catalog.tables import Clip, LedgerEntry
from portal.app import create_app
from portal.context import PortalContext
from tests.portal.people import sign_in
from transcription.people import add_person, set_active

NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)
PAGES = ("/manage", "/manage/coverage", "/manage/books", "/manage/people")


@dataclass(frozen=True, slots=True)
class Hours:
    by_language: dict[str, float]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class OtherHours:
    by_language: dict[str, int]


@pytest.fixture
def as_manager(busy_portal: PortalContext) -> Callable[[PortalContext], TestClient]:
    """A browser of a manager at that context over the busy portal."""
    meera = sign_in(busy_portal, "meera", [Role.MANAGER])
    return lambda context: meera.browser(TestClient(create_app(context), base_url=busy_portal.address))


def test_an_answer_comes_back_as_it_was_kept(portal):
    answer = Hours({"te": 1.5}, NOW)
    with portal.catalog.writing() as session:
        keep_figure(session, "demo", "hours", Hours, answer, at=NOW)

    with portal.catalog.reading() as session:
        assert kept_figure(session, "demo", "hours", Hours) == Figure(answer, NOW, kept=True)
        assert kept_figure(session, "demo", "other", Hours) is None


def test_what_another_version_counted_is_no_answer(portal):
    with portal.catalog.writing() as session:
        keep_figure(session, "demo", "hours", Hours, Hours({"te": 1.5}, None), at=NOW)

    with portal.catalog.reading() as session:
        assert kept_figure(session, "demo", "hours", OtherHours) is None


@pytest.mark.parametrize("page", PAGES)
def test_a_small_project_is_counted_at_once_and_says_nothing_of_when(manager, page):
    assert "As counted on" not in manager.get(page).text


@pytest.mark.parametrize("page", PAGES)
def test_a_large_project_says_when_it_was_counted(busy_portal, as_manager, page):
    assert "As counted on" in as_manager(replace(busy_portal, clips_counted_at_once=0)).get(page).text


def test_a_figure_that_is_old_is_counted_anew_behind_its_reader(busy_portal, as_manager):
    now = [busy_portal.clock()]
    browser = as_manager(replace(busy_portal, clips_counted_at_once=0, clock=lambda: now[0]))
    with busy_portal.catalog.writing() as session:
        session.execute(update(Clip).values(state=ClipState.ACCEPTED))

    full = browser.get("/manage/coverage").text
    with busy_portal.catalog.writing() as session:
        session.execute(update(Clip).values(state=ClipState.REJECTED, reason="clip_low_snr"))
    assert browser.get("/manage/coverage").text.count("state=accepted") == full.count("state=accepted") > 0
    now[0] += timedelta(minutes=20)

    first, second = (browser.get("/manage/coverage").text for _ in range(2))

    assert first.count("state=accepted") == full.count("state=accepted")
    assert second.count("state=accepted") == 0


def test_everybody_is_found_a_page_at_a_time_and_who_was_let_go_comes_last(busy_portal, manager):
    with busy_portal.catalog.writing() as session:
        for number in range(60):
            person = add_person(
                session,
                f"w{number:02}",
                project="demo",
                roles=[Role.TRANSCRIBER],
                languages=["te"],
                by="tests",
                now=busy_portal.clock(),
            )
            if number < 5:
                set_active(session, person.id, active=False, by="tests", now=busy_portal.clock())

    names: list[str] = []
    address = "/manage/people"
    while address:
        page = manager.get(address).text
        names += re.findall(r"<b>(w\d\d|meera)</b>", page)
        more = re.search(r'rel="next" href="([^"]*)"', page)
        address = more.group(1).replace("&amp;", "&") if more else ""

    assert names == ["meera", *(f"w{number:02}" for number in [*range(5, 60), *range(5)])]


def test_pay_is_shown_a_month_at_a_time_and_every_month_is_offered(busy_portal, manager):
    asha = sign_in(busy_portal, "asha", [Role.TRANSCRIBER])
    with busy_portal.catalog.writing() as session:
        session.execute(delete(LedgerEntry))
        for number, day in enumerate(("2026-09-30", "2026-11-02")):
            session.add(
                LedgerEntry(
                    id=f"owed-{number}",
                    project_id="demo",
                    person_id=asha.person_id,
                    work="transcription",
                    subject_id=f"text-{number}",
                    quantity=1.0,
                    unit="minute",
                    rate_millis=1000,
                    amount_millis=1000 * (number + 1),
                    currency="INR",
                    at=datetime.fromisoformat(f"{day}T06:00:00+00:00"),
                )
            )

    newest, september = manager.get("/manage/ledger").text, manager.get("/manage/ledger?month=2026-09").text

    assert re.findall(r">(\d{4}-\d\d)</option>", newest) == ["2026-11", "2026-10", "2026-09"]
    assert "₹2.00" in newest and "₹1.00" not in newest
    assert "₹1.00" in september and "₹2.00" not in september
    assert manager.get("/manage/ledger?month=2026-13").status_code == 422


def test_what_was_just_paid_is_seen_in_a_large_project_too(busy_portal, as_manager, written):
    context = replace(busy_portal, clips_counted_at_once=0)
    browser = as_manager(context)
    month = re.search(r"month=(\d{4}-\d\d)", browser.get("/manage/ledger").text).group(1)
    assert "not paid yet" in browser.get("/manage/ledger").text

    browser.post("/manage/ledger/paid", data={"month": month})

    assert "not paid yet" not in browser.get("/manage/ledger").text
