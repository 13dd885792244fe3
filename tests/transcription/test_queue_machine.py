"""Any order of claims, texts, skips, waits, take-overs and withdrawals, held against what must always be true."""

import shutil
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from catalog import consent
from catalog.database import open_catalog
from catalog.states import ReviewDecision, Role, SlotPurpose, SlotState, SubmissionKind, TaskState
from catalog.tables import Clip, Review, Slot, Submission, Task, Transcript
from tests.transcription.village import SENTENCES, START, build_village
from transcription.decisions.impartiality import NotImpartial
from transcription.queue import claim, heartbeat, release_lease, take_over
from transcription.review import decide, next_review
from transcription.routing import route_clips
from transcription.slots.lease import Hold, LeaseLost
from transcription.slots.purpose import WrongPurpose
from transcription.submission import SkipMode, SubmissionOutcome, save_draft, skip, submit

PEOPLE = st.integers(0, 3)
TEXTS = st.sampled_from(SENTENCES[:2])


class Queue(RuleBasedStateMachine):
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.template, self.folder / "boli.sqlite")
        self.village = build_village(
            open_catalog(f"sqlite:///{self.folder / 'boli.sqlite'}"), clips=1, speakers=2
        )
        self.context = self.village.context
        both = [Role.TRANSCRIBER, Role.REVIEWER]
        self.people = [self.village.person(f"p{number}", roles=both).id for number in range(4)]
        self.boss = self.village.person("boss", roles=[Role.MANAGER]).id
        route_clips(self.context, now=START)
        self.now: datetime = START
        self.holds: list[Hold] = []
        self.reviews: list[Hold] = []
        self.kept: dict[str, tuple[str, SubmissionKind]] = {}
        self.withdrawn = False
        self.requests = 0

    def teardown(self) -> None:
        self.context.catalog.close()
        shutil.rmtree(self.folder)

    def request(self) -> str:
        self.requests += 1
        return str(self.requests)

    @rule(who=PEOPLE)
    def claims(self, who: int) -> None:
        lease = claim(self.context, self.people[who], now=self.now)
        if lease:
            assert lease.hold.person_id == self.people[who]
            assert lease.expires_at > self.now
            self.holds.append(lease.hold)

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), text=TEXTS)
    def submits(self, data: st.DataObject, text: str) -> None:
        hold = data.draw(st.sampled_from(self.holds))
        before = self._slot(hold)
        receipt = submit(self.context, hold, text, request_id=self.request(), now=self.now)
        in_force = before == (SlotState.LEASED, hold.person_id, hold.token)
        if in_force:
            assert receipt.outcome is SubmissionOutcome.RECEIVED
        elif receipt.outcome is SubmissionOutcome.RECEIVED:
            assert self.kept[receipt.submission_id] == (text, SubmissionKind.FINAL)  # the same, said again
        else:
            assert receipt.outcome is SubmissionOutcome.LATE

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def saves(self, data: st.DataObject) -> None:
        hold = data.draw(st.sampled_from(self.holds))
        assert save_draft(self.context, hold, f"వాన {self.requests}", request_id=self.request(), now=self.now)

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def lives(self, data: st.DataObject) -> None:
        hold = data.draw(st.sampled_from(self.holds))
        before = self._slot(hold)
        try:
            heartbeat(self.context, hold, now=self.now)
        except LeaseLost:
            assert before != (SlotState.LEASED, hold.person_id, hold.token)

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def gives_up(self, data: st.DataObject) -> None:
        release_lease(self.context, data.draw(st.sampled_from(self.holds)), now=self.now)

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), mode=st.sampled_from([SkipMode.OTHERS, SkipMode.ME_LATER]))
    def skips(self, data: st.DataObject, mode: SkipMode) -> None:
        hold = data.draw(st.sampled_from(self.holds))
        skip(
            self.context,
            hold,
            reason_code="not_my_dialect",
            mode=mode,
            request_id=self.request(),
            now=self.now,
        )

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def is_taken_over(self, data: st.DataObject) -> None:
        hold = data.draw(st.sampled_from(self.holds))
        if self._slot(hold)[0] is SlotState.LEASED:
            take_over(self.context, hold.slot_id, manager_id=self.boss, now=self.now)

    @rule(who=PEOPLE)
    def asks_for_a_review(self, who: int) -> None:
        item = next_review(self.context, self.people[who], now=self.now)
        if item:
            self.reviews.append(item.hold)

    @precondition(lambda self: self.reviews)
    @rule(data=st.data(), decision=st.sampled_from([ReviewDecision.ACCEPT, ReviewDecision.ACCEPT_MAJOR]))
    def decides(self, data: st.DataObject, decision: ReviewDecision) -> None:
        hold = data.draw(st.sampled_from(self.reviews))
        text = SENTENCES[2] if decision is ReviewDecision.ACCEPT_MAJOR else None
        with suppress(NotImpartial):
            decide(self.context, hold, decision, text=text, now=self.now)

    @precondition(lambda self: self.holds or self.reviews)
    @rule(data=st.data(), reviewing=st.booleans())
    def uses_a_slot_for_what_it_is_not(self, data: st.DataObject, reviewing: bool) -> None:
        if self.reviews and reviewing:
            with pytest.raises(WrongPurpose):
                submit(
                    self.context,
                    data.draw(st.sampled_from(self.reviews)),
                    SENTENCES[0],
                    request_id=self.request(),
                    now=self.now,
                )
        elif self.holds:
            with pytest.raises(WrongPurpose):
                decide(
                    self.context, data.draw(st.sampled_from(self.holds)), ReviewDecision.ACCEPT, now=self.now
                )

    @rule(minutes=st.sampled_from([1, 29, 31, 600]))
    def waits(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: not self.withdrawn)
    @rule()
    def withdraws(self) -> None:
        with self.context.catalog.writing() as session:
            consent.withdraw(session, speaker_id=self.village.speakers[0], recorded_by="tests", at=self.now)
        self.withdrawn = True

    @invariant()
    def nobody_has_two_places_at_a_task_and_no_place_two_texts(self) -> None:
        with self.context.catalog.reading() as session:
            pairs = session.execute(
                select(Slot.task_id, Slot.holder_id).where(Slot.holder_id.is_not(None))
            ).all()
            finals = session.execute(
                select(Submission.slot_id, Submission.token).where(Submission.kind == SubmissionKind.FINAL)
            ).all()
            written = session.execute(
                select(Slot.id, Slot.holder_id).where(
                    Slot.state == SlotState.SUBMITTED, Slot.purpose == SlotPurpose.TRANSCRIPTION
                )
            ).all()
        assert len(pairs) == len(set(pairs))
        assert len(finals) == len(set(finals))
        assert {slot for slot, _ in written} <= {slot for slot, _ in finals}

    @invariant()
    def nothing_that_was_sent_changes_or_goes(self) -> None:
        with self.context.catalog.reading() as session:
            there = {
                row.id: (row.verbatim, row.kind)
                for row in session.execute(select(Submission.id, Submission.verbatim, Submission.kind))
            }
        assert self.kept.items() <= there.items()
        self.kept = there

    @invariant()
    def nobody_has_decided_on_a_task_that_they_had_written_for(self) -> None:
        with self.context.catalog.reading() as session:
            both = session.execute(
                select(Review.id)
                .join(Submission, Submission.task_id == Review.task_id)
                .where(
                    Review.late.is_(False),
                    Submission.person_id == Review.reviewer_id,
                    Submission.kind != SubmissionKind.SKIP,
                    Submission.created_at < Review.at,
                )
            ).all()
        assert not both

    @invariant()
    def a_task_is_accepted_when_its_clip_has_a_text(self) -> None:
        with self.context.catalog.reading() as session:
            accepted = session.scalars(select(Task.clip_id).where(Task.state == TaskState.ACCEPTED)).all()
            texts = session.scalar(select(func.count()).where(Transcript.clip_id.in_(accepted)))
            waiting = session.scalar(
                select(func.count())
                .select_from(Slot)
                .join(Task, Task.id == Slot.task_id)
                .join(Clip, Clip.id == Task.clip_id)
                .where(
                    Task.state.in_((TaskState.ACCEPTED, TaskState.WITHDRAWN)),
                    Slot.state.in_((SlotState.OPEN, SlotState.LEASED)),
                )
            )
        assert texts == len(accepted) and waiting == 0

    def _slot(self, hold: Hold) -> tuple[SlotState, str | None, int]:
        with self.context.catalog.reading() as session:
            slot = session.get_one(Slot, hold.slot_id)
            return slot.state, slot.holder_id, slot.token


@pytest.mark.slow
def test_no_order_of_events_breaks_the_queue(sqlite_template: Path) -> None:
    Queue.template = sqlite_template

    run_state_machine_as_test(
        Queue, settings=settings(max_examples=10, stateful_step_count=30, deadline=None)
    )
