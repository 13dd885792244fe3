"""Words that rows lose: what was said, typed and remarked about a voice. Ids, reasons and decisions stay."""

from sqlalchemy import Update, delete, select, update
from sqlalchemy.orm import Session

from catalog.search_words import forget_words
from catalog.states import SearchKind
from catalog.stopping import ClipSpan
from catalog.tables import (
    Alignment,
    Clip,
    ClipReport,
    Judgement,
    LearntSpelling,
    MachineDraft,
    Note,
    Recording,
    RecordingFingerprint,
    Review,
    SoundLandmark,
    Submission,
    Task,
    Transcript,
    Upload,
)
from catalog.voices import forget_voice_of


def blank_clips(session: Session, span: ClipSpan) -> None:
    """Every text of these clips, finished or not, and all that was derived from one."""
    tasks = select(Task.id).where(Task.clip_id.in_(span.clips))
    for statement in (
        update(Submission)
        .where(Submission.task_id.in_(tasks))
        .values(verbatim="", normalised="", findings=[]),
        update(Review).where(Review.task_id.in_(tasks)).values(verbatim=None, note=""),
        update(Note).where(Note.task_id.in_(tasks)).values(text=""),
        update(Judgement).where(Judgement.task_id.in_(tasks)).values(verbatim="", evidence={}),
        update(Transcript).where(Transcript.clip_id.in_(span.clips)).values(verbatim="", normalised=""),
        update(Alignment).where(Alignment.clip_id.in_(span.clips)).values(words=[], detail=None),
        update(MachineDraft).where(MachineDraft.clip_id.in_(span.clips)).values(text="", fault=None),
        update(Clip).where(Clip.id.in_(span.clips)).values(findings=[]),
        update(ClipReport)
        .where(ClipReport.clip_id.in_(span.clips))
        .values(note="", found=[], mended_text=None),
    ):
        _run(session, statement)
    session.execute(delete(LearntSpelling).where(LearntSpelling.task_id.in_(tasks)))
    forget_words(session, SearchKind.CLIP, span.clips)


def blank_recording(session: Session, recording: Recording) -> None:
    """Remarks on it, its fingerprint, and its file's name where a copy of it tells it.

    Its hashes become its id: the same sound may come again, with a new yes; what they were stands in the log.
    """
    recording.findings = []
    recording.device = recording.recorded_on = None
    recording.detail = recording.failure = None
    recording.sha256 = recording.audio_sha256 = f"erased {recording.id}"
    _run(
        session,
        update(Upload)
        .where(Upload.recording_id == recording.id, Upload.id != recording.upload_id)
        .values(detail=None),
    )
    forget_sound(session, recording)


def forget_sound(session: Session, recording: Recording) -> None:
    """Its fingerprint, how it sounded, and its embedding, whose voice it was."""
    forget_voice_of(session, [recording.upload_id])
    print_id = session.scalar(
        select(RecordingFingerprint.id).where(RecordingFingerprint.recording_id == recording.id)
    )
    if print_id is not None:
        session.execute(delete(SoundLandmark).where(SoundLandmark.print_id == print_id))
        session.execute(delete(RecordingFingerprint).where(RecordingFingerprint.id == print_id))


def _run(session: Session, statement: Update) -> None:
    session.execute(statement, execution_options={"synchronize_session": False})
