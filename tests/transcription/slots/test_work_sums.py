"""Sums that are brought up to date come to the same as a look at everything, after whatever happened."""

from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from catalog import consent
from catalog.database import Catalog
from catalog.figures import forget_figure
from catalog.speakers import facts_in, revise_speaker
from catalog.states import ReviewDecision, SlotState, TaskState
from catalog.tables import Clip, CountedWork, FigureRow, RecordingSpeaker, Slot, Speaker, Task, WorkSum
from tests.transcription.slots.test_ordering import SENTENCES, accept
from tests.transcription.test_queue_machine import PEOPLE, Queue
from tests.transcription.village import Village, add_voice, after, build_village, project_with
from transcription.context import NotAllowed
from transcription.decisions.impartiality import NotImpartial
from transcription.queue import claim
from transcription.review import decide
from transcription.routing import route_clips
from transcription.slots.priority import InHand
from transcription.slots.voices import voices_of
from transcription.slots.work_sums import READ_TO, bring_up_to_date, seconds_routed, work_begun
from transcription.submission import SkipMode, skip


class Work(Queue):
    """The queue's events, with voices of whom something else is learnt, and new ones."""

    voices = 2

    @rule(who=st.integers(0, 1), district=st.sampled_from(["Warangal", "Nalgonda", None]))
    def learns_of_a_voice(self, who: int, district: str | None) -> None:
        with self.context.catalog.writing() as session:
            speaker = session.get_one(Speaker, self.village.speakers[who])
            facts = replace(facts_in(speaker), district=district, occupation=district and "potter")
            revise_speaker(session, speaker_id=speaker.id, facts=facts, actor="tests", at=self.now)

    @precondition(lambda self: self.voices < 5)
    @rule()
    def hears_two_more(self) -> None:
        with self.context.catalog.writing() as session:
            first, _ = add_voice(session, self.context.project, self.voices, clips=2, gender="female")
            second, _ = add_voice(session, self.context.project, self.voices + 1, clips=1)
            recording = session.scalars(
                select(RecordingSpeaker.recording_id).where(RecordingSpeaker.speaker_id == first)
            ).one()
            session.add(RecordingSpeaker(recording_id=recording, speaker_id=second))
        self.voices += 2
        route_clips(self.context, now=self.now, checked=0)

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def leaves_it_to_a_reviewer(self, data: st.DataObject) -> None:
        hold = data.draw(st.sampled_from(self.holds))
        request, mode = self.request(), SkipMode.REVIEWER
        skip(self.context, hold, reason_code="not_my_dialect", mode=mode, request_id=request, now=self.now)

    @precondition(lambda self: self.reviews)
    @rule(data=st.data(), decision=st.sampled_from([ReviewDecision.ACCEPT, ReviewDecision.REJECT_AUDIO]))
    def decides(self, data: st.DataObject, decision: ReviewDecision) -> None:
        hold = data.draw(st.sampled_from(self.reviews))
        reasons = ["inaudible"] if decision is ReviewDecision.REJECT_AUDIO else []
        with suppress(NotImpartial, NotAllowed):  # such as to accept where there is no text
            decide(self.context, hold, decision, reasons=reasons, now=self.now)

    @rule(who=PEOPLE)
    def catches_up(self, who: int) -> None:
        claim(self.context, self.people[who], now=self.now)
        assert_as_all_tasks_say(self.village, self.now)

    def teardown(self) -> None:
        try:
            assert_as_all_tasks_say(self.village, self.now)
        finally:
            super().teardown()


@pytest.mark.slow
def test_no_order_of_events_brings_the_sums_away_from_the_tasks(sqlite_template: Path) -> None:
    Work.template = sqlite_template

    run_state_machine_as_test(Work, settings=settings(max_examples=15, stateful_step_count=30, deadline=None))


def test_begun_work_counts_and_what_is_taken_back_counts_no_more(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 1}), clips=3, speakers=2)
    route_clips(village.context, now=after(0))
    with catalog.writing() as session:
        accept(session, None, [SENTENCES[0]] * 4)
    route_clips(village.context, now=after(1))
    assert_as_all_tasks_say(village, after(1))

    for speaker in village.speakers:
        with catalog.writing() as session:
            consent.withdraw(session, speaker_id=speaker, recorded_by="tests", at=after(2))
    route_clips(village.context, now=after(3), checked=0)

    with catalog.reading() as session:
        assert session.scalars(select(WorkSum.key)).all() == []
        assert session.scalars(select(CountedWork.recording_id)).all() == []


