"""Learnt spellings: what a reviewer calls right both ways is one word from then on, in that project alone."""

import pytest
from sqlalchemy import select

from catalog.config.project import Project
from catalog.database import Catalog
from catalog.states import ReviewDecision, Role, TaskState
from catalog.tables import Assessment, AuditEvent, Task
from tests.transcription.village import Village, after, build_village, project_with
from transcription.context import NotAllowed
from transcription.decisions.agreement import error_rates
from transcription.decisions.learnt_spellings import forget, guideline_of, learnt, list_learnt
from transcription.queue import claim
from transcription.review import ReviewItem, decide, next_review
from transcription.routing import route_clips
from transcription.submission import submit

ONE = "మా ఊరిలో ఈ ఏడు టమాటా పంట బాగా పండింది"
OTHER = "మా ఊరిలో ఈ ఏడు టొమాటో పంట బాగా పండింది"
PAIR = ("టమాటా", "టొమాటో")


def project() -> Project:
    return project_with({"transcribers": 2}, {"share": 1.0, "loops": 3})


@pytest.fixture
def village(catalog: Catalog) -> Village:
    village = build_village(catalog, project(), clips=1)
    route_clips(village.context, now=after(0))
    return village


def in_review(village: Village) -> ReviewItem:
    """Two people spell a loan word two ways, and a reviewer is asked."""
    for minute, (name, text) in enumerate((("asha", ONE), ("ravi", OTHER)), start=1):
        write(village, name, text, minute=minute)
    lead = village.person("lead", roles=[Role.REVIEWER])
    item = next_review(village.context, lead.id, now=after(5))
    assert item is not None and {each.verbatim for each in item.candidates} == {ONE, OTHER}
    return item


def write(village: Village, name: str, text: str, *, minute: int) -> None:
    lease = claim(village.context, village.person(name).id, now=after(minute))
    assert lease is not None
    submit(village.context, lease.hold, text, request_id=f"{name}-{minute}", now=after(minute))


def edits(village: Village) -> int:
    with village.catalog.reading() as session:
        guideline = guideline_of(session, village.context, "te")
    return error_rates(ONE, OTHER, guideline).word_edits


def test_both_right_makes_two_spellings_one_and_neither_writer_has_erred(village: Village) -> None:
    item = in_review(village)
    assert edits(village) == 1

    decide(village.context, item.hold, ReviewDecision.ACCEPT, both_right=[PAIR], now=after(6))

    assert edits(village) == 0
    with village.catalog.reading() as session:
        assert learnt(session, village.context.project.name, "te") == {PAIR}
        assert list(session.scalars(select(Assessment.error))) == [0.0, 0.0]
        assert "spelling.learnt" in set(session.scalars(select(AuditEvent.action)))


def test_nobody_is_asked_again_about_two_spellings_that_are_both_right(catalog: Catalog) -> None:
    rules = project_with({"transcribers": 2}, {"share": 0.0}, {"doubt_at_most": 0.03})
    village = build_village(catalog, rules, clips=2)
    route_clips(village.context, now=after(0))
    item = in_review(village)
    decide(village.context, item.hold, ReviewDecision.ACCEPT, both_right=[PAIR], now=after(6))

    for name, text in (("sita", ONE), ("babu", OTHER)):
        write(village, name, text, minute=7)

    with catalog.reading() as session:
        assert set(session.scalars(select(Task.state))) == {TaskState.ACCEPTED}


def test_without_both_right_the_other_writer_has_erred(village: Village) -> None:
    item = in_review(village)

    decide(village.context, item.hold, ReviewDecision.ACCEPT, now=after(6))

    assert edits(village) == 1
    with village.catalog.reading() as session:
        assert sorted(session.scalars(select(Assessment.error)))[-1] > 0


@pytest.mark.parametrize("pair", [("మా", "పంట"), ("టమాటా", "వంకాయ"), ("టమాటా", "టమాటా")])
def test_only_words_that_stand_against_each_other_are_learnt(village: Village, pair: tuple[str, str]) -> None:
    item = in_review(village)

    with pytest.raises(NotAllowed, match="don't stand against each other"):
        decide(village.context, item.hold, ReviewDecision.ACCEPT, both_right=[pair], now=after(6))

    assert edits(village) == 1


def test_a_manager_sees_what_was_learnt_and_can_take_it_back(village: Village) -> None:
    item = in_review(village)
    decide(village.context, item.hold, ReviewDecision.ACCEPT, both_right=[PAIR], now=after(6))
    manager = village.person("manager", roles=[Role.MANAGER])
    with village.catalog.reading() as session:
        (pair,) = list_learnt(session, village.context.project.name)

    with pytest.raises(NotAllowed):
        forget(village.context, pair.id, by=village.person("somebody").id, now=after(7))
    forget(village.context, pair.id, by=manager.id, now=after(8))

    assert (pair.one, pair.other, pair.language) == (*PAIR, "te")
    assert edits(village) == 1
