"""What the texts of a task come to: accepted, a third opinion, or a reviewer.

Called after each final text, in its transaction, and again by the flow that collects; judging twice changes
nothing, for a task only moves once its state allows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.ids import content_id
from catalog.states import SlotPurpose, SlotState, SubmissionKind, TaskState, moved
from catalog.tables import Judgement, Slot, Submission, Task
from transcription import text as texts
from transcription.context import ProjectContext
from transcription.decisions import acceptance, suspicion, trust
from transcription.decisions.agreement import agreement
from transcription.decisions.consensus import Consensus, consensus
from transcription.decisions.grounds import Ground
from transcription.decisions.plausibility import Sign
from transcription.rules.guideline import Guideline
from transcription.slots.lease import locked_slots, locked_task
from transcription.slots.sampling import falls_in
from transcription.text.checker import Severity

BY = "judgement"


@dataclass(frozen=True, slots=True)
class Opinion:
    """One finished text of a task."""

    submission_id: str
    person_id: str
    verbatim: str
    reliability: float
    """How likely a word of its author's is right, 0 to 1."""
    against: str = ""
    """What speaks against it, in words; empty where nothing does."""
    signs: tuple[Sign, ...] = ()
    """The same as codes."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What several texts come to, before anybody acts on it."""

    agreed: bool
    verbatim: str
    """The text to take; the likeliest one where they don't agree."""
    submission_id: str | None
    """Whose words they are; None for a vote over several."""
    origin: str
    error: float | None
    """Between the two closest texts; None where there is one."""
    because: str
    near: bool = True
    """Is it the same clip that two heard, at least, and only single words are in doubt?"""
    grounds: tuple[Ground, ...] = ()
    """Why it isn't simply accepted, the weightiest first: `because` as codes."""


ODD = 0.5
"""A word is no likelier right than this in a text that something speaks against."""


def weigh(
    opinions: Sequence[Opinion],
    guideline: Guideline,
    *,
    threshold: float,
    measure: Literal["cer", "wer"],
    doubt: float = 1.0,
) -> Verdict:
    """Compare finished texts of one clip.

    One text stands for itself. Of several, the closest two must lie within the threshold of each other (of three or
    more: of the outcome), and then they are voted on word by word, each with how likely its author is right. The
    outcome passes if no more of its words are to be expected wrong than `doubt` allows.
    threshold: the largest error rate at which two texts are of the same speech
    doubt:     share of words
    """
    if len(opinions) == 1:
        return _by(opinions[0], "single", None, "one transcriber was asked for", agreed=True)

    def error(one: str, other: str) -> float:
        found = agreement(one, other, guideline)
        return found.wer if measure == "wer" else found.cer

    closest = min(error(a.verbatim, b.verbatim) for a, b in combinations(opinions, 2))
    words = (
        f"{measure.upper()} {closest:.3f} between the closest two of {len(opinions)}, allowed {threshold:g}"
    )
    vote = consensus([one.verbatim for one in opinions], guideline, [one.reliability for one in opinions])
    near = [one for one in opinions if error(one.verbatim, vote.text) <= threshold]
    if len(near) < 2 or (len(opinions) == 2 and closest > threshold):
        far = _by(opinions[vote.closest], "dispute", closest, words, agreed=False)
        return replace(far, near=False, grounds=(Ground.DIFFER,))
    taken = _as_voted(vote, near, guideline, closest, words)
    if vote.doubt <= doubt:
        return taken
    open_words = sum(not column.agreed for column in vote.columns)
    unsure = (
        f"{words}; {open_words} of {len(vote.columns)} words differ, "
        f"{vote.doubt:.0%} to be expected wrong, allowed {doubt:.0%}"
    )
    return replace(taken, agreed=False, origin="dispute", because=unsure, grounds=(Ground.WORDS,))


def _as_voted(
    vote: Consensus, near: Sequence[Opinion], guideline: Guideline, closest: float, words: str
) -> Verdict:
    """The text of the vote, under the name of whoever wrote just that."""
    same = [one for one in near if texts.normalised(one.verbatim, guideline) == vote.text]
    if same:
        return _by(max(same, key=_trust_of), "agreement", closest, words, agreed=True)
    if any(finding.severity is Severity.ERROR for finding in texts.check(vote.text, guideline)):
        return _by(max(near, key=_trust_of), "agreement", closest, words, agreed=True)
    return Verdict(True, vote.text, None, "consensus", closest, f"{words}; voted word by word")


def _trust_of(opinion: Opinion) -> float:
    return opinion.reliability  # of equals, max takes the earliest


def _by(opinion: Opinion, origin: str, error: float | None, because: str, *, agreed: bool) -> Verdict:
    return Verdict(agreed, opinion.verbatim, opinion.submission_id, origin, error, because)


