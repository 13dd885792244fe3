from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from catalog import consent
from catalog.database import Catalog
from catalog.states import ClipState, SlotState, TaskState
from catalog.tables import Clip, Note, Slot, Submission, Task
from tests.transcription.village import SENTENCES, after, build_village, project_with
from transcription.notes import add_note
from transcription.queue import claim
from transcription.routing import route_clips
from transcription.submission import SubmissionOutcome, save_draft, submit


def test_a_withdrawal_amid_submissions_waits_for_none_for_ever_and_leaves_nothing_to_do(
    catalog: Catalog,
) -> None:
    village = build_village(catalog, project_with({"transcribers": 1}), clips=6)
    people = [village.person(f"p{number}").id for number in range(6)]
    route_clips(village.context, now=after(0))
    leases = [claim(village.context, person, now=after(1)) for person in people]

    def send(number: int) -> SubmissionOutcome:
        lease = leases[number]
        assert lease is not None
        return submit(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(2)).outcome

    def withdraw() -> None:
        with catalog.writing() as session:
            consent.withdraw(session, speaker_id=village.speakers[0], recorded_by="tests", at=after(2))

    with ThreadPoolExecutor(7) as pool:
        sent = [pool.submit(send, number) for number in range(3)]
        withdrawn = pool.submit(withdraw)
        sent += [pool.submit(send, number) for number in range(3, 6)]
        withdrawn.result()
        outcomes = {each.result() for each in sent}

    assert outcomes <= {SubmissionOutcome.RECEIVED, SubmissionOutcome.LATE}
    with catalog.reading() as session:
        assert set(session.scalars(select(Clip.state))) == {ClipState.WITHDRAWN}
        assert set(session.scalars(select(Task.state))) == {TaskState.WITHDRAWN}
        assert set(session.scalars(select(Slot.state))) == {SlotState.CLOSED}


def test_what_is_still_sent_for_a_withdrawn_voice_is_counted_and_its_words_are_not_kept(
    catalog: Catalog,
) -> None:
    village = build_village(catalog, project_with({"transcribers": 1}), clips=1)
    person = village.person("p1").id
    route_clips(village.context, now=after(0))
    lease = claim(village.context, person, now=after(1))
    assert lease is not None
    with catalog.writing() as session:
        consent.withdraw(session, speaker_id=village.speakers[0], recorded_by="tests", at=after(2))

    draft = save_draft(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(3))
    first = submit(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(3))
    again = submit(village.context, lease.hold, SENTENCES[0], request_id="1", now=after(4))
    add_note(village.context, lease.task_id, person, SENTENCES[0], request_id="1", now=after(4))

    assert {draft.outcome, first.outcome, again.outcome} == {SubmissionOutcome.LATE}
    assert first.submission_id == again.submission_id
    with catalog.reading() as session:
        sent = session.scalars(select(Submission)).all()
        assert {(each.verbatim, each.normalised) for each in sent} == {("", "")}
        assert session.scalars(select(Note.text)).all() == [""]
