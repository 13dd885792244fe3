"""The opinions that a task is judged on: each finished text, how far its author is trusted, what speaks against it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from catalog.states import SlotState, SubmissionKind
from catalog.tables import Slot, Submission, Task
from transcription.context import ProjectContext
from transcription.decisions import suspicion, trust
from transcription.decisions.weighing import Opinion

ODD = 0.5
"""A word is no likelier right than this in a text that something speaks against."""


_FINALS = (
    select(Submission)
    .where(Submission.task_id == bindparam("task"), Submission.kind == SubmissionKind.FINAL)
    .order_by(Submission.created_at, Submission.id)
)


def finished_texts(session: Session, task: Task, asked: Sequence[Slot]) -> list[Submission]:
    """The last final text of each slot, earliest first."""
    holders = {slot.id: slot.holder_id for slot in asked if slot.state is SlotState.SUBMITTED}
    finals = session.scalars(_FINALS, {"task": task.id})
    last = {final.slot_id: final for final in finals if holders.get(final.slot_id) == final.person_id}
    return in_order(last.values())


def in_order(finished: Iterable[Submission]) -> list[Submission]:
    """Earliest first."""
    return sorted(finished, key=lambda each: (each.created_at, each.id))


def opinions_of(
    session: Session, context: ProjectContext, task: Task, finished: Sequence[Submission]
) -> list[Opinion]:
    """An opinion for each text. finished: of `finished_texts`"""
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
            against="; ".join(each.message for each in found),
            signs=tuple(each.sign for each in found),
        )

    return [opinion(final) for final in finished]
