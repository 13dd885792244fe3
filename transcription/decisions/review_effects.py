"""What follows from a reviewer's decision: an accepted text, a text sent back, a clip rejected."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from catalog.states import ClipState, ReviewDecision, SlotPurpose, SlotState, TaskState, moved
from catalog.tables import Clip, Judgement, Review, Slot, Submission, Task
from transcription import pay
from transcription.context import ProjectContext
from transcription.decisions import acceptance
from transcription.decisions.judgement import last_judgement
from transcription.decisions.learnt_spellings import learn
from transcription.decisions.review_rules import CHANGES
from transcription.rules.spelling import Pair
from transcription.slots.lease import RETURNED_FOR, grant
from transcription.slots.opening import close_unfilled, open_review
from transcription.slots.sampling import falls_in


def carry_out(
    session: Session,
    context: ProjectContext,
    task: Task,
    slots: Sequence[Slot],
    slot: Slot,
    review: Review,
    chosen: Submission | None,
    both_right: Collection[Pair],
    now: datetime,
) -> None:
    """Carry out a review that was checked, on a locked task and its slots, and pay for it.

    chosen:     the text it is about
    both_right: words of which either may stand, learnt before anybody is measured by the accepted text
    raises: NotAllowed
    """
    learn(session, context, task, review, both_right)
    slot.state = moved(slot.state, SlotState.SUBMITTED)
    slot.expires_at = None
    session.flush()
    match review.decision:
        case ReviewDecision.SEND_BACK:
            assert chosen is not None
            _send_back(session, task, slots, chosen, now)
        case ReviewDecision.REJECT_AUDIO:
            _reject_audio(session, task, slots, review)
        case _:
            _accept(session, context, task, slot, review, chosen, now)
            if slot.purpose is SlotPurpose.REVIEW and falls_in(
                context.project.review.super_check_share, "second look", task.id
            ):
                open_review(session, task, slots, SlotPurpose.SECOND_LOOK, now)
    pay.pay_reviewer(session, context, task, review, now=now)


def _accept(
    session: Session,
    context: ProjectContext,
    task: Task,
    slot: Slot,
    review: Review,
    chosen: Submission | None,
    now: datetime,
) -> None:
    found = last_judgement(session, task.id)
    acceptance.accept(
        session,
        context,
        task,
        verbatim=_accepted_words(session, task, slot, review, chosen, found),
        origin="review",
        submission_id=chosen.id if chosen else None,
        review_id=review.id,
        error=found.error if found else None,
        by=review.reviewer_id,
        now=now,
    )


def _accepted_words(
    session: Session,
    task: Task,
    slot: Slot,
    review: Review,
    chosen: Submission | None,
    found: Judgement | None,
) -> str:
    """The reviewer's own change; else the text chosen; else what stood, or what the vote came to."""
    if review.decision in CHANGES and review.verbatim is not None:
        return review.verbatim
    if chosen is not None:
        return chosen.verbatim
    if slot.purpose is SlotPurpose.SECOND_LOOK:
        stands = acceptance.last_transcript(session, task.clip_id)
        if stands is not None:
            return stands.verbatim
    assert found is not None  # check_review has refused an acceptance of nothing
    return found.verbatim  # a vote over several: nobody's own words


def _send_back(
    session: Session, task: Task, slots: Sequence[Slot], chosen: Submission, now: datetime
) -> None:
    """Give the author their own slot back, for days: they may be out of reach. After that anybody may write it."""
    task.state = moved(task.state, TaskState.RETURNED)
    task.returns += 1
    slot = next(slot for slot in slots if slot.id == chosen.slot_id)
    slot.state = moved(slot.state, SlotState.LEASED)
    grant(slot, chosen.person_id, now=now, until=now + RETURNED_FOR)
    session.flush()


def _reject_audio(session: Session, task: Task, slots: Sequence[Slot], review: Review) -> None:
    code = review.reasons[0]
    task.state = moved(task.state, TaskState.REJECTED)
    task.reason = code
    clip = session.get_one(Clip, task.clip_id)
    clip.state = moved(clip.state, ClipState.REJECTED)
    clip.reason = code
    close_unfilled(slots)
    session.flush()
