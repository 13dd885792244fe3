from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from catalog import consent
from catalog.database import Catalog
from catalog.states import ReviewDecision, Role, SlotPurpose, TaskState
from catalog.tables import AuditEvent, Judgement, LedgerEntry, Slot, Task, Transcript
from tests.catalog.test_write_lock import is_free
from tests.transcription.village import Village, after, build_village, project_with
from transcription.collect import collect
from transcription.decisions import judgement, weighing
from transcription.decisions.grounds import Ground
from transcription.decisions.judgement import escalate
from transcription.decisions.weighing import Proposal
from transcription.queue import claim
from transcription.review import next_review
from transcription.routing import route_clips
from transcription.submission import submit

RIGHT = "మా ఊరి చెరువు నిండింది"
SLIP = "మా ఊరి చెరువు నిండిందీ"
"""One letter of the right text is another."""
OTHER = "పిల్లలు బడికి వెళ్ళారు"


def write(village: Village, person_id: str, text: str, minute: float) -> str:
    lease = claim(village.context, person_id, now=after(minute))
    assert lease is not None
    submit(village.context, lease.hold, text, request_id="1", now=after(minute))
    return lease.task_id


def the_task(catalog: Catalog) -> Task:
    with catalog.reading() as session:
        return session.scalars(select(Task)).one()


def test_words_in_which_two_differ_go_to_a_reviewer_or_a_third_as_the_project_says(catalog: Catalog) -> None:
    village = build_village(catalog, project_with(agreement={"doubtful_words": "third"}), clips=1)
    route_clips(village.context, now=after(0))
    for number, (name, text) in enumerate((("asha", RIGHT), ("ravi", SLIP), ("devi", RIGHT))):
        write(village, village.person(name).id, text, number)

    assert the_task(catalog).state is TaskState.ACCEPTED
    with catalog.reading() as session:
        assert session.scalars(select(Judgement.outcome).order_by(Judgement.number)).all() == [
            "disputed",
            "accepted",
        ]


def test_texts_are_weighed_before_the_turn_to_write_is_taken(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = build_village(catalog, clips=1)
    route_clips(village.context, now=after(0))
    free: list[bool] = []

    def weigh(*texts: object, **rules: object) -> Proposal:
        free.append(catalog.turn is None or is_free(catalog.turn.file))
        return weighing.weigh(*texts, **rules)  # type: ignore[arg-type]

    monkeypatch.setattr(judgement, "weigh", weigh)
    write(village, village.person("asha").id, RIGHT, 1)
    write(village, village.person("ravi").id, RIGHT, 2)

    assert the_task(catalog).state is TaskState.ACCEPTED
    assert free == [True]  # once, for the last text alone


def test_what_was_weighed_of_other_texts_is_weighed_anew(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = build_village(catalog, clips=1)
    route_clips(village.context, now=after(0))
    write(village, village.person("asha").id, RIGHT, 1)
    stale = judgement.weigh_ahead

    def of_others(*given: Any) -> judgement.Weighed | None:
        weighed = stale(*given)
        assert weighed is not None
        return replace(weighed, texts=("taken back", *weighed.texts[1:]), opinions=[])

    monkeypatch.setattr(judgement, "weigh_ahead", of_others)
    write(village, village.person("ravi").id, RIGHT, 2)

    with catalog.reading() as session:
        evidence = session.scalars(select(Judgement.evidence)).one()
    assert the_task(catalog).state is TaskState.ACCEPTED
    assert len(evidence["texts"]) == 2


def test_a_reviewer_can_accept_what_was_voted(catalog: Catalog) -> None:
    from transcription.review import decide

    village = build_village(
        catalog, project_with(review={"share": 1.0}, agreement={"threshold": 0.4}), clips=1
    )
    route_clips(village.context, now=after(0))
    rules = village.context.project.agreement
    assert rules.doubtful_words == "review"
    write(village, village.person("asha").id, RIGHT, 1)
    write(village, village.person("ravi").id, SLIP, 2)
    item = next_review(village.context, village.person("lead", roles=[Role.REVIEWER]).id, now=after(3))
    assert item is not None and "differ" in item.why.words and item.why.grounds == (Ground.WORDS,)

    receipt = decide(village.context, item.hold, ReviewDecision.ACCEPT, now=after(4))

    assert receipt.task_state is TaskState.ACCEPTED
    with catalog.reading() as session:
        assert session.scalars(select(Transcript.verbatim)).one() == item.proposal


def test_a_third_opinion_settles_a_dispute(catalog: Catalog) -> None:
    village = build_village(catalog, clips=2)
    route_clips(village.context, now=after(0))
    first = write(village, village.person("asha").id, RIGHT, 1)
    assert write(village, village.person("ravi").id, OTHER, 2) == first

    # The disputed clip comes before new work.
    assert write(village, village.person("devi").id, RIGHT, 3) == first

    with catalog.reading() as session:
        assert session.get_one(Task, first).state is TaskState.ACCEPTED
        assert session.scalars(select(Transcript.verbatim)).one() == RIGHT
        outcomes = session.scalars(select(Judgement.outcome).order_by(Judgement.number)).all()
        paid = session.scalars(select(LedgerEntry.person_id)).all()
    assert outcomes == ["disputed", "accepted"]
    assert len(paid) == 2  # not the one whose text was another


def test_a_project_without_thirds_asks_a_reviewer_at_once(catalog: Catalog) -> None:
    village = build_village(catalog, project_with(agreement={"third_on_disagreement": False}), clips=1)
    route_clips(village.context, now=after(0))

    write(village, village.person("asha").id, RIGHT, 1)
    write(village, village.person("ravi").id, OTHER, 2)

    assert the_task(catalog).state is TaskState.IN_REVIEW


def test_a_share_of_what_agrees_is_drawn_for_review(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 1}, review={"share": 1.0}), clips=1)
    route_clips(village.context, now=after(0))
    lead = village.person("lead", roles=[Role.REVIEWER])

    write(village, village.person("asha").id, RIGHT, 1)

    item = next_review(village.context, lead.id, now=after(2))
    assert item is not None and item.proposal == RIGHT and "drawn" in item.why.words
    assert item.why.grounds == (Ground.DRAWN,)
    with catalog.reading() as session:
        assert session.scalars(select(Transcript)).all() == []