def judge(session: Session, context: ProjectContext, task: Task, *, now: datetime) -> TaskState:
    """Move a locked task on as far as its texts allow, and return its state."""
    if task.state not in (TaskState.OPEN, TaskState.DISPUTED, TaskState.RETURNED):
        return task.state
    places = locked_slots(session, task.id)
    asked = [place for place in places if place.purpose is SlotPurpose.TRANSCRIPTION]
    if any(place.state in (SlotState.OPEN, SlotState.LEASED) for place in asked):
        return task.state
    opinions = _opinions(session, context, task, asked)
    if not opinions:
        return task.state
    verdict = _weigh(context, task, opinions)

    if task.state is TaskState.RETURNED:
        because = "written again after a reviewer sent it back"
        again = _by(opinions[-1], "single", verdict.error, because, agreed=False)
        again = replace(again, grounds=(Ground.REWRITTEN,))
        return _to_review(session, task, places, again, opinions, now)
    if verdict.agreed:
        if falls_in(context.project.review.share, "review", task.id):
            because = f"{verdict.because}; drawn for review"
            drawn = replace(verdict, because=because, grounds=(Ground.DRAWN,))
            return _to_review(session, task, places, drawn, opinions, now)
        return _accept(session, context, task, verdict, opinions, now)
    rules = context.project.agreement
    third = rules.doubtful_words == "third" if verdict.near else rules.third_on_disagreement
    if len(opinions) <= 2 and third:
        return _ask_another(session, task, places, verdict, opinions, now)
    return _to_review(session, task, places, verdict, opinions, now)


def escalate(context: ProjectContext, task_id: str, *, by: str, why: str, now: datetime) -> TaskState:
    """Send a task to review as it stands: nobody is left for a third opinion, or somebody asks for it."""
    with context.catalog.writing() as session:
        return to_review_now(session, context, locked_task(session, task_id), by=by, why=why, now=now)


def to_review_now(
    session: Session,
    context: ProjectContext,
    task: Task,
    *,
    by: str,
    why: str,
    now: datetime,
    ground: Ground = Ground.ASKED,
    reason: str | None = None,
) -> TaskState:
    """As `escalate`, within a transaction and on a locked task. reason: a code, for Ground.SAID"""
    if task.state not in (TaskState.OPEN, TaskState.DISPUTED, TaskState.RETURNED):
        return task.state
    places = locked_slots(session, task.id)
    asked = [place for place in places if place.purpose is SlotPurpose.TRANSCRIPTION]
    opinions = _opinions(session, context, task, asked)
    task.reason = reason
    audit.record(
        session, at=now, actor=by, action="task.escalated", subject=("task", task.id), detail={"why": why}
    )
    verdict = None
    if opinions:
        weighed = _weigh(context, task, opinions)
        verdict = replace(weighed, because=why, grounds=(ground, *weighed.grounds))
    return _to_review(session, task, places, verdict, opinions, now, why)


def open_review(
    session: Session, task: Task, places: Sequence[Slot], purpose: SlotPurpose, now: datetime
) -> None:
    """Make sure that there is one place for a reviewer at the task. The places are locked."""
    for place in places:
        if place.purpose is purpose and place.state in (SlotState.OPEN, SlotState.LEASED):
            return
    for place in places:
        if place.purpose is purpose and place.state is SlotState.SUBMITTED and purpose is SlotPurpose.REVIEW:
            place.state = moved(place.state, SlotState.OPEN)
            place.holder_id = place.leased_at = place.expires_at = None
            session.flush()
            return
    session.add(new_slot(task, len(places), purpose, task.priority, now))
    session.flush()


def slot_id(task_id: str, number: int) -> str:
    """Places of one task stand side by side in the queue's order, so that begun work is finished first.

    >>> place_id("task-3f", 1)
    'slot-3f-1'
    """
    return f"slot-{task_id.removeprefix('task-')}-{number}"


def new_slot(task: Task, number: int, purpose: SlotPurpose, priority: int, now: datetime) -> Slot:
    return Slot(
        id=slot_id(task.id, number),
        task_id=task.id,
        number=number,
        purpose=purpose,
        project_id=task.project_id,
        language=task.language,
        priority=priority,
        state=SlotState.OPEN,
        holder_id=None,
        token=0,
        leased_at=None,
        expires_at=None,
        created_at=now if purpose is not SlotPurpose.TRANSCRIPTION else task.created_at,
    )


def last_judgement(session: Session, task_id: str) -> Judgement | None:
    query = select(Judgement).where(Judgement.task_id == task_id).order_by(Judgement.number.desc())
    return session.scalars(query.limit(1)).first()