def test_no_figure_names_a_voice_that_was_taken_back(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 1}), clips=6, speakers=2)
    route_clips(village.context, now=after(0))
    with catalog.writing() as session:
        accept(session, None, [f"వాన{number}" for number in range(8)])
    route_clips(village.context, now=after(1))
    gone, stays = village.speakers
    assert named(catalog, gone) and named(catalog, stays)

    with catalog.writing() as session:
        consent.withdraw(session, speaker_id=gone, recorded_by="tests", at=after(2))
    route_clips(village.context, now=after(3))

    assert not named(catalog, gone) and named(catalog, stays)


def test_what_changed_without_an_act_is_put_right_in_turn(catalog: Catalog) -> None:
    village = build_village(catalog, clips=2, speakers=4)
    route_clips(village.context, now=after(0))
    with catalog.writing() as session:
        session.execute(update(Speaker).values(district="Warangal"))
        session.execute(update(Task).values(state=TaskState.IN_REVIEW))

    for minute in range(1, 10):  # eight clips, one each time
        bring_up_to_date(village.context, now=after(minute), checked=1)

    assert_as_all_tasks_say(village, after(10))


def test_two_runs_at_once_add_nothing_twice(catalog: Catalog) -> None:
    village = build_village(catalog, clips=3, speakers=6)
    route_clips(village.context, now=after(0))
    forget_all(catalog, village.context.project.name)

    with ThreadPoolExecutor(3) as several:
        list(several.map(lambda _: bring_up_to_date(village.context, now=after(1)), range(3)))

    assert_as_all_tasks_say(village, after(1))


def assert_as_all_tasks_say(village: Village, now: Any) -> None:
    """The sums, brought up to date from the log alone, are those of a look at every task, and of a new count."""
    catalog, project = village.catalog, village.context.project.name
    bring_up_to_date(village.context, now=now, checked=0)

    with catalog.reading() as session:
        routed, begun, voices = read_all_tasks(session)
        groups = {voice.group for theirs in voices.values() for voice in theirs}
        assert seconds_routed(session, project, groups) == {each: routed.seconds[each] for each in groups}
        known = work_begun(session, project, voices.values())
        kept = sums(session)
    assert {each: known.seconds.get(each, 0.0) for each in groups} == {
        each: begun.seconds[each] for each in groups
    }
    assert +known.clips == +begun.clips
    forget_all(catalog, project)
    bring_up_to_date(village.context, now=now)
    with catalog.reading() as session:
        assert sums(session) == kept


def read_all_tasks(session: Session) -> tuple[InHand, InHand, dict[str, Any]]:
    """All that has a task, what of it is begun, and every voice."""
    rows = session.execute(
        select(
            Clip.recording_id,
            Clip.seconds,
            Task.state,
            exists().where(Slot.task_id == Task.id, Slot.state != SlotState.OPEN),
        ).join(Task, Task.clip_id == Clip.id)
    ).all()
    voices = voices_of(session, {row[0] for row in rows})
    routed, begun = (InHand(defaultdict(float), Counter()) for _ in range(2))
    for recording, seconds, state, is_touched in rows:
        if state not in (TaskState.REJECTED, TaskState.WITHDRAWN):
            routed.add(voices[recording], seconds)
            if state is not TaskState.OPEN or is_touched:
                begun.add(voices[recording], seconds)
    return routed, begun, voices


def sums(session: Session) -> dict[str, tuple[int, ...]]:
    columns = (WorkSum.key, WorkSum.routed, WorkSum.begun, WorkSum.clips)
    return {key: tuple(amounts) for key, *amounts in session.execute(select(*columns))}


def forget_all(catalog: Catalog, project: str) -> None:
    with catalog.writing() as session:
        session.execute(delete(WorkSum))
        session.execute(delete(CountedWork))
        forget_figure(session, project, READ_TO)


def named(catalog: Catalog, speaker: str) -> bool:
    with catalog.reading() as session:
        return any(speaker in str(value) for value in session.scalars(select(FigureRow.value)))