def test_judging_again_changes_nothing(catalog: Catalog) -> None:
    village = build_village(catalog, clips=1)
    route_clips(village.context, now=after(0))
    for name in ("asha", "ravi"):
        write(village, village.person(name).id, RIGHT, 1)

    reports = [collect(village.context, now=after(minute)) for minute in (2, 3)]

    assert [report.judged for report in reports] == [0, 0]
    assert reports[0].tasks == {TaskState.ACCEPTED: 1}
    assert (reports[0].agreed, reports[0].disputed) == (1, 0)
    with catalog.reading() as session:
        assert len(session.scalars(select(Judgement)).all()) == 1


def test_a_dispute_with_nobody_left_goes_to_a_reviewer(catalog: Catalog) -> None:
    village = build_village(catalog, clips=1)
    route_clips(village.context, now=after(0))
    write(village, village.person("asha").id, RIGHT, 1)
    write(village, village.person("ravi").id, OTHER, 2)

    report = collect(village.context, now=after(3))

    assert report.escalated == 1 and report.tasks == {TaskState.IN_REVIEW: 1}
    with catalog.reading() as session:
        purposes = session.scalars(select(Slot.purpose).where(Slot.state == "open")).all()
    assert purposes == [SlotPurpose.REVIEW]


def test_a_text_that_waits_too_long_for_a_second_goes_to_a_reviewer_with_the_reason(catalog: Catalog) -> None:
    rules = {"transcribers": 2, "wait_for_second_hours": 48}
    village = build_village(catalog, project_with(rules), clips=1)
    route_clips(village.context, now=after(0))
    write(village, village.person("asha").id, RIGHT, 1)
    lead = village.person("lead", [Role.REVIEWER])

    early = collect(village.context, now=after(48 * 60))
    in_time = collect(village.context, now=after(48 * 60 + 2))
    again = collect(village.context, now=after(48 * 60 + 3))

    assert (early.escalated, in_time.escalated, again.escalated) == (0, 1, 0)
    item = next_review(village.context, lead.id, now=after(48 * 60 + 4))
    assert item is not None and item.proposal == RIGHT
    assert item.why.words == "nobody came in 48 h to write it as well"
    assert item.why.grounds == (Ground.ALONE,)


def test_a_text_is_waited_for_while_somebody_is_at_it(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 2, "wait_for_second_hours": 1}), clips=1)
    route_clips(village.context, now=after(0))
    write(village, village.person("asha").id, RIGHT, 1)
    assert claim(village.context, village.person("ravi").id, now=after(100)) is not None

    at_work = collect(village.context, now=after(110))
    gone = collect(village.context, now=after(140))

    assert (at_work.escalated, gone.escalated) == (0, 1)


def test_a_withdrawn_clips_authors_are_paid_once(catalog: Catalog) -> None:
    village = build_village(catalog, clips=1)
    route_clips(village.context, now=after(0))
    asha = village.person("asha")
    write(village, asha.id, RIGHT, 1)
    with catalog.writing() as session:
        consent.withdraw(session, speaker_id=village.speakers[0], recorded_by="tests", at=after(2))

    paid = [collect(village.context, now=after(minute)).paid_after_withdrawal for minute in (3, 4)]

    assert paid == [1, 0]
    with catalog.reading() as session:
        assert session.scalars(select(LedgerEntry.person_id)).all() == [asha.id]


def test_an_escalation_names_who_asked_and_why(catalog: Catalog) -> None:
    village = build_village(catalog, clips=1)
    route_clips(village.context, now=after(0))
    task_id = write(village, village.person("asha").id, RIGHT, 1)

    escalate(village.context, task_id, by="boss", why="urgent", now=after(2))

    with catalog.reading() as session:
        act = session.scalars(select(AuditEvent).where(AuditEvent.action == "task.escalated")).one()
        assert (act.actor, act.detail["why"]) == ("boss", "urgent")
        assert session.get_one(Task, task_id).state is TaskState.IN_REVIEW


@pytest.mark.parametrize("decision", [ReviewDecision.ACCEPT])
def test_an_escalated_task_can_be_accepted_with_one_text(catalog: Catalog, decision: ReviewDecision) -> None:
    from transcription.review import decide

    village = build_village(catalog, clips=1)
    route_clips(village.context, now=after(0))
    task_id = write(village, village.person("asha").id, RIGHT, 1)
    escalate(village.context, task_id, by="boss", why="urgent", now=after(2))
    item = next_review(village.context, village.person("lead", roles=[Role.REVIEWER]).id, now=after(3))
    assert item is not None

    receipt = decide(village.context, item.hold, decision, now=after(4))

    assert receipt.task_state is TaskState.ACCEPTED
