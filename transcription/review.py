"""Review: a language lead's decisions, on texts that differ, on a drawn share, and once more on a share of those.

A review is a slot at the task like any other: leased, with a token, to one person, and never to somebody who
wrote for that task. Who wrote what stays hidden until it is decided.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.ids import content_id
from catalog.states import (
    ReviewDecision,
    Role,
    SlotPurpose,
    SlotState,
    SubmissionKind,
    TaskState,
)
from catalog.tables import Clip, Review, Slot, Submission, Task
from transcription import second_look
from transcription import text as texts
from transcription.context import NotAllowed, ProjectContext
from transcription.decisions import acceptance
from transcription.decisions.grounds import Why, why_of
from transcription.decisions.impartiality import check_impartial, has_written
from transcription.decisions.judgement import last_judgement
from transcription.decisions.review_effects import carry_out
from transcription.decisions.review_rules import check_review
from transcription.people import person_of
from transcription.queue import Renewal, renew
from transcription.rules.spelling import Pair
from transcription.slots.lease import (
    Hold,
    holds,
    lease_end,
    locked_slots,
    locked_task,
    task_of,
    vacate,
)
from transcription.slots.next_slot import Search, take_slot
from transcription.slots.purpose import REVIEWING, check_purpose
from transcription.taken_back import is_taken_back


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text for the clip; its author isn't named."""

    submission_id: str
    verbatim: str
    skipped_because: str | None


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """What a reviewer gets to see, until `expires_at`."""

    hold: Hold
    task_id: str
    clip_id: str
    language: str
    seconds: float
    preview_key: str
    peaks_key: str
    expires_at: datetime
    proposal: str
    """The text that is accepted if nothing is changed; empty where nobody wrote one."""
    candidates: tuple[Candidate, ...]
    why: Why
    """Why a reviewer is asked."""
    returns_left: int
    second_look: bool


@dataclass(frozen=True, slots=True)
class ReviewReceipt:
    """What became of a decision."""

    review_id: str
    in_force: bool
    """False where it came after the lease was lost: it is kept, and changes nothing."""
    task_state: TaskState
    version: int | None
    """Of the accepted transcript; None where there is none."""


def next_review(context: ProjectContext, reviewer_id: str, *, now: datetime) -> ReviewItem | None:
    """The task that a reviewer looks at: the one they hold, else the next for them; None where there is none.

    raises: NotAllowed
    """
    with context.catalog.writing() as session:
        person = person_of(session, reviewer_id, Role.REVIEWER, project=context.project.name, lock=True)
        slot = _held(session, context, reviewer_id)
        if slot is not None and has_written(session, slot.task_id, reviewer_id):
            vacate(slot)  # words of theirs came late, from a phone that was away
            session.flush()
            slot = None
        if slot is not None:
            slot.expires_at = lease_end(slot, context, now)
            return _item(session, context, slot)
        languages = [code for code in person.languages if code in context.project.languages]
        for purpose in REVIEWING:
            search = Search(context.project.name, purpose, languages, person)
            slot = take_slot(session, search, now=now, until=lease_end(None, context, now))
            if slot is not None:
                audit.record(
                    session,
                    at=now,
                    actor=reviewer_id,
                    action="review.leased",
                    subject=("task", slot.task_id),
                    detail={"slot": slot.id, "token": slot.token},
                )
                return _item(session, context, slot)
        return None


def heartbeat(context: ProjectContext, hold: Hold, *, now: datetime) -> Renewal:
    """A sign of life from a reviewer's device: the lease lasts on. raises: LeaseLost, WrongPurpose"""
    with context.catalog.writing() as session:
        return renew(session, context, hold, REVIEWING, now=now)


def decide(
    context: ProjectContext,
    hold: Hold,
    decision: ReviewDecision,
    *,
    now: datetime,
    text: str | None = None,
    submission_id: str | None = None,
    reasons: Collection[str] = (),
    note: str = "",
    both_right: Collection[Pair] = (),
) -> ReviewReceipt:
    """Decide on the task that a reviewer holds. Deciding again on the same lease gives the same receipt.

    text:          the changed text, for the two acceptances with a change
    submission_id: which candidate is meant, where it isn't the proposal
    both_right:    words that stand against each other in the texts, where either may stand: learnt by the project
    reasons:       codes of the list: of kind text for sending back, person or sound for rejecting the audio
    raises: WrongPurpose; NotImpartial for whoever wrote for the task; NotAllowed: something lacks, or too many returns
    """
    with context.catalog.writing() as session:
        task = locked_task(session, task_of(session, hold.slot_id))
        slots = locked_slots(session, task.id)
        slot = _reviewers_slot(context, slots, hold)
        review_id = content_id("review", hold.slot_id, hold.person_id, hold.token)
        if (known := session.get(Review, review_id)) is not None:
            return _receipt(session, known, task)
        check_impartial(session, task.id, hold.person_id)
        in_force = not (gone := is_taken_back(session, task)) and holds(slot, hold)
        chosen = _chosen(session, task, slot, submission_id)
        review = Review(
            id=review_id,
            task_id=task.id,
            reviewer_id=hold.person_id,
            submission_id=chosen.id if chosen else None,
            slot_id=slot.id,
            token=hold.token,
            decision=decision,
            late=not in_force,
            verbatim=None if text is None or gone else texts.verbatim(text),
            reasons=sorted(set(reasons)),
            note="" if gone else note,
            at=now,
        )
        if in_force:
            check_review(session, context, task, slot, review, chosen)
        _keep(session, review)
        if in_force:
            carry_out(session, context, task, slots, slot, review, chosen, both_right, now)
        return _receipt(session, review, task)


