from datetime import timedelta

import pytest
from sqlalchemy import func, select

from catalog import consent
from catalog.database import Catalog
from catalog.states import Role, SlotState, SubmissionKind, TaskState
from catalog.tables import AuditEvent, Clip, RecordingSpeaker, Slot, Speaker, Submission, Task
from tests.transcription.village import SENTENCES, Village, after, build_village, project_with
from transcription.context import NotAllowed
from transcription.queue import claim, claim_many, heartbeat, release_lease, take_over
from transcription.routing import route_clips
from transcription.slots.lease import Lease, LeaseLost
from transcription.submission import SkipMode, SubmissionOutcome, save_draft, skip, submit

SINGLE = {"transcribers": 1, "lease_minutes": 30}


@pytest.fixture
def village(catalog: Catalog) -> Village:
    """Three clips, each for one transcriber."""
    village = build_village(catalog, project_with(SINGLE), clips=3)
    route_clips(village.context, now=after(0))
    return village


def claimed(village: Village, person_id: str, minutes: float) -> Lease:
    lease = claim(village.context, person_id, now=after(minutes))
    assert lease is not None
    return lease


def submissions(catalog: Catalog, kind: SubmissionKind) -> list[str]:
    with catalog.reading() as session:
        query = select(Submission.verbatim).where(Submission.kind == kind).order_by(Submission.created_at)
        return list(session.scalars(query))


def test_a_refresh_gives_the_same_clip_with_its_draft(village: Village) -> None:
    asha = village.person("asha")
    lease = claimed(village, asha.id, 1)
    save_draft(village.context, lease.hold, "నేను", request_id="d1", now=after(2))

    again = claimed(village, asha.id, 3)

    assert again.hold == lease.hold
    assert again.draft == "నేను"


def test_two_people_never_hold_one_slot(village: Village) -> None:
    people = [village.person(name) for name in ("asha", "ravi", "devi", "mala")]

    leases = [claim(village.context, person.id, now=after(1)) for person in people]

    held = [lease.hold.slot_id for lease in leases if lease]
    assert len(held) == len(set(held)) == 3
    assert leases[3] is None


def test_an_ended_lease_goes_to_somebody_else_before_new_work(village: Village) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    first = claimed(village, asha.id, 0)

    other = claimed(village, ravi.id, 31)

    assert other.task_id == first.task_id
    assert other.hold.token == first.hold.token + 1


def test_a_lease_that_nobody_took_after_its_end_still_holds(village: Village) -> None:
    asha = village.person("asha")
    lease = claimed(village, asha.id, 0)

    receipt = submit(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(300))

    assert receipt.outcome is SubmissionOutcome.RECEIVED


def test_signs_of_life_keep_a_lease(village: Village) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    lease = claimed(village, asha.id, 0)
    heartbeat(village.context, lease.hold, now=after(20))
    save_draft(village.context, lease.hold, "నేను", request_id="d1", now=after(45))

    other = claimed(village, ravi.id, 70)

    assert other.task_id != lease.task_id


def test_a_late_text_is_kept_and_never_replaces(village: Village) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    lost = claimed(village, asha.id, 0)
    taken = claimed(village, ravi.id, 31)
    submit(village.context, taken.hold, SENTENCES[0], request_id="1", now=after(32))

    receipt = submit(village.context, lost.hold, SENTENCES[1], request_id="1", now=after(33))

    assert receipt.outcome is SubmissionOutcome.LATE
    assert "Kept" in receipt.message
    assert submissions(village.catalog, SubmissionKind.FINAL) == [SENTENCES[0]]
    assert submissions(village.catalog, SubmissionKind.LATE) == [SENTENCES[1]]


def test_a_late_text_before_the_new_holders_is_kept_too(village: Village) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    lost = claimed(village, asha.id, 0)
    taken = claimed(village, ravi.id, 31)

    late = submit(village.context, lost.hold, SENTENCES[1], request_id="1", now=after(32))
    receipt = submit(village.context, taken.hold, SENTENCES[0], request_id="1", now=after(33))

    assert (late.outcome, receipt.outcome) == (SubmissionOutcome.LATE, SubmissionOutcome.RECEIVED)


def test_a_double_tap_gives_one_submission_and_one_receipt(village: Village) -> None:
    asha = village.person("asha")
    lease = claimed(village, asha.id, 1)

    receipts = [
        submit(village.context, lease.hold, SENTENCES[0], request_id=request, now=after(2))
        for request in ("1", "1", "2")
    ]

    assert {receipt.submission_id for receipt in receipts} == {receipts[0].submission_id}
    assert {receipt.outcome for receipt in receipts} == {SubmissionOutcome.RECEIVED}
    assert submissions(village.catalog, SubmissionKind.FINAL) == [SENTENCES[0]]


def test_a_request_id_never_stands_for_two_texts(village: Village) -> None:
    asha = village.person("asha")
    lease = claimed(village, asha.id, 1)
    submit(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(2))

    with pytest.raises(NotAllowed, match="other words"):
        submit(village.context, lease.hold, SENTENCES[1], request_id="1", now=after(3))


