from sqlalchemy import select

from catalog.database import Catalog
from catalog.states import ClipState, ReviewDecision, Role, TaskState
from catalog.tables import Clip, LedgerEntry, Task, Transcript
from tests.transcription.village import SENTENCES, after, build_village, project_with
from transcription.queue import claim
from transcription.review import decide, next_review
from transcription.routing import route_clips
from transcription.submission import SubmissionOutcome, submit


def state_of(catalog: Catalog, task_id: str) -> TaskState:
    with catalog.reading() as session:
        return session.get_one(Task, task_id).state


def test_two_people_who_agree_make_an_accepted_text(catalog: Catalog) -> None:
    village = build_village(catalog, clips=1)
    asha, ravi = village.person("asha"), village.person("ravi")
    assert route_clips(village.context, now=after(1)).tasks == 1

    for person in (asha, ravi):
        lease = claim(village.context, person.id, now=after(2))
        assert lease is not None
        receipt = submit(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(3))
        assert receipt.outcome is SubmissionOutcome.RECEIVED, receipt

    with catalog.reading() as session:
        transcript = session.scalars(select(Transcript)).one()
        assert (transcript.verbatim, transcript.origin) == (SENTENCES[0], "agreement")
        assert session.get_one(Clip, village.clips[0]).state is ClipState.ACCEPTED
        owed = session.scalars(select(LedgerEntry)).all()
        assert [entry.amount_millis for entry in owed] == [1250, 1250]  # 3 s at 25 a minute


def test_three_who_differ_bring_a_reviewer(catalog: Catalog) -> None:
    village = build_village(catalog, clips=1)
    people = [village.person(name) for name in ("asha", "ravi", "devi")]
    lead = village.person("lead", roles=[Role.REVIEWER])
    route_clips(village.context, now=after(1))

    for person, text in zip(people, SENTENCES, strict=False):
        lease = claim(village.context, person.id, now=after(2))
        assert lease is not None
        submit(village.context, lease.hold, text, request_id="1", now=after(3))
    item = next_review(village.context, lead.id, now=after(4))
    assert item is not None and len(item.candidates) == 3
    receipt = decide(village.context, item.hold, ReviewDecision.ACCEPT_MAJOR, text=SENTENCES[3], now=after(5))

    assert receipt.in_force and receipt.version == 1
    assert state_of(catalog, item.task_id) is TaskState.ACCEPTED


def test_a_single_transcribers_text_is_accepted_after_its_checks(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 1}), clips=2)
    asha = village.person("asha")
    route_clips(village.context, now=after(1))

    lease = claim(village.context, asha.id, now=after(2))
    assert lease is not None
    submit(village.context, lease.hold, SENTENCES[1], request_id="1", now=after(3))

    assert state_of(catalog, lease.task_id) is TaskState.ACCEPTED
    following = claim(village.context, asha.id, now=after(4))
    assert following is not None and following.task_id != lease.task_id
