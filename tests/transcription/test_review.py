from dataclasses import asdict

import pytest
from sqlalchemy import func, select

from catalog.database import Catalog
from catalog.states import AlignmentState, ClipState, ReviewDecision, Role, TaskState
from catalog.tables import Alignment, Clip, LedgerEntry, Review, Task, Transcript
from tests.transcription.village import SENTENCES, Village, after, build_village, project_with
from transcription.context import NotAllowed
from transcription.people import StaffMember
from transcription.queue import claim
from transcription.review import ReviewItem, decide, look_again, next_review
from transcription.routing import route_clips
from transcription.submission import SubmissionOutcome, submit

ALL_REVIEWED = {"share": 1.0, "loops": 3}


@pytest.fixture
def village(catalog: Catalog) -> Village:
    """Two clips, each written by one, all reviewed."""
    village = build_village(catalog, project_with({"transcribers": 1}, ALL_REVIEWED), clips=2)
    route_clips(village.context, now=after(0))
    return village


@pytest.fixture
def asha(village: Village) -> StaffMember:
    return village.person("asha", roles=[Role.TRANSCRIBER, Role.REVIEWER])


@pytest.fixture
def lead(village: Village) -> StaffMember:
    return village.person("lead", roles=[Role.REVIEWER])


def write(village: Village, person: StaffMember, text: str, minute: float) -> str:
    lease = claim(village.context, person.id, now=after(minute))
    assert lease is not None
    receipt = submit(village.context, lease.hold, text, request_id=str(minute), now=after(minute))
    assert receipt.outcome is SubmissionOutcome.RECEIVED
    return lease.task_id


def reviewed(village: Village, reviewer: StaffMember, minute: float) -> ReviewItem:
    item = next_review(village.context, reviewer.id, now=after(minute))
    assert item is not None
    return item


def transcripts(catalog: Catalog) -> list[tuple[int, str]]:
    with catalog.reading() as session:
        rows = session.execute(select(Transcript.version, Transcript.verbatim).order_by(Transcript.version))
        return [row._tuple() for row in rows]


def test_an_accepted_text_becomes_the_transcript_and_both_are_paid(
    village: Village, asha: StaffMember, lead: StaffMember
) -> None:
    task_id = write(village, asha, SENTENCES[0], 1)
    item = reviewed(village, lead, 2)

    receipt = decide(village.context, item.hold, ReviewDecision.ACCEPT, now=after(3))

    assert receipt.task_state is TaskState.ACCEPTED and receipt.version == 1
    with village.catalog.reading() as session:
        clip = session.get_one(Clip, session.get_one(Task, task_id).clip_id)
        assert clip.state is ClipState.ACCEPTED
        owed = session.execute(select(LedgerEntry.person_id, LedgerEntry.work)).all()
    assert {entry._tuple() for entry in owed} == {(asha.id, "transcription"), (lead.id, "review")}


def test_nobody_reviews_their_own_work(village: Village, asha: StaffMember) -> None:
    write(village, asha, SENTENCES[0], 1)

    assert next_review(village.context, asha.id, now=after(2)) is None


def test_the_author_is_hidden(village: Village, asha: StaffMember, lead: StaffMember) -> None:
    write(village, asha, SENTENCES[0], 1)

    item = reviewed(village, lead, 2)

    assert asha.id not in str(asdict(item)) and "asha" not in str(asdict(item))


def test_one_reviewer_a_task_and_the_same_after_a_refresh(village: Village, asha: StaffMember) -> None:
    write(village, asha, SENTENCES[0], 1)
    leads = [village.person(name, roles=[Role.REVIEWER]) for name in ("lead", "second")]

    first = reviewed(village, leads[0], 2)

    assert next_review(village.context, leads[1].id, now=after(2)) is None
    assert reviewed(village, leads[0], 3).hold == first.hold
    assert reviewed(village, leads[1], 60).hold.token == first.hold.token + 1


def test_a_decision_after_the_lease_is_lost_is_kept_and_changes_nothing(
    village: Village, asha: StaffMember, lead: StaffMember
) -> None:
    write(village, asha, SENTENCES[0], 1)
    lost = reviewed(village, lead, 2)
    reviewed(village, village.person("second", roles=[Role.REVIEWER]), 60)

    receipt = decide(
        village.context, lost.hold, ReviewDecision.ACCEPT_MAJOR, text=SENTENCES[1], now=after(61)
    )

    assert not receipt.in_force and receipt.task_state is TaskState.IN_REVIEW
    assert transcripts(village.catalog) == []
    with village.catalog.reading() as session:
        assert session.scalars(select(Review.verbatim)).all() == [SENTENCES[1]]


def test_deciding_twice_gives_one_decision(village: Village, asha: StaffMember, lead: StaffMember) -> None:
    write(village, asha, SENTENCES[0], 1)
    item = reviewed(village, lead, 2)

    receipts = [
        decide(village.context, item.hold, ReviewDecision.ACCEPT, now=after(minute)) for minute in (3, 4)
    ]

    assert receipts[0] == receipts[1]
    with village.catalog.reading() as session:
        assert session.scalar(select(func.count()).select_from(Review)) == 1


def test_sent_back_the_author_gets_it_again_with_the_reason(
    village: Village, asha: StaffMember, lead: StaffMember
) -> None:
    task_id = write(village, asha, SENTENCES[0], 1)
    item = reviewed(village, lead, 2)
    decide(
        village.context,
        item.hold,
        ReviewDecision.SEND_BACK,
        reasons=["missing_words"],
        note="చివరి మాట",
        now=after(3),
    )

    lease = claim(village.context, asha.id, now=after(60 * 24))

    assert lease is not None and lease.task_id == task_id
    assert lease.draft == SENTENCES[0]
    assert lease.returned is not None and lease.returned.reasons == ("missing_words",)
    submit(village.context, lease.hold, SENTENCES[1], request_id="2", now=after(60 * 24 + 1))
    assert reviewed(village, lead, 60 * 24 + 2).proposal == SENTENCES[1]


