"""Which decisions a reviewer may take: what each needs, and how often a text may go back."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.config.sentence import Sentence
from catalog.reasons import ReasonKind, reason
from catalog.states import ReviewDecision, SlotPurpose
from catalog.tables import Clip, Review, Slot, Submission, Task
from transcription import text as texts
from transcription.context import NotAllowed, ProjectContext
from transcription.decisions.judgement import last_judgement
from transcription.text.checker import Severity

CHANGES = (ReviewDecision.ACCEPT_MINOR, ReviewDecision.ACCEPT_MAJOR)


def check_review(
    session: Session,
    context: ProjectContext,
    task: Task,
    slot: Slot,
    review: Review,
    chosen: Submission | None,
) -> None:
    """Refuse a decision that lacks what it needs. chosen: the finished text that it is about

    raises: NotAllowed; UnknownReason for a code that isn't in the list
    """
    kinds = {reason(code).kind for code in review.reasons}
    match review.decision:
        case ReviewDecision.ACCEPT_MINOR | ReviewDecision.ACCEPT_MAJOR:
            _check_change(session, context, task, review)
        case ReviewDecision.ACCEPT:
            voted = last_judgement(session, task.id) is not None
            if chosen is None and slot.purpose is SlotPurpose.REVIEW and not voted:
                raise NotAllowed(
                    Sentence("nobody has written a text to accept. Write it yourself, or reject the audio.")
                )
        case ReviewDecision.SEND_BACK:
            _check_return(context, task, slot, chosen, kinds)
        case ReviewDecision.REJECT_AUDIO:
            if not kinds or kinds - {ReasonKind.PERSON, ReasonKind.SOUND, ReasonKind.CLIP}:
                raise NotAllowed(Sentence("rejecting the audio needs a reason about the sound. Choose one."))


def _check_change(session: Session, context: ProjectContext, task: Task, review: Review) -> None:
    if review.verbatim is None or not review.verbatim.strip():
        raise NotAllowed(
            Sentence("an acceptance with a change needs the changed text. Send it, or accept as it is.")
        )
    seconds = session.scalar(select(Clip.seconds).where(Clip.id == task.clip_id))
    findings = texts.check(review.verbatim, context.guideline_of(task.language), seconds)
    blocking = [finding.message for finding in findings if finding.severity is Severity.ERROR]
    if blocking:
        raise NotAllowed(
            Sentence("the changed text breaks the guideline. Mend what is marked, then accept it.")
        )


def _check_return(
    context: ProjectContext, task: Task, slot: Slot, chosen: Submission | None, kinds: set[ReasonKind]
) -> None:
    if slot.purpose is SlotPurpose.SECOND_LOOK:
        raise NotAllowed(
            Sentence("an accepted text isn't sent back. Accept it with a change, or reject the audio.")
        )
    if chosen is None:
        raise NotAllowed(
            Sentence("nobody has written a text to send back. Write it yourself, or reject the audio.")
        )
    if not kinds or kinds - {ReasonKind.TEXT}:
        raise NotAllowed(Sentence("sending back needs a reason about the text. Choose one."))
    if task.returns >= context.project.review.loops:
        raise NotAllowed(
            Sentence(
                "this clip was sent back as often as the project allows. "
                "Correct the text yourself, or reject the audio."
            )
        )
