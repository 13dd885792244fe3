"""Every service that takes a slot, with slots of every purpose: only the right ones do anything."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

import transcription
from catalog.database import Catalog
from catalog.states import ReviewDecision, Role, SlotPurpose, SlotState
from catalog.tables import Review, Slot, Submission, Task, Transcript
from tests.transcription.village import SENTENCES, Village, after, build_village, project_with
from transcription import queue, review, submission
from transcription.clip_reports import reporting
from transcription.context import NotAllowed
from transcription.decisions import trust
from transcription.decisions.impartiality import NotImpartial
from transcription.gold import add_gold, give_gold
from transcription.people import StaffMember
from transcription.queue import claim
from transcription.quiz import let_off
from transcription.review import decide, look_again, next_review
from transcription.routing import route_clips
from transcription.slots.lease import Hold, grant
from transcription.slots.purpose import REVIEWING, WRITING, WrongPurpose
from transcription.submission import SkipMode, SubmissionOutcome, save_draft, submit

Service = Callable[[Village, Hold], object]

WRITERS: dict[str, Service] = {
    "transcription.submission.submit": lambda village, hold: submit(
        village.context, hold, SENTENCES[1], request_id="x", now=after(50)
    ),
    "transcription.submission.save_draft": lambda village, hold: save_draft(
        village.context, hold, SENTENCES[1], request_id="x", now=after(50)
    ),
    "transcription.submission.skip": lambda village, hold: submission.skip(
        village.context, hold, reason_code="inaudible", mode=SkipMode.OTHERS, request_id="x", now=after(50)
    ),
    "transcription.clip_reports.reporting.report": lambda village, hold: reporting.report(
        village.context, hold, reason_code="offensive", request_id="x", now=after(50)
    ),
    "transcription.queue.heartbeat": lambda village, hold: queue.heartbeat(
        village.context, hold, now=after(50)
    ),
    "transcription.queue.release_lease": lambda village, hold: queue.release_lease(
        village.context, hold, now=after(50)
    ),
}
REVIEWERS: dict[str, Service] = {
    "transcription.review.decide": lambda village, hold: decide(
        village.context, hold, ReviewDecision.ACCEPT_MAJOR, text=SENTENCES[2], now=after(50)
    ),
    "transcription.review.heartbeat": lambda village, hold: review.heartbeat(
        village.context, hold, now=after(50)
    ),
}
SERVICES = WRITERS | REVIEWERS


@pytest.fixture
def village(catalog: Catalog) -> Village:
    village = build_village(catalog, project_with({"transcribers": 1}, {"share": 1.0}), clips=3)
    route_clips(village.context, now=after(0))
    return village


@pytest.fixture
def asha(village: Village) -> StaffMember:
    return village.person("asha", roles=[Role.TRANSCRIBER, Role.REVIEWER, Role.MANAGER])


@pytest.fixture
def lead(village: Village) -> StaffMember:
    return village.person("lead", roles=[Role.TRANSCRIBER, Role.REVIEWER, Role.MANAGER])


@pytest.fixture
def other(village: Village) -> StaffMember:
    return village.person("other", roles=[Role.TRANSCRIBER, Role.REVIEWER, Role.MANAGER])


def held(
    village: Village, purpose: SlotPurpose, asha: StaffMember, lead: StaffMember, other: StaffMember
) -> Hold:
    """A slot for that purpose in somebody's hands, with a clip that asha and lead worked on before where need be."""
    lease = claim(village.context, asha.id, now=after(1))
    assert lease is not None
    if purpose is SlotPurpose.TRANSCRIPTION:
        return lease.hold
    submit(village.context, lease.hold, SENTENCES[0], request_id="first", now=after(2))
    item = next_review(village.context, lead.id, now=after(3))
    assert item is not None
    if purpose is SlotPurpose.REVIEW:
        return item.hold
    decide(village.context, item.hold, ReviewDecision.ACCEPT, now=after(4))
    if purpose is SlotPurpose.SECOND_LOOK:
        look_again(village.context, item.task_id, by=asha.id, why="a doubt", now=after(5))
        item = next_review(village.context, other.id, now=after(6))
        assert item is not None and item.second_look
        return item.hold
    add_gold(village.context, item.task_id, reviewer_id=lead.id, now=after(5))
    with village.catalog.writing() as session:
        slot = give_gold(session, village.context, other, ["te"], now=after(6), until=after(60))
        assert slot is not None
        return Hold(slot.id, other.id, slot.token)


def everything(village: Village) -> list[object]:
    """What a service could change."""
    with village.catalog.reading() as session:
        slots = session.execute(
            select(Slot.id, Slot.state, Slot.holder_id, Slot.token, Slot.expires_at).order_by(Slot.id)
        ).all()
        tasks = session.execute(select(Task.id, Task.state).order_by(Task.id)).all()
        counts = [
            session.scalar(select(func.count()).select_from(kind))
            for kind in (Submission, Review, Transcript)
        ]
    return [slots, tasks, counts]


@pytest.mark.parametrize("purpose", SlotPurpose)
@pytest.mark.parametrize("service", SERVICES)
def test_a_slot_serves_what_it_was_given_for_and_nothing_else(
    village: Village,
    asha: StaffMember,
    lead: StaffMember,
    other: StaffMember,
    purpose: SlotPurpose,
    service: str,
) -> None:
    hold = held(village, purpose, asha, lead, other)
    before = everything(village)

    if purpose in (WRITING if service in WRITERS else REVIEWING):
        SERVICES[service](village, hold)
        assert everything(village) != before
    else:
        with pytest.raises(WrongPurpose):
            SERVICES[service](village, hold)
        assert everything(village) == before