def test_a_draft_and_the_finished_text_may_carry_one_request_id(village: Village) -> None:
    asha = village.person("asha")
    lease = claimed(village, asha.id, 1)
    save_draft(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(2))

    receipt = submit(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(3))

    assert receipt.outcome is SubmissionOutcome.RECEIVED


def test_a_request_id_that_returns_at_another_slot_of_the_task_loses_no_words(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 2}), clips=1)
    route_clips(village.context, now=after(0))
    asha, ravi = village.person("asha"), village.person("ravi")
    first = claimed(village, asha.id, 0)
    save_draft(village.context, first.hold, "నేను", request_id="1", now=after(1))
    claimed(village, ravi.id, 60)  # takes the slot whose lease has ended
    second = claimed(village, asha.id, 61)
    assert (second.task_id, second.hold.slot_id != first.hold.slot_id) == (first.task_id, True)

    again = save_draft(village.context, second.hold, "నేను", request_id="1", now=after(62))
    with pytest.raises(NotAllowed, match="other words"):
        save_draft(village.context, second.hold, "వాన", request_id="1", now=after(63))

    assert again.outcome is SubmissionOutcome.SAVED
    assert second.draft == "నేను"


def test_a_text_that_breaks_the_guideline_is_refused_with_the_list_and_kept(village: Village) -> None:
    asha = village.person("asha")
    lease = claimed(village, asha.id, 1)

    refused = submit(village.context, lease.hold, "వాన <zzz> పడింది", request_id="1", now=after(2))
    mended = submit(village.context, lease.hold, SENTENCES[1], request_id="2", now=after(3))

    assert refused.outcome is SubmissionOutcome.REFUSED
    assert "unknown_tag" in [finding.code for finding in refused.findings]
    assert submissions(village.catalog, SubmissionKind.DRAFT) == ["వాన <zzz> పడింది"]
    assert mended.outcome is SubmissionOutcome.RECEIVED


def test_drafts_are_kept_also_after_the_lease_is_lost(village: Village) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    lost = claimed(village, asha.id, 0)
    claimed(village, ravi.id, 31)

    receipt = save_draft(village.context, lost.hold, "నేను రేపు", request_id="d1", now=after(32))

    assert receipt.outcome is SubmissionOutcome.LATE
    assert submissions(village.catalog, SubmissionKind.DRAFT) == ["నేను రేపు"]


def test_saving_the_same_words_again_takes_no_new_row(village: Village) -> None:
    asha = village.person("asha")
    lease = claimed(village, asha.id, 1)

    for number in range(3):
        save_draft(village.context, lease.hold, "నేను", request_id=f"d{number}", now=after(number + 1))

    assert submissions(village.catalog, SubmissionKind.DRAFT) == ["నేను"]


def test_a_heartbeat_on_a_lost_lease_says_so(village: Village) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    lost = claimed(village, asha.id, 0)
    claimed(village, ravi.id, 31)

    with pytest.raises(LeaseLost, match="somebody else"):
        heartbeat(village.context, lost.hold, now=after(32))


def test_a_skipped_clip_goes_to_others_and_not_back(village: Village) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    lease = claimed(village, asha.id, 1)

    skip(
        village.context,
        lease.hold,
        reason_code="not_my_dialect",
        mode=SkipMode.OTHERS,
        request_id="s",
        now=after(2),
    )

    mine = [claimed(village, asha.id, 3), claimed(village, ravi.id, 3)]
    assert mine[0].task_id != lease.task_id
    assert mine[1].task_id == lease.task_id


def test_a_clip_put_off_comes_back_later(catalog: Catalog) -> None:
    village = build_village(catalog, project_with(SINGLE), clips=1)
    route_clips(village.context, now=after(0))
    asha = village.person("asha")
    lease = claimed(village, asha.id, 1)

    skip(
        village.context,
        lease.hold,
        reason_code="too_noisy",
        mode=SkipMode.ME_LATER,
        request_id="s",
        now=after(2),
    )

    assert claim(village.context, asha.id, now=after(60)) is None
    assert claimed(village, asha.id, 600).task_id == lease.task_id


def test_two_who_cannot_hear_it_bring_a_reviewer(catalog: Catalog) -> None:
    village = build_village(catalog, project_with(SINGLE), clips=1)
    route_clips(village.context, now=after(0))

    for number, name in enumerate(("asha", "ravi")):
        lease = claimed(village, village.person(name).id, number + 1)
        skip(
            village.context,
            lease.hold,
            reason_code="inaudible",
            mode=SkipMode.OTHERS,
            request_id="s",
            now=after(number + 1),
        )

    with catalog.reading() as session:
        task = session.scalars(select(Task)).one()
        assert (task.state, task.reason) == (TaskState.IN_REVIEW, "inaudible")
    assert claim(village.context, village.person("devi").id, now=after(5)) is None


def test_a_released_clip_is_free_for_all(village: Village) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    lease = claimed(village, asha.id, 1)

    release_lease(village.context, lease.hold, now=after(2))

    assert claimed(village, ravi.id, 3).task_id == lease.task_id


