"""Trust, gold and the ledger: what is known of people's work, and what they are owed."""

import csv
from dataclasses import replace
from decimal import Decimal
from io import StringIO

import pytest
from sqlalchemy import select

from catalog.config.project import Pay, Rate
from catalog.database import Catalog
from catalog.states import ReviewDecision, Role, SlotPurpose
from catalog.tables import Assessment, LedgerEntry, Slot, Standing
from tests.transcription.village import Village, after, build_village, project_with
from transcription import gold
from transcription.context import NotAllowed, ProjectContext
from transcription.decisions.trust import Reliability, record_of, reinstate
from transcription.gold import add_gold, list_gold
from transcription.pay import Owed, as_csv, entries
from transcription.people import HandleTaken, list_people, set_active
from transcription.queue import HeldBack, claim
from transcription.review import decide, next_review
from transcription.routing import route_clips
from transcription.submission import SubmissionOutcome, submit

WRONG = "పిల్లలు బడికి వెళ్ళారు"
RIGHT = "మా ఊరి చెరువు నిండింది"


def write(village: Village, person_id: str, text: str, minute: float) -> str | None:
    lease = claim(village.context, person_id, now=after(minute))
    if lease is None:
        return None
    assert (
        submit(village.context, lease.hold, text, request_id="1", now=after(minute)).outcome
        is SubmissionOutcome.RECEIVED
    )
    return lease.task_id


def review_all(village: Village, reviewer_id: str, text: str, minute: float) -> None:
    while item := next_review(village.context, reviewer_id, now=after(minute)):
        decide(village.context, item.hold, ReviewDecision.ACCEPT_MAJOR, text=text, now=after(minute))


@pytest.fixture
def village(catalog: Catalog) -> Village:
    """Thirty clips, one transcriber each, everything reviewed."""
    village = build_village(catalog, project_with({"transcribers": 1}, review={"share": 1.0}), clips=30)
    route_clips(village.context, now=after(0))
    return village


def test_somebody_who_writes_rubbish_is_held_back_within_fifteen_clips(village: Village) -> None:
    spammer = village.person("spammer")
    lead = village.person("lead", roles=[Role.REVIEWER])

    done = 0
    with pytest.raises(HeldBack, match="differ too much"):
        for number in range(30):
            write(village, spammer.id, WRONG, number)
            done += 1
            review_all(village, lead.id, RIGHT, number)

    assert done <= 15
    with village.catalog.reading() as session:
        assert session.scalars(select(LedgerEntry).where(LedgerEntry.person_id == spammer.id)).all() == []


def test_somebody_who_errs_now_and_then_is_not(village: Village) -> None:
    asha = village.person("asha")
    lead = village.person("lead", roles=[Role.REVIEWER])

    for number in range(12):
        write(village, asha.id, WRONG if number % 4 == 0 else RIGHT, number)
        review_all(village, lead.id, RIGHT, number)

    with village.catalog.reading() as session:
        assert session.scalars(select(Standing)).all() == []
        record = record_of(session, asha.id, "te")
    assert (record.good, record.bad) == (9, 3)


def test_a_manager_lets_a_held_back_person_work_again(village: Village) -> None:
    spammer, boss = village.person("spammer"), village.person("boss", roles=[Role.MANAGER])
    lead = village.person("lead", roles=[Role.REVIEWER])
    with pytest.raises(HeldBack):
        for number in range(30):
            write(village, spammer.id, WRONG, number)
            review_all(village, lead.id, RIGHT, number)

    reinstate(village.context, spammer.id, "te", manager_id=boss.id, because="talked it over", now=after(99))

    assert claim(village.context, spammer.id, now=after(100)) is not None


def test_few_texts_leave_us_unsure() -> None:
    newcomer, veteran = Reliability(1, 2, None), Reliability(100, 200, None)

    assert newcomer.likely_failing < 0.9 < veteran.likely_failing
    assert newcomer.interval[1] - newcomer.interval[0] > veteran.interval[1] - veteran.interval[0]


def test_gold_is_given_once_to_each_looks_like_any_clip_and_is_scored(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    for share in ("SHARE", "SHARE_FOR_NEWCOMERS"):  # ids are new in each run: 14 claims may draw none at 20 %
        monkeypatch.setattr(gold, share, 0.5)
    asha, ravi = village.person("asha"), village.person("ravi")
    lead = village.person("lead", roles=[Role.REVIEWER])
    for number in range(3):
        task_id = write(village, asha.id, RIGHT, number)
        review_all(village, lead.id, RIGHT, number)
        assert task_id is not None
        add_gold(village.context, task_id, reviewer_id=lead.id, now=after(number))

    tasks = [write(village, ravi.id, RIGHT, 10 + number) for number in range(14)]

    written = [task for task in tasks if task is not None]
    assert len(written) == len(set(written))
    with village.catalog.reading() as session:
        golden = {clip.task_id for clip in list_gold(session, "demo", ["te"])}
        scored = session.scalars(
            select(Assessment.good).where(Assessment.against == "gold", Assessment.person_id == ravi.id)
        ).all()
        holders = session.scalars(select(Slot.holder_id).where(Slot.purpose == SlotPurpose.GOLD)).all()
    assert golden & set(written) and len(scored) == len(golden & set(written))
    assert set(holders) == {ravi.id}  # never its own author


def test_gold_is_a_reviewers_text(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 1}), clips=1)
    route_clips(village.context, now=after(0))
    task_id = write(village, village.person("asha").id, RIGHT, 1)
    lead = village.person("lead", roles=[Role.REVIEWER])
    assert task_id is not None

    with pytest.raises(NotAllowed, match="Review it first"):
        add_gold(village.context, task_id, reviewer_id=lead.id, now=after(2))


def test_pay_is_whole_thousandths_by_minute_or_word(catalog: Catalog) -> None:
    rates = {Role.TRANSCRIBER: Rate(Decimal("0.35"), "word")}
    project = replace(project_with({"transcribers": 1}), pay=Pay("INR", rates))
    village = build_village(catalog, project, clips=1)
    route_clips(village.context, now=after(0))
    write(village, village.person("asha").id, RIGHT, 1)

    with catalog.reading() as session:
        (owed,) = entries(session, "demo")

    assert (owed.quantity, owed.unit, owed.rate_millis, owed.amount_millis) == (4, "word", 350, 1400)


def test_the_csv_cannot_be_taken_for_a_formula(catalog: Catalog) -> None:
    line = Owed(after(0), "p", "=HYPERLINK(1)", "transcription", "@s", 1.0, "word", 350, -350, "INR")

    (row,) = csv.DictReader(StringIO(as_csv([line])))

    assert row["person"] == "'=HYPERLINK(1)" and row["subject"] == "'@s"
    assert (row["rate"], row["amount"]) == ("0.350", "-0.350")


def test_handles_are_unique_and_leavers_get_no_work(village: Village) -> None:
    asha = village.person("asha")
    with pytest.raises(HandleTaken):
        village.person("asha")

    with village.catalog.writing() as session:
        set_active(session, asha.id, active=False, by="tests", now=after(1))

    with pytest.raises(NotAllowed, match="no longer works here"):
        claim(village.context, asha.id, now=after(2))
    with village.catalog.reading() as session:
        assert [
            (member.handle, member.active) for member in list_people(session, village.context.project.name)
        ] == [("asha", False)]


def test_a_language_without_a_guideline_is_named(village: Village) -> None:
    bare = ProjectContext(village.catalog, village.context.project, {})

    with pytest.raises(NotAllowed, match="no guideline for 'te'"):
        claim(bare, village.person("asha").id, now=after(1))
