"""Work that stops when a voice is taken back: uploads, recordings, clips, tasks and slots, a bounded page at a time.

Called by a withdrawal for the first page and by the erasure for the rest. Again, or after a crash, it goes on.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, select, update
from sqlalchemy.orm import Session

from catalog.states import (
    ClipState,
    RecordingState,
    ReportDecision,
    ReportState,
    SlotState,
    TaskState,
    TransferState,
    UploadState,
)
from catalog.tables import (
    Clip,
    ClipReport,
    Recording,
    RecordingSpeaker,
    Slot,
    Speaker,
    Task,
    Transfer,
    Upload,
)

PAGE = 2000
"""Rows of one kind that one transaction changes."""
WITHDRAWN_REASON = "consent_withdrawn"
_WAITING = (UploadState.RECEIVED, UploadState.FAILED)


@dataclass(frozen=True, slots=True)
class ClipSpan:
    """Clips of one recording, by their ids: the first and the last of them, and how many they are."""

    recording_id: str
    first: str
    last: str
    count: int

    @property
    def clips(self) -> Select[tuple[str]]:
        """Their ids, to be looked for in other tables."""
        return select(Clip.id).where(
            Clip.recording_id == self.recording_id, Clip.id >= self.first, Clip.id <= self.last
        )


def end_transfers(session: Session, speaker: Speaker) -> None:
    """Unfinished uploads of the voice end; whoever is sending one at this moment finds out at its next portion.

    One statement: how many one person may have open is bounded.
    """
    session.execute(
        update(Transfer)
        .where(
            Transfer.speaker_id == speaker.id,
            Transfer.consent_round < speaker.consent_round,
            Transfer.state == TransferState.ARRIVING,
        )
        .values(state=TransferState.ENDED, lock_token=Transfer.lock_token + 1, locked_until=None),
        execution_options={"synchronize_session": False},
    )


def stop_uploads(session: Session, speaker: Speaker) -> bool:
    """Reject a page of files that wait to be looked at. Returns whether there may be more."""
    waiting = session.scalars(
        select(Upload.id)
        .where(
            Upload.speaker_id == speaker.id,
            Upload.consent_round < speaker.consent_round,
            Upload.state.in_(_WAITING),
        )
        .order_by(Upload.id)
        .limit(PAGE)
        .with_for_update()
    ).all()
    if waiting:
        session.execute(
            update(Upload)
            .where(
                Upload.speaker_id == speaker.id,
                Upload.consent_round < speaker.consent_round,
                Upload.state.in_(_WAITING),
                Upload.id >= waiting[0],
                Upload.id <= waiting[-1],
            )
            .values(state=UploadState.REJECTED, reason=WITHDRAWN_REASON, detail=None),
            execution_options={"synchronize_session": "fetch"},
        )
    return len(waiting) == PAGE


def stop_recordings(session: Session, speaker: Speaker, *, after: str, at: datetime) -> str | None:
    """Withdraw recordings of the voice until a page of clips is full. Reports that wait for a reviewer are closed.

    after: the last recording that was withdrawn; empty for the first page
    Returns where to go on, None at the end.
    """
    room = PAGE
    while room > 0:
        recording = session.scalar(
            select(Recording)
            .join(RecordingSpeaker, RecordingSpeaker.recording_id == Recording.id)
            .where(
                RecordingSpeaker.speaker_id == speaker.id,
                RecordingSpeaker.consent_round < speaker.consent_round,
                RecordingSpeaker.recording_id > after,
                Recording.state != RecordingState.WITHDRAWN,
            )
            .order_by(RecordingSpeaker.recording_id)
            .limit(1)
            .with_for_update(of=Recording)
        )
        if recording is None:
            return None
        span = clip_span(session, recording.id, after="", most=room, only_at_work=True)
        if span is not None:
            _stop_clips(session, span, at=at)
        if span is None or span.count < room:
            recording.state = RecordingState.WITHDRAWN
            session.flush()
            after = recording.id
        room -= 1 + (span.count if span else 0)
    return after


def clip_span(
    session: Session, recording_id: str, *, after: str, most: int, only_at_work: bool = False
) -> ClipSpan | None:
    """The next clips of a recording, locked; None where there are no more.

    only_at_work: those that are not withdrawn yet
    """
    wanted = [Clip.recording_id == recording_id, Clip.id > after]
    if only_at_work:
        wanted.append(Clip.state != ClipState.WITHDRAWN)
    ids = session.scalars(
        select(Clip.id).where(*wanted).order_by(Clip.id).limit(most).with_for_update()
    ).all()
    return ClipSpan(recording_id, ids[0], ids[-1], len(ids)) if ids else None


def _stop_clips(session: Session, span: ClipSpan, *, at: datetime) -> None:
    """Locks are taken in the order of all others: clips, tasks, slots."""
    tasks = select(Task.id).where(Task.clip_id.in_(span.clips))
    fetch = {"synchronize_session": "fetch"}
    session.execute(
        update(Clip).where(Clip.id.in_(span.clips)).values(state=ClipState.WITHDRAWN), execution_options=fetch
    )
    session.execute(
        update(Task)
        .where(Task.clip_id.in_(span.clips), Task.state != TaskState.WITHDRAWN)
        .values(state=TaskState.WITHDRAWN),
        execution_options=fetch,
    )
    # The holder's token stays theirs: what they still send is taken, without its words, and paid by rule.
    session.execute(
        update(Slot)
        .where(and_(Slot.task_id.in_(tasks), Slot.state != SlotState.CLOSED))
        .values(state=SlotState.CLOSED, expires_at=None),
        execution_options=fetch,
    )
    session.execute(
        update(ClipReport)
        .where(ClipReport.clip_id.in_(span.clips), ClipReport.state == ReportState.OPEN)
        .values(state=ReportState.DONE, decision=ReportDecision.CONSENT_WITHDRAWN, done_at=at),
        execution_options=fetch,
    )
