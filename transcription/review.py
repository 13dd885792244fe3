"""A language lead's decisions: on texts that differ, on a drawn share, and once more on a share of those.

A review is a place at the task like any other: leased, with a token, to one person, and never to somebody who
wrote for that task. Who wrote what stays hidden until it is decided.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.ids import content_id
from catalog.reasons import ReasonKind, reason
from catalog.states import (
    ClipState,
    ReviewDecision,
    Role,
    SlotPurpose,
    SlotState,
    SubmissionKind,
    TaskState,
    moved,
)
from catalog.tables import Clip, Review, Slot, Submission, Task, Transcript
from transcription import pay, second_look
from transcription import text as texts
from transcription.context import NotAllowed, ProjectContext
from transcription.decisions import acceptance
from transcription.decisions.grounds import Why, why_of
from transcription.decisions.judgement import last_judgement, open_review
from transcription.people import person_of
from transcription.slots.lease import (
    RETURNED_FOR,
    Hold,
    grant,
    holds,
    lease_end,
    locked_slots,
    locked_task,
    task_of,
)
from transcription.slots.next_slot import Search, take_slot
from transcription.slots.sampling import falls_in
from transcription.text.checker import Severity

_REVIEWS = (SlotPurpose.REVIEW, SlotPurpose.SECOND_LOOK)
_CHANGES = (ReviewDecision.ACCEPT_MINOR, ReviewDecision.ACCEPT_MAJOR)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text for the clip; its author is not told."""

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
        person = person_of(session, reviewer_id, Role.REVIEWER, lock=True)
        slot = _held(session, context, reviewer_id)
        if slot is not None:
            slot.expires_at = lease_end(slot, context, now)
            return _item(session, context, slot)
        languages = [code for code in person.languages if code in context.project.languages]
        for purpose in _REVIEWS:
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
) -> ReviewReceipt:
    """Decide on the task that a reviewer holds. Deciding again on the same lease gives the same receipt.

    text:          the changed text, for the two acceptances with a change
    submission_id: which candidate is meant, where it isn't the proposal
    reasons:       codes of the list: of kind text for sending back, person or sound for rejecting the audio
    raises: NotAllowed where the decision lacks what it needs, or a text was sent back too often already
    """
    with context.catalog.writing() as session:
        task = locked_task(session, task_of(session, hold.slot_id))
        places = locked_slots(session, task.id)
        slot = next(place for place in places if place.id == hold.slot_id)
        review_id = content_id("review", hold.slot_id, hold.person_id, hold.token)
        if (known := session.get(Review, review_id)) is not None:
            return _receipt(session, known, task)
        in_force = holds(slot, hold) and task.state is not TaskState.WITHDRAWN
        chosen = _chosen(session, task, slot, submission_id)
        if in_force:
            author = next((each.holder_id for each in places if chosen and each.id == chosen.slot_id), None)
            _check(session, context, task, slot, decision, text, chosen, author, reasons)
        review = Review(
            id=review_id,
            task_id=task.id,
            reviewer_id=hold.person_id,
            submission_id=chosen.id if chosen else None,
            slot_id=slot.id,
            token=hold.token,
            decision=decision,
            late=not in_force,
            verbatim=None if text is None else texts.verbatim(text),
            reasons=sorted(set(reasons)),
            note=note,
            at=now,
        )
        session.add(review)
        audit.record(
            session,
            at=now,
            actor=hold.person_id,
            action=f"review.{decision.value}",
            subject=("task", task.id),
            detail={"review": review_id, "reasons": review.reasons, "late": review.late},
        )
        session.flush()
        if in_force:
            slot.state = moved(slot.state, SlotState.SUBMITTED)
            slot.expires_at = None
            session.flush()
            _act(session, context, task, places, slot, review, chosen, now)
            pay.pay_reviewer(session, context, task, review, now=now)
        return _receipt(session, review, task)


def look_again(context: ProjectContext, task_id: str, *, by: str, why: str, now: datetime) -> None:
    """Ask for a second look at an accepted text: an appeal, an error that somebody found. The text stays meanwhile."""
    with context.catalog.writing() as session:
        task = locked_task(session, task_id)
        if task.state is not TaskState.ACCEPTED:
            raise NotAllowed(f"task {task_id} is {task.state}; only an accepted text gets a second look.")
        second_look.ask(session, task, by=by, why=why, now=now)


def _act(
    session: Session,
    context: ProjectContext,
    task: Task,
    places: Sequence[Slot],
    slot: Slot,
    review: Review,
    chosen: Submission | None,
    now: datetime,
) -> None:
    match review.decision:
        case ReviewDecision.SEND_BACK:
            assert chosen is not None
            _send_back(session, task, places, chosen, now)
        case ReviewDecision.REJECT_AUDIO:
            _reject_audio(session, task, places, review)
        case _:
            _accept(session, context, task, slot, review, chosen, now)
            if slot.purpose is SlotPurpose.REVIEW and falls_in(
                context.project.review.super_check_share, "second look", task.id
            ):
                open_review(session, task, places, SlotPurpose.SECOND_LOOK, now)


