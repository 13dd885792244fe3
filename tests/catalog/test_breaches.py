"""The breach log: a clock of 72 hours from when somebody knew, whom it concerns, and an end that says what was done."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from catalog import breaches
from catalog.breaches import BreachLine, InvalidBreach
from catalog.database import Catalog
from catalog.tables import AuditEvent, Breach
from tests.catalog.conftest import NOON

HOUR = timedelta(hours=1)
WHAT = "A laptop with the list of names was stolen"


def open_one(catalog: Catalog, *, people: int = 40, known_hours_ago: int = 2) -> str:
    with catalog.writing() as session:
        return breaches.open_breach(
            session,
            project_id="telangana",
            what=WHAT,
            known_at=NOON - known_hours_ago * HOUR,
            people=people,
            by="meera",
            at=NOON,
        )


def line(catalog: Catalog, *, hours: int = 0) -> BreachLine:
    with catalog.reading() as session:
        (found,) = breaches.breaches_of(session, ["telangana"], now=NOON + hours * HOUR)
    return found


def test_the_clock_runs_from_when_somebody_knew_and_stops_when_the_board_was_told(catalog: Catalog) -> None:
    breach = open_one(catalog)
    assert line(catalog).left == 70 * HOUR
    assert line(catalog, hours=71).left == -HOUR

    with catalog.writing() as session:
        breaches.board_told(session, breach, project_id="telangana", by="meera", at=NOON + 5 * HOUR)

    assert line(catalog, hours=71).left is None


def test_a_breach_is_closed_once_the_board_was_told_and_says_what_was_done(catalog: Catalog) -> None:
    breach = open_one(catalog)
    with pytest.raises(InvalidBreach), catalog.writing() as session:
        breaches.close(session, breach, done="All told", project_id="telangana", by="meera", at=NOON)

    with catalog.writing() as session:
        breaches.board_told(session, breach, project_id="telangana", by="meera", at=NOON)
        breaches.close(session, breach, done=" All told ", project_id="telangana", by="meera", at=NOON)

    assert line(catalog).done == "All told"
    with catalog.reading() as session:
        assert breaches.open_breaches(session, ["telangana"], now=NOON) == []


def test_people_are_counted_and_named_as_it_becomes_known_and_a_wrong_name_names_nobody(
    catalog: Catalog, speaker_id: str
) -> None:
    breach = open_one(catalog, people=0)

    def name(*pseudonyms: str) -> int:
        with catalog.writing() as session:
            return breaches.name_speakers(
                session, breach, pseudonyms, project_id="telangana", by="meera", at=NOON
            )

    with pytest.raises(InvalidBreach):
        name("te-01", "nobody")
    assert line(catalog).named == 0
    assert name("te-01", "te-01") == 1
    assert name("te-01") == 1
    assert (line(catalog).people, line(catalog).named) == (1, 1)


def test_every_step_is_on_record_without_its_words(catalog: Catalog) -> None:
    breach = open_one(catalog)
    with catalog.writing() as session:
        breaches.board_told(session, breach, project_id="telangana", by="meera", at=NOON)
        breaches.close(session, breach, done="secret mend", project_id="telangana", by="meera", at=NOON)

    with catalog.reading() as session:
        acts = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == breach)).all()
    assert [act.action for act in acts] == ["breach.opened", "breach.board_told", "breach.closed"]
    assert not any("laptop" in str(act.detail) or "secret" in str(act.detail) for act in acts)


@pytest.mark.parametrize(("people", "known"), [(-1, 1), (10**9, 1), (1, -1)])
def test_a_breach_that_can_not_be_is_refused(catalog: Catalog, people: int, known: int) -> None:
    with pytest.raises(InvalidBreach):
        open_one(catalog, people=people, known_hours_ago=known)
    with catalog.reading() as session:
        assert session.scalars(select(Breach)).all() == []


def test_another_projects_breach_is_not_found(catalog: Catalog) -> None:
    breach = open_one(catalog)
    with pytest.raises(InvalidBreach), catalog.writing() as session:
        breaches.board_told(session, breach, project_id="elsewhere", by="meera", at=NOON)