def test_no_service_that_takes_a_slot_is_missing_above() -> None:
    """Whoever writes a service that takes a Hold adds it to the table, and so says what it is for."""
    found = set()
    for module in pkgutil.walk_packages(transcription.__path__, "transcription."):
        for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            given = [each.annotation for each in inspect.signature(function).parameters.values()]
            mine = function.__module__ == module.name and not name.startswith("_")
            if (
                mine
                and any(getattr(each, "__name__", each) == "ProjectContext" for each in given)
                and Hold in given
            ):
                found.add(f"{module.name}.{name}")

    # parts of those above, within their transactions
    parts = {"transcription.queue.renew", "transcription.submission.locked"}
    assert found - parts == set(SERVICES)


def test_who_wrote_a_text_does_not_decide_on_it_though_a_slot_came_to_them(
    village: Village, asha: StaffMember, lead: StaffMember, other: StaffMember
) -> None:
    hold = held(village, SlotPurpose.TRANSCRIPTION, asha, lead, other)
    queue.release_lease(village.context, hold, now=after(2))
    again = claim(village.context, lead.id, now=after(3))
    assert again is not None
    submit(village.context, again.hold, SENTENCES[0], request_id="lead", now=after(4))
    item = next_review(village.context, asha.id, now=after(5))
    assert item is not None and item.task_id == again.task_id

    # asha's phone comes back to the network, with what she wrote before she gave the clip back
    late = submit(village.context, hold, SENTENCES[1], request_id="late", now=after(6))

    assert late.outcome is SubmissionOutcome.LATE
    with pytest.raises(NotImpartial):
        decide(village.context, item.hold, ReviewDecision.ACCEPT, now=after(7))
    following = next_review(village.context, asha.id, now=after(8))
    assert following is None
    found = next_review(village.context, other.id, now=after(9))
    assert found is not None and found.task_id == item.task_id


def test_who_wrote_a_text_makes_no_gold_of_it_and_is_given_no_review_of_it(
    village: Village, asha: StaffMember, lead: StaffMember, other: StaffMember
) -> None:
    hold = held(village, SlotPurpose.REVIEW, asha, lead, other)

    with pytest.raises(NotImpartial):
        queue.take_over(village.context, hold.slot_id, manager_id=other.id, to=asha.id, now=after(10))

    decide(village.context, hold, ReviewDecision.ACCEPT, now=after(11))
    with village.catalog.reading() as session:
        task_id = session.scalars(select(Slot.task_id).where(Slot.id == hold.slot_id)).one()
    with pytest.raises(NotImpartial):
        add_gold(village.context, task_id, reviewer_id=asha.id, now=after(12))


def test_a_reviewer_who_changed_a_text_does_not_look_at_it_a_second_time(
    village: Village, asha: StaffMember, lead: StaffMember, other: StaffMember
) -> None:
    hold = held(village, SlotPurpose.REVIEW, asha, lead, other)
    decide(village.context, hold, ReviewDecision.ACCEPT_MAJOR, text=SENTENCES[2], now=after(10))
    with village.catalog.writing() as session:
        task_id = session.scalars(select(Slot.task_id).where(Slot.id == hold.slot_id)).one()
        session.get_one(Slot, hold.slot_id).holder_id = None  # as if the first slot had never been theirs
    look_again(village.context, task_id, by=asha.id, why="a doubt", now=after(11))
    with village.catalog.writing() as session:
        slot = session.scalars(select(Slot).where(Slot.purpose == SlotPurpose.SECOND_LOOK)).one()
        grant(slot, lead.id, now=after(12), until=after(12) + timedelta(hours=1))
        second = Hold(slot.id, lead.id, slot.token)

    with pytest.raises(NotImpartial):
        decide(village.context, second, ReviewDecision.ACCEPT, now=after(13))


def test_a_gold_clip_is_handed_to_nobody_else(
    village: Village, asha: StaffMember, lead: StaffMember, other: StaffMember
) -> None:
    hold = held(village, SlotPurpose.GOLD, asha, lead, other)
    third = village.person("third")

    with pytest.raises(NotAllowed, match="one person"):
        queue.take_over(village.context, hold.slot_id, manager_id=lead.id, to=third.id, now=after(10))


def test_who_made_a_clip_gold_is_not_measured_by_it(
    village: Village, asha: StaffMember, lead: StaffMember, other: StaffMember
) -> None:
    held(village, SlotPurpose.REVIEW, asha, lead, other)
    item = next_review(village.context, lead.id, now=after(7))
    assert item is not None
    decide(village.context, item.hold, ReviewDecision.ACCEPT, now=after(8))
    add_gold(village.context, item.task_id, reviewer_id=other.id, now=after(9))

    with village.catalog.writing() as session:
        assert give_gold(session, village.context, other, ["te"], now=after(10), until=after(60)) is None


@pytest.mark.parametrize("decision", [trust.reinstate, let_off])
def test_nobody_decides_on_how_their_own_work_holds_up(
    village: Village, asha: StaffMember, decision: Callable[..., Any]
) -> None:
    with pytest.raises(NotAllowed, match="Another manager"):
        decision(village.context, asha.id, "te", manager_id=asha.id, because="I am good", now=after(1))


def test_a_submitted_slot_stays_so_when_a_reviewer_tries_it(
    village: Village, asha: StaffMember, lead: StaffMember, other: StaffMember
) -> None:
    hold = held(village, SlotPurpose.TRANSCRIPTION, asha, lead, other)
    submit(village.context, hold, SENTENCES[0], request_id="first", now=after(2))

    with pytest.raises(WrongPurpose):
        decide(village.context, hold, ReviewDecision.ACCEPT, now=after(3))
    with village.catalog.reading() as session:
        assert session.get_one(Slot, hold.slot_id).state is SlotState.SUBMITTED