def _accept(
    session: Session,
    context: ProjectContext,
    task: Task,
    slot: Slot,
    review: Review,
    chosen: Submission | None,
    now: datetime,
) -> None:
    verbatim = review.verbatim if review.decision in _CHANGES else None
    if verbatim is None and slot.purpose is SlotPurpose.SECOND_LOOK and review.submission_id is None:
        verbatim = _accepted_text(session, task.clip_id)
    found = last_judgement(session, task.id)
    if verbatim is None and chosen is None and found is not None:
        verbatim = found.verbatim  # a vote over several: nobody's own words
    if verbatim is None:
        assert chosen is not None
        verbatim = chosen.verbatim
    acceptance.accept(
        session,
        context,
        task,
        verbatim=verbatim,
        origin="review",
        submission_id=chosen.id if chosen else None,
        review_id=review.id,
        error=found.error if found else None,
        by=review.reviewer_id,
        now=now,
    )


def _send_back(
    session: Session, task: Task, places: Sequence[Slot], chosen: Submission, now: datetime
) -> None:
    """Give the author their own place back, for days: they may be out of reach. After that anybody may write it."""
    task.state = moved(task.state, TaskState.RETURNED)
    task.returns += 1
    place = next(place for place in places if place.id == chosen.slot_id)
    place.state = moved(place.state, SlotState.LEASED)
    grant(place, chosen.person_id, now=now, until=now + RETURNED_FOR)
    session.flush()


def _reject_audio(session: Session, task: Task, places: Sequence[Slot], review: Review) -> None:
    code = review.reasons[0]
    task.state = moved(task.state, TaskState.REJECTED)
    task.reason = code
    clip = session.get_one(Clip, task.clip_id)
    clip.state = moved(clip.state, ClipState.REJECTED)
    clip.reason = code
    for place in places:
        if place.state in (SlotState.OPEN, SlotState.LEASED):
            place.state = moved(place.state, SlotState.CLOSED)
            place.expires_at = None
    session.flush()


def _check(
    session: Session,
    context: ProjectContext,
    task: Task,
    slot: Slot,
    decision: ReviewDecision,
    text: str | None,
    chosen: Submission | None,
    author: str | None,
    reasons: Collection[str],
) -> None:
    kinds = {reason(code).kind for code in reasons}
    if decision in _CHANGES:
        if text is None or not text.strip():
            raise NotAllowed(
                "an acceptance with a change needs the changed text.\nSend it, or accept as it is."
            )
        seconds = session.scalar(select(Clip.seconds).where(Clip.id == task.clip_id))
        findings = texts.check(text, context.guideline_of(task.language), seconds)
        blocking = [finding.message for finding in findings if finding.severity is Severity.ERROR]
        if blocking:
            raise NotAllowed("the changed text breaks the guideline: " + " ".join(blocking))
    elif decision is ReviewDecision.ACCEPT:
        voted = last_judgement(session, task.id) is not None
        if chosen is None and slot.purpose is SlotPurpose.REVIEW and not voted:
            raise NotAllowed("nobody has written a text to accept.\nWrite it yourself, or reject the audio.")
    elif decision is ReviewDecision.SEND_BACK:
        if slot.purpose is SlotPurpose.SECOND_LOOK:
            raise NotAllowed(
                "an accepted text isn't sent back.\nAccept it with a change, or reject the audio."
            )
        if chosen is None:
            raise NotAllowed(
                "nobody has written a text to send back.\nWrite it yourself, or reject the audio."
            )
        if not reasons or kinds - {ReasonKind.TEXT}:
            raise NotAllowed("sending back needs reason codes about the text, such as missing_words.")
        if task.returns >= context.project.review.loops:
            raise NotAllowed(
                f"this clip was sent back {task.returns} times, which is as often as the project allows.\n"
                "Correct the text yourself, or reject the audio."
            )
    elif not reasons or kinds - {ReasonKind.PERSON, ReasonKind.SOUND, ReasonKind.CLIP}:
        raise NotAllowed("rejecting the audio needs a reason code about the sound, such as inaudible.")


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
        raise NotAllowed(f"{submission_id} is no finished text of this clip.")
    return chosen


def _held(session: Session, context: ProjectContext, reviewer_id: str) -> Slot | None:
    return session.scalars(
        select(Slot)
        .where(
            Slot.holder_id == reviewer_id,
            Slot.state == SlotState.LEASED,
            Slot.project_id == context.project.name,
            Slot.purpose.in_(_REVIEWS),
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
    proposal = _accepted_text(session, clip.id) if second else None
    if proposal is None:
        proposal = found.verbatim if found else ""
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
        proposal=proposal,
        candidates=tuple(Candidate(text.id, text.verbatim, text.reason) for text in texts),
        why=why,
        returns_left=max(0, context.project.review.loops - task.returns),
        second_look=second,
    )


def _accepted_text(session: Session, clip_id: str) -> str | None:
    return session.scalar(
        select(Transcript.verbatim)
        .where(Transcript.clip_id == clip_id)
        .order_by(Transcript.version.desc())
        .limit(1)
    )


def _receipt(session: Session, review: Review, task: Task) -> ReviewReceipt:
    version = acceptance.versions_of(session, task.clip_id) or None
    return ReviewReceipt(review.id, not review.late, task.state, version)