def test_a_text_is_sent_back_three_times_at_most(
    village: Village, asha: StaffMember, lead: StaffMember
) -> None:
    write(village, asha, SENTENCES[0], 1)
    for loop in range(3):
        item = reviewed(village, lead, 10 * loop + 2)
        assert item.returns_left == 3 - loop
        decide(
            village.context,
            item.hold,
            ReviewDecision.SEND_BACK,
            reasons=["spelling"],
            now=after(10 * loop + 3),
        )
        write(village, asha, SENTENCES[loop + 1], 10 * loop + 4)

    item = reviewed(village, lead, 50)

    with pytest.raises(NotAllowed, match="sent back as often as the project allows"):
        decide(village.context, item.hold, ReviewDecision.SEND_BACK, reasons=["spelling"], now=after(51))


def test_audio_that_cannot_be_used_is_rejected_with_its_reason(
    village: Village, asha: StaffMember, lead: StaffMember
) -> None:
    task_id = write(village, asha, SENTENCES[0], 1)
    item = reviewed(village, lead, 2)
    with pytest.raises(NotAllowed, match="a reason about the sound"):
        decide(village.context, item.hold, ReviewDecision.REJECT_AUDIO, now=after(3))

    decide(village.context, item.hold, ReviewDecision.REJECT_AUDIO, reasons=["inaudible"], now=after(3))

    with village.catalog.reading() as session:
        task = session.get_one(Task, task_id)
        clip = session.get_one(Clip, task.clip_id)
        assert (task.state, clip.state, clip.reason) == (TaskState.REJECTED, ClipState.REJECTED, "inaudible")


def test_a_changed_text_must_keep_the_guideline(
    village: Village, asha: StaffMember, lead: StaffMember
) -> None:
    write(village, asha, SENTENCES[0], 1)
    item = reviewed(village, lead, 2)

    with pytest.raises(NotAllowed, match="guideline"):
        decide(village.context, item.hold, ReviewDecision.ACCEPT_MINOR, text="<zzz>", now=after(3))
    with pytest.raises(NotAllowed, match="changed text"):
        decide(village.context, item.hold, ReviewDecision.ACCEPT_MINOR, now=after(3))


def test_a_repair_makes_a_new_version_and_only_that_clips_words_are_stale(
    village: Village, asha: StaffMember, lead: StaffMember
) -> None:
    tasks = []
    for number in range(2):
        tasks.append(write(village, asha, SENTENCES[number], number * 10 + 1))
        item = reviewed(village, lead, number * 10 + 2)
        decide(village.context, item.hold, ReviewDecision.ACCEPT, now=after(number * 10 + 3))
    with village.catalog.writing() as session:
        for transcript in session.scalars(select(Transcript)):
            session.add(
                Alignment(
                    id=f"alignment-{transcript.id}",
                    clip_id=transcript.clip_id,
                    transcript_id=transcript.id,
                    aligner="te",
                    state=AlignmentState.ALIGNED,
                    words=[],
                    at=after(30),
                )
            )
    look_again(village.context, tasks[0], by="ml", why="a word is wrong", now=after(40))
    second = village.person("second", roles=[Role.REVIEWER])
    assert next_review(village.context, lead.id, now=after(41)) is None  # decided it the first time

    item = reviewed(village, second, 41)
    assert item.second_look and item.proposal == SENTENCES[0]
    decide(village.context, item.hold, ReviewDecision.ACCEPT_MINOR, text=SENTENCES[3], now=after(42))

    with village.catalog.reading() as session:
        changed = session.get_one(Task, tasks[0]).clip_id
        states = {
            row.clip_id: row.state for row in session.execute(select(Alignment.clip_id, Alignment.state))
        }
        versions = session.scalars(
            select(Transcript.verbatim).where(Transcript.clip_id == changed).order_by(Transcript.version)
        ).all()
    assert states.pop(changed) is AlignmentState.STALE
    assert list(states.values()) == [AlignmentState.ALIGNED]
    assert versions == [SENTENCES[0], SENTENCES[3]]


def test_a_second_look_that_confirms_changes_nothing(
    village: Village, asha: StaffMember, lead: StaffMember
) -> None:
    task_id = write(village, asha, SENTENCES[0], 1)
    decide(village.context, reviewed(village, lead, 2).hold, ReviewDecision.ACCEPT, now=after(3))
    look_again(village.context, task_id, by=asha.id, why="an appeal", now=after(4))

    second = village.person("second", roles=[Role.REVIEWER])
    receipt = decide(village.context, reviewed(village, second, 5).hold, ReviewDecision.ACCEPT, now=after(6))

    assert receipt.version == 1 and transcripts(village.catalog) == [(1, SENTENCES[0])]


def test_a_second_look_that_confirms_keeps_what_the_first_reviewer_corrected(
    village: Village, asha: StaffMember, lead: StaffMember
) -> None:
    task_id = write(village, asha, SENTENCES[0], 1)
    item = reviewed(village, lead, 2)
    decide(village.context, item.hold, ReviewDecision.ACCEPT_MAJOR, text=SENTENCES[3], now=after(3))
    look_again(village.context, task_id, by="ml", why="is this right?", now=after(4))

    item = reviewed(village, village.person("second", roles=[Role.REVIEWER]), 5)
    receipt = decide(village.context, item.hold, ReviewDecision.ACCEPT, now=after(6))

    assert item.proposal == SENTENCES[3]
    assert receipt.version == 1 and transcripts(village.catalog) == [(1, SENTENCES[3])]