def _weigh(context: ProjectContext, task: Task, opinions: Sequence[Opinion]) -> Verdict:
    rules = context.project.agreement
    guideline = context.guideline_of(task.language)
    verdict = weigh(
        opinions, guideline, threshold=rules.threshold, measure=rules.measure, doubt=rules.doubt_at_most
    )
    if verdict.agreed and all(opinion.against for opinion in opinions):
        because = f"{verdict.because}, but {opinions[0].against}"
        odd = replace(verdict, agreed=False, near=False, origin="dispute", because=because)
        return replace(odd, grounds=(Ground.SIGNS,))
    return verdict


def _opinions(session: Session, context: ProjectContext, task: Task, asked: Sequence[Slot]) -> list[Opinion]:
    """The last final text of each place, earliest first."""
    holders = {place.id: place.holder_id for place in asked if place.state is SlotState.SUBMITTED}
    finals = session.scalars(
        select(Submission)
        .where(Submission.task_id == task.id, Submission.kind == SubmissionKind.FINAL)
        .order_by(Submission.created_at, Submission.id)
    )
    last = {final.slot_id: final for final in finals if holders.get(final.slot_id) == final.person_id}
    finished = sorted(last.values(), key=lambda each: (each.created_at, each.id))
    odd = suspicion.oddities(session, context, task, finished)
    words = [word for final in finished for word in final.normalised.split()]
    letters = sum(len(word) for word in words) / max(1, len(words))
    measure = context.project.agreement.measure

    def opinion(final: Submission) -> Opinion:
        right = trust.likely_right(session, final.person_id, task.language, letters=letters, measure=measure)
        found = odd.get(final.id, ())
        return Opinion(
            submission_id=final.id,
            person_id=final.person_id,
            verbatim=final.verbatim,
            reliability=min(right, ODD) if found else right,
            against="; ".join(each.told for each in found),
            signs=tuple(each.sign for each in found),
        )

    return [opinion(final) for final in finished]


def _accept(
    session: Session,
    context: ProjectContext,
    task: Task,
    verdict: Verdict,
    opinions: Sequence[Opinion],
    now: datetime,
) -> TaskState:
    _note(session, task, verdict, opinions, TaskState.ACCEPTED, now)
    acceptance.accept(
        session,
        context,
        task,
        verbatim=verdict.verbatim,
        origin=verdict.origin,
        submission_id=verdict.submission_id,
        review_id=None,
        error=verdict.error,
        by=BY,
        now=now,
    )
    return task.state


def _ask_another(
    session: Session,
    task: Task,
    places: Sequence[Slot],
    verdict: Verdict,
    opinions: Sequence[Opinion],
    now: datetime,
) -> TaskState:
    _note(session, task, verdict, opinions, TaskState.DISPUTED, now)
    task.state = moved(task.state, TaskState.DISPUTED)
    # Before other work of its priority: two people's effort waits for it.
    session.add(new_slot(task, len(places), SlotPurpose.TRANSCRIPTION, task.priority - 1, now))
    session.flush()
    return task.state


def _to_review(
    session: Session,
    task: Task,
    places: Sequence[Slot],
    verdict: Verdict | None,
    opinions: Sequence[Opinion],
    now: datetime,
    because: str = "",
) -> TaskState:
    if verdict:
        _note(session, task, verdict, opinions, TaskState.IN_REVIEW, now)
    task.state = moved(task.state, TaskState.IN_REVIEW)
    for place in places:
        if place.purpose is SlotPurpose.TRANSCRIPTION and place.state in (SlotState.OPEN, SlotState.LEASED):
            place.state = moved(place.state, SlotState.CLOSED)
            place.expires_at = None
    open_review(session, task, places, SlotPurpose.REVIEW, now)
    return task.state


def _note(
    session: Session,
    task: Task,
    verdict: Verdict,
    opinions: Sequence[Opinion],
    outcome: TaskState,
    now: datetime,
) -> None:
    before = session.scalar(select(func.max(Judgement.number)).where(Judgement.task_id == task.id)) or 0
    session.add(
        Judgement(
            id=content_id("judgement", task.id, before + 1),
            task_id=task.id,
            number=before + 1,
            outcome=outcome.value,
            because=verdict.because,
            origin=verdict.origin,
            verbatim=verdict.verbatim,
            submission_id=verdict.submission_id,
            error=verdict.error,
            evidence={
                "grounds": list(verdict.grounds),
                "texts": [
                    {
                        "submission": one.submission_id,
                        "reliability": round(one.reliability, 4),
                        "against": one.against,
                        "signs": list(one.signs),
                    }
                    for one in opinions
                ],
            },
            at=now,
        )
    )
    audit.record(
        session,
        at=now,
        actor=BY,
        action=f"task.{outcome.value}",
        subject=("task", task.id),
        detail={"because": verdict.because},
    )
    session.flush()
