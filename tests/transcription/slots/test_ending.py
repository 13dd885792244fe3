"""A role that is taken from somebody takes what they hold in it, at once, and loses none of their words."""

import pytest

from catalog.database import Catalog
from catalog.states import ReviewDecision, Role, SlotState, SubmissionKind
from catalog.tables import Slot, Submission
from tests.transcription.village import SENTENCES, Village, after, build_village, project_with
from transcription.people import set_active, set_roles
from transcription.queue import claim, claim_many
from transcription.review import decide, next_review
from transcription.routing import route_clips
from transcription.slots.lease import Hold, Lease
from transcription.submission import SubmissionOutcome, save_draft, submit


@pytest.fixture
def village(catalog: Catalog) -> Village:
    """Three clips, each for one transcriber and then a reviewer."""
    village = build_village(catalog, project_with({"transcribers": 1}, {"share": 1.0}), clips=3)
    route_clips(village.context, now=after(0))
    return village


def take_roles(village: Village, person_id: str, *left: Role) -> None:
    with village.catalog.writing() as session:
        set_roles(session, person_id, village.context.project.name, left, by="tests", now=after(5))


def state_of(village: Village, hold: Hold) -> tuple[SlotState, str | None]:
    with village.catalog.reading() as session:
        slot = session.get_one(Slot, hold.slot_id)
        return slot.state, slot.holder_id


def claimed(village: Village, person_id: str, minutes: float) -> Lease:
    lease = claim(village.context, person_id, now=after(minutes))
    assert lease is not None
    return lease


def test_clips_of_a_role_that_is_taken_go_to_the_next_at_once_and_the_words_are_kept(
    village: Village,
) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    leases = claim_many(village.context, asha.id, 3, now=after(1))
    save_draft(village.context, leases[0].hold, SENTENCES[0], request_id="d", now=after(2))

    take_roles(village, asha.id, Role.COORDINATOR)

    assert {state_of(village, lease.hold) for lease in leases} == {(SlotState.OPEN, None)}
    assert claimed(village, ravi.id, 6).task_id in {lease.task_id for lease in leases}
    late = submit(village.context, leases[0].hold, SENTENCES[1], request_id="1", now=after(7))
    assert late.outcome is SubmissionOutcome.LATE
    with village.catalog.reading() as session:
        kept = {(each.kind, each.verbatim) for each in session.query(Submission)}
    assert kept == {(SubmissionKind.DRAFT, SENTENCES[0]), (SubmissionKind.LATE, SENTENCES[1])}


def test_a_role_that_stays_keeps_what_is_held_in_it(village: Village) -> None:
    asha = village.person("asha", roles=[Role.TRANSCRIBER, Role.REVIEWER])
    lease = claimed(village, asha.id, 1)

    take_roles(village, asha.id, Role.TRANSCRIBER)

    assert state_of(village, lease.hold) == (SlotState.LEASED, asha.id)
    assert claimed(village, asha.id, 6).hold == lease.hold


def test_a_reviewer_no_more_decides_nothing_with_what_was_in_their_hands(village: Village) -> None:
    asha, lead = village.person("asha"), village.person("lead", roles=[Role.REVIEWER])
    submit(village.context, claimed(village, asha.id, 1).hold, SENTENCES[0], request_id="1", now=after(2))
    item = next_review(village.context, lead.id, now=after(3))
    assert item is not None

    take_roles(village, lead.id, Role.COORDINATOR)

    assert state_of(village, item.hold) == (SlotState.OPEN, None)
    assert not decide(village.context, item.hold, ReviewDecision.ACCEPT, now=after(6)).in_force


def test_whoever_is_let_go_holds_nothing(village: Village) -> None:
    asha = village.person("asha", roles=[Role.TRANSCRIBER, Role.REVIEWER])
    lease = claimed(village, asha.id, 1)

    with village.catalog.writing() as session:
        set_active(session, asha.id, active=False, by="tests", now=after(2))

    assert state_of(village, lease.hold) == (SlotState.OPEN, None)