def test_a_manager_takes_a_clip_over(village: Village) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    boss = village.person("boss", roles=[Role.MANAGER])
    lease = claimed(village, asha.id, 1)

    hold = take_over(village.context, lease.hold.slot_id, manager_id=boss.id, to=ravi.id, now=after(2))

    assert claimed(village, ravi.id, 3).hold == hold
    late = submit(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(4))
    assert late.outcome is SubmissionOutcome.LATE
    with pytest.raises(NotAllowed, match="manager"):
        take_over(village.context, lease.hold.slot_id, manager_id=asha.id, now=after(5))


def test_nobody_writes_one_clip_twice(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 2}), clips=1)
    route_clips(village.context, now=after(0))
    asha = village.person("asha")
    lease = claimed(village, asha.id, 1)
    submit(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(2))

    assert claim(village.context, asha.id, now=after(3)) is None
    assert claim(village.context, village.person("ravi").id, now=after(3)) is not None


def test_nobody_is_given_their_own_voice(catalog: Catalog) -> None:
    village = build_village(catalog, project_with(SINGLE), clips=1, speakers=2)
    route_clips(village.context, now=after(0))
    asha = village.person("asha", speaker_id=village.speakers[0])

    leases = claim_many(village.context, asha.id, 5, now=after(1))

    with catalog.reading() as session:
        voices = session.scalars(
            select(RecordingSpeaker.speaker_id)
            .join(Clip, Clip.recording_id == RecordingSpeaker.recording_id)
            .where(Clip.id.in_([lease.clip_id for lease in leases]))
        ).all()
    assert voices == [village.speakers[1]]


def test_a_bundle_holds_what_was_asked_for_and_is_given_again(village: Village) -> None:
    asha = village.person("asha")

    bundle = claim_many(village.context, asha.id, 2, now=after(1), until=after(1) + timedelta(days=2))
    again = claim_many(village.context, asha.id, 2, now=after(2))

    assert len(bundle) == 2
    assert [lease.hold for lease in again] == [lease.hold for lease in bundle]
    other = claimed(village, village.person("ravi").id, 60 * 24)
    assert other.task_id not in {lease.task_id for lease in bundle}


def test_a_bundle_has_a_limit(village: Village) -> None:
    asha = village.person("asha")

    with pytest.raises(NotAllowed, match="max_pending_per_person"):
        claim_many(village.context, asha.id, 61, now=after(1))


def test_withdrawal_stops_the_next_claim_and_the_submission_under_way(catalog: Catalog) -> None:
    village = build_village(catalog, project_with(SINGLE), clips=2)
    route_clips(village.context, now=after(0))
    asha, ravi = village.person("asha"), village.person("ravi")
    lease = claimed(village, asha.id, 1)

    with catalog.writing() as session:
        consent.withdraw(session, speaker_id=village.speakers[0], recorded_by="tests", at=after(2))

    assert claim(village.context, ravi.id, now=after(3)) is None
    receipt = submit(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(4))
    assert receipt.outcome is SubmissionOutcome.LATE
    with pytest.raises(LeaseLost, match="no longer worked on"):
        heartbeat(village.context, lease.hold, now=after(5))


def test_a_voice_that_joins_a_recording_without_consent_stops_its_clips(village: Village) -> None:
    with village.catalog.writing() as session:
        session.add(
            Speaker(id="guest", project_id="demo", pseudonym="guest", consent_scopes="", created_at=after(0))
        )
        session.flush()
        recording = session.scalars(select(Clip.recording_id).limit(1)).one()
        session.add(RecordingSpeaker(recording_id=recording, speaker_id="guest"))

    assert claim(village.context, village.person("asha").id, now=after(1)) is None

    with village.catalog.reading() as session:
        assert set(session.scalars(select(Task.state))) == {TaskState.REJECTED}
        assert set(session.scalars(select(Slot.state))) == {SlotState.CLOSED}


def test_only_transcribers_of_the_language_are_given_work(village: Village) -> None:
    lead = village.person("lead", roles=[Role.REVIEWER])
    other = village.person("juma", languages=["sw"])

    with pytest.raises(NotAllowed, match="transcriber"):
        claim(village.context, lead.id, now=after(1))
    assert claim(village.context, other.id, now=after(1)) is None


def test_every_act_is_on_record(village: Village) -> None:
    asha = village.person("asha")
    lease = claimed(village, asha.id, 1)
    submit(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(2))

    with village.catalog.reading() as session:
        acts = session.execute(
            select(AuditEvent.action, AuditEvent.actor)
            .where(AuditEvent.subject_id == lease.task_id)
            .order_by(AuditEvent.id)
        ).all()
        assert session.scalar(select(func.count()).where(AuditEvent.action == "person.added")) == 1
    assert [act._tuple() for act in acts] == [
        ("task.made", "route"),
        ("slot.leased", asha.id),
        ("submission.final", asha.id),
        ("task.accepted", "judgement"),
    ]
