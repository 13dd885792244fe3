"""What a device sent, on its way into the catalogue: checked, and weighed, before anybody waits for it."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import aliased

from catalog.ids import content_id
from catalog.states import SlotPurpose, SlotState, SubmissionKind
from catalog.tables import Clip, Slot, Submission, Task
from transcription import text as texts
from transcription.context import ProjectContext
from transcription.decisions import judgement
from transcription.slots.lease import NO_SLOT, Hold, LeaseLost, task_of
from transcription.text.checker import Severity, TextFinding


@dataclass(frozen=True, slots=True)
class IncomingSubmission:
    """What a device sent, on its way into the catalogue."""

    hold: Hold
    kind: SubmissionKind
    verbatim: str
    request_id: str
    """The device's, after the act: a draft and the finished text may carry the same."""
    now: datetime
    findings: tuple[TextFinding, ...] = ()
    reason: str | None = None
    active_seconds: float | None = None

    def id_at(self, task: Task) -> str:
        return content_id("submission", task.id, self.hold.person_id, self.request_id)

    @property
    def is_faulty(self) -> bool:
        """Whether something in it must be mended first."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def looked_at(
    context: ProjectContext, incoming: IncomingSubmission
) -> tuple[IncomingSubmission, judgement.Weighed | None]:
    """With the checker's findings; and where the last text of a task comes, what all of them amount to.

    Outside the transaction that writes: others needn't wait for it.
    """
    with context.catalog.reading() as session:
        work = session.execute(_WORK_OF, {"slot": incoming.hold.slot_id}).one_or_none()
        if work is None:
            raise LeaseLost(NO_SLOT)
        # learnt here where it must be: judging it would hold the lock of all writers
        context.language_models.get(work.language)
        findings = texts.check(incoming.verbatim, context.guideline_of(work.language), work.seconds)
        incoming = replace(incoming, findings=findings)
        if not work.is_last or incoming.is_faulty:
            return incoming, None
        task = session.get_one(Task, task_of(session, incoming.hold.slot_id))
        return incoming, judgement.weigh_ahead(session, context, task, row_of(context, task, incoming))


def row_of(context: ProjectContext, task: Task, incoming: IncomingSubmission) -> Submission:
    """As it stands in the catalogue."""
    guideline = context.guideline_of(task.language)
    return Submission(
        id=incoming.id_at(task),
        task_id=task.id,
        slot_id=incoming.hold.slot_id,
        person_id=incoming.hold.person_id,
        request_id=incoming.request_id,
        token=incoming.hold.token,
        kind=incoming.kind,
        verbatim=incoming.verbatim,
        normalised=texts.normalised(incoming.verbatim, guideline),
        reason=incoming.reason,
        findings=[asdict(finding) for finding in incoming.findings],
        guideline=guideline.id,
        active_seconds=incoming.active_seconds,
        created_at=incoming.now,
    )


_OWN, _OTHER = aliased(Slot), aliased(Slot)
_UNFINISHED = (SlotState.OPEN, SlotState.LEASED)
_WORK_OF = (
    select(
        Task.language,
        Clip.seconds,
        (
            (_OWN.purpose == SlotPurpose.TRANSCRIPTION)
            & ~exists().where(
                _OTHER.task_id == _OWN.task_id,
                _OTHER.id != _OWN.id,
                _OTHER.purpose == SlotPurpose.TRANSCRIPTION,
                _OTHER.state.in_(_UNFINISHED),
            )
        ).label("is_last"),
    )
    .select_from(_OWN)
    .join(Task, Task.id == _OWN.task_id)
    .join(Clip, Clip.id == Task.clip_id)
    .where(_OWN.id == bindparam("slot"))
)
