"""A reviewer's decision on a report, and what follows in the rows; the sound is mended by the next run of the flows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.search_words import forget_words
from catalog.states import (
    ClipState,
    ReportDecision,
    ReportState,
    Role,
    SearchKind,
    TaskState,
    moved,
)
from catalog.tables import Clip, ClipReport, Task, Transcript
from transcription import text as texts
from transcription.clip_reports.spans import MarkedSpan, check_spans
from transcription.context import NotAllowed, ProjectContext
from transcription.decisions.acceptance import last_transcript
from transcription.people import person_of
from transcription.slots.lease import locked_slots
from transcription.slots.opening import close_unfilled
from transcription.text.checker import Severity

TAG = "<redacted>"
"""What a text has in the place of what is made unhearable."""


@dataclass(frozen=True, slots=True)
class ReportVerdict:
    """kind, and for a bleep the spans to make unhearable, for a trim the one to keep.

    text: of the clip afterwards, needed where one is accepted already
    """

    kind: ReportDecision
    spans: tuple[MarkedSpan, ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        if self.kind is ReportDecision.CONSENT_WITHDRAWN:
            raise NotAllowed(
                Sentence("a report is closed by a withdrawal, and never by a reviewer. Decide otherwise.")
            )


def decide(
    context: ProjectContext, report_id: str, decision: ReportVerdict, *, by: str, now: datetime
) -> ReportState:
    """Decide on an open report. Of one that is decided already nothing changes, and its state is returned.

    raises: NotAllowed for whoever reviews no such language, and where the decision lacks what it needs; InvalidSpans
    """
    with context.catalog.writing() as session:
        person = person_of(session, by, Role.REVIEWER, project=context.project.name)
        report = _locked(session, context, report_id)
        if report.language not in person.languages:
            raise NotAllowed(
                Sentence("this clip is in a language that you don't review. A reviewer of it decides.")
            )
        if report.state is not ReportState.OPEN:
            return report.state
        clip = session.get_one(Clip, report.clip_id)
        if decision.kind in (ReportDecision.BLEEP, ReportDecision.TRIM):
            _check_mend(session, context, clip, decision)
        report.decision, report.decided_by, report.decided_at = decision.kind, by, now
        match decision.kind:
            case ReportDecision.DISMISS:
                report.state = moved(report.state, ReportState.DISMISSED)
                report.done_at = now
            case ReportDecision.REJECT:
                withhold_texts(session, clip, now)
                _reject(session, clip, report.kind.value)
                report.state = moved(report.state, ReportState.DONE)
                report.done_at = now
            case _:
                withhold_texts(session, clip, now)
                report.spans = [[span.start, span.end] for span in decision.spans]
                report.mended_text = texts.verbatim(decision.text) if decision.text.strip() else None
                report.state = moved(report.state, ReportState.DECIDED)
        audit.record(
            session,
            at=now,
            actor=by,
            action=f"clip.report_{decision.kind.value}",
            subject=("clip", clip.id),
            detail={"report": report.id, "spans": report.spans},
        )
        session.flush()
        return report.state


def _locked(session: Session, context: ProjectContext, report_id: str) -> ClipReport:
    """In the order in which all locks are taken: the clip first. raises: NotAllowed, NotOfProject"""
    clip_id = session.scalar(select(ClipReport.clip_id).where(ClipReport.id == report_id))
    if clip_id is None:
        raise NotAllowed(Sentence("there is no such report. Open the list of reports again."))
    session.execute(select(Clip.id).where(Clip.id == clip_id).with_for_update())
    report = session.get_one(ClipReport, report_id, with_for_update=True, populate_existing=True)
    context.check_own(report.project_id)
    return report


def _check_mend(session: Session, context: ProjectContext, clip: Clip, decision: ReportVerdict) -> None:
    check_spans(decision.spans, round(clip.seconds * 1000), keep=decision.kind is ReportDecision.TRIM)
    if last_transcript(session, clip.id) is None:
        return
    if decision.kind is ReportDecision.BLEEP and TAG not in decision.text:
        raise NotAllowed(
            Sentence(
                "the text has %(tag)s where nothing is heard any more. Write it in place of the words.",
                tag=TAG,
            )
        )
    errors = [
        decision.text[finding.start : finding.start + finding.length]
        for finding in texts.check(decision.text, context.guideline_of(clip.language))
        if finding.severity is Severity.ERROR
    ]
    if errors:
        raise NotAllowed(
            Sentence("“%(words)s” can't stand so in a text. Mend it and decide again.", words=errors[0])
        )


def withhold_texts(session: Session, clip: Clip, now: datetime) -> None:
    """Every text the clip has had: versions that hold one of them are redacted, and no word of them is looked up."""
    session.execute(
        update(Transcript)
        .where(Transcript.clip_id == clip.id, Transcript.withheld_at.is_(None))
        .values(withheld_at=now)
    )
    forget_words(session, SearchKind.CLIP, [clip.id])


def _reject(session: Session, clip: Clip, code: str) -> None:
    clip.state = moved(clip.state, ClipState.REJECTED)
    clip.reason = code
    task = session.scalars(select(Task).where(Task.clip_id == clip.id).with_for_update()).one_or_none()
    if task is None or task.state in (TaskState.REJECTED, TaskState.WITHDRAWN):
        return
    task.state = moved(task.state, TaskState.REJECTED)
    task.reason = code
    close_unfilled(locked_slots(session, task.id))
    session.flush()
