"""Acceptance of a text: a new version, the clip's state, trust, pay, and words to align again."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.ids import content_id
from catalog.reports import mend_is_due
from catalog.search_words import index_words
from catalog.states import AlignmentState, ClipState, SearchKind, TaskState, moved
from catalog.tables import Alignment, Clip, Task, Transcript
from transcription import pay
from transcription import text as texts
from transcription.clip_reports.scanning import scan_transcript
from transcription.context import ProjectContext
from transcription.decisions import trust


def accept(
    session: Session,
    context: ProjectContext,
    task: Task,
    *,
    verbatim: str,
    origin: str,
    submission_id: str | None,
    review_id: str | None,
    error: float | None,
    by: str,
    now: datetime,
) -> Transcript:
    """Make a text the accepted one of a locked task's clip.

    The same text again makes no new version; a changed one leaves the old, and marks this clip's alignment as stale.
    One that is accepted while the clip waits to be mended is written of what nobody is to hear: it is withheld.
    """
    clip = session.get_one(Clip, task.clip_id)
    transcript = last_transcript(session, clip.id)
    if transcript is None or transcript.verbatim != verbatim or transcript.withheld_at is not None:
        withheld = bool(session.scalar(select(mend_is_due(clip.id))))
        guideline = context.guideline_of(task.language)
        version = transcript.version + 1 if transcript else 1
        transcript = Transcript(
            id=content_id("transcript", clip.id, version),
            clip_id=clip.id,
            version=version,
            verbatim=verbatim,
            normalised=texts.normalised(verbatim, guideline),
            origin=origin,
            submission_id=submission_id,
            review_id=review_id,
            cer=error,
            guideline=guideline.id,
            accepted_at=now,
            withheld_at=now if withheld else None,
        )
        session.add(transcript)
        if not withheld:
            index_words(session, clip.project_id, SearchKind.CLIP, clip.id, transcript.normalised)
        mark_stale(session, clip.id)
    _settle(task, clip)
    detail = {"version": transcript.version, "origin": origin, "task": task.id}
    subject = ("clip", clip.id)
    audit.record(session, at=now, actor=by, action="transcript.accepted", subject=subject, detail=detail)
    session.flush()
    _recognise(session, context, task, transcript, now)
    scan_transcript(session, clip, transcript, now=now)
    return transcript


def recognise_late(session: Session, context: ProjectContext, task: Task, *, now: datetime) -> None:
    """Judge, and pay, a text that came after its clip's text was accepted."""
    transcript = last_transcript(session, task.clip_id)
    if transcript is not None:
        _recognise(session, context, task, transcript, now)


def last_transcript(session: Session, clip_id: str) -> Transcript | None:
    """The newest version of a clip's accepted text; None where there is none."""
    return session.scalars(_NEWEST, {"clip": clip_id}).first()


_NEWEST = (
    select(Transcript)
    .where(Transcript.clip_id == bindparam("clip"))
    .order_by(Transcript.version.desc())
    .limit(1)
)
_FRESH = select(Alignment).where(
    Alignment.clip_id == bindparam("clip"), Alignment.state != AlignmentState.STALE
)


def _settle(task: Task, clip: Clip) -> None:
    if task.state is not TaskState.ACCEPTED:
        task.state = moved(task.state, TaskState.ACCEPTED)
    task.reason = None
    if clip.state is not ClipState.ACCEPTED:
        clip.state = moved(clip.state, ClipState.ACCEPTED)
        clip.reason = None


def _recognise(
    session: Session, context: ProjectContext, task: Task, transcript: Transcript, now: datetime
) -> None:
    trust.assess(session, context, task, transcript, against=transcript.origin, now=now)
    pay.pay_transcribers(session, context, task, transcript, now=now)


def mark_stale(session: Session, clip_id: str) -> None:
    """The words of a clip must be laid on its sound anew."""
    for alignment in session.scalars(_FRESH, {"clip": clip_id}):
        alignment.state = moved(alignment.state, AlignmentState.STALE)