def look_again(context: ProjectContext, task_id: str, *, by: str, why: str, now: datetime) -> None:
    """Ask for a second look at an accepted text: an appeal, an error that somebody found. The text stays meanwhile."""
    with context.catalog.writing() as session:
        task = locked_task(session, task_id)
        context.check_own(task.project_id)
        if task.state is not TaskState.ACCEPTED:
            raise NotAllowed(Sentence("only an accepted text gets a second look."))
        second_look.ask(session, task, by=by, why=why, now=now)


def _reviewers_slot(context: ProjectContext, slots: Sequence[Slot], hold: Hold) -> Slot:
    """The slot of a reviewer's hold among those of its locked task. raises: NotOfProject, WrongPurpose"""
    slot = next(slot for slot in slots if slot.id == hold.slot_id)
    context.check_own(slot.project_id)
    check_purpose(slot, REVIEWING)
    return slot


def _keep(session: Session, review: Review) -> None:
    session.add(review)
    audit.record(
        session,
        at=review.at,
        actor=review.reviewer_id,
        action=f"review.{review.decision.value}",
        subject=("task", review.task_id),
        detail={"review": review.id, "reasons": review.reasons, "late": review.late},
    )
    session.flush()


def _chosen(session: Session, task: Task, slot: Slot, submission_id: str | None) -> Submission | None:
    """The finished text that a decision is about: the one named, else the one proposed.

    None where what is proposed is nobody's own: a vote, or on a second look the accepted text, which a reviewer
    may have changed.
    """
    if submission_id is None and slot.purpose is SlotPurpose.REVIEW:
        found = last_judgement(session, task.id)
        submission_id = found.submission_id if found else None
    if submission_id is None:
        return None
    chosen = session.get(Submission, submission_id)
    if chosen is None or chosen.task_id != task.id or chosen.kind is not SubmissionKind.FINAL:
        raise NotAllowed(Sentence("this is no finished text of this clip. Load the page again."))
    return chosen


def _held(session: Session, context: ProjectContext, reviewer_id: str) -> Slot | None:
    return session.scalars(
        select(Slot)
        .where(
            Slot.holder_id == reviewer_id,
            Slot.state == SlotState.LEASED,
            Slot.project_id == context.project.name,
            Slot.purpose.in_(REVIEWING),
        )
        .order_by(Slot.leased_at, Slot.id)
        .with_for_update()
    ).first()


def _item(session: Session, context: ProjectContext, slot: Slot) -> ReviewItem:
    assert slot.holder_id is not None and slot.expires_at is not None
    task, clip = session.execute(
        select(Task, Clip).join(Clip, Clip.id == Task.clip_id).where(Task.id == slot.task_id)
    ).one()
    second = slot.purpose is SlotPurpose.SECOND_LOOK
    found = last_judgement(session, task.id)
    accepted = acceptance.last_transcript(session, clip.id) if second else None
    proposed = accepted or found
    why = second_look.why(session, task.id) if second else why_of(found, task.reason)
    texts = session.scalars(
        select(Submission)
        .where(
            Submission.task_id == task.id, Submission.kind.in_((SubmissionKind.FINAL, SubmissionKind.SKIP))
        )
        # By id, which follows from nothing a reader knows: the order tells nobody who was first.
        .order_by(Submission.id)
    )
    return ReviewItem(
        hold=Hold(slot.id, slot.holder_id, slot.token),
        task_id=task.id,
        clip_id=clip.id,
        language=task.language,
        seconds=clip.seconds,
        preview_key=clip.preview_key,
        peaks_key=clip.peaks_key,
        expires_at=slot.expires_at,
        proposal=proposed.verbatim if proposed else "",
        candidates=tuple(Candidate(text.id, text.verbatim, text.reason) for text in texts),
        why=why,
        returns_left=max(0, context.project.review.loops - task.returns),
        second_look=second,
    )


def _receipt(session: Session, review: Review, task: Task) -> ReviewReceipt:
    accepted = acceptance.last_transcript(session, task.clip_id)
    return ReviewReceipt(review.id, not review.late, task.state, accepted.version if accepted else None)
