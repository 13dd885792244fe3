"""The life of a file that was sent: its receipt, what was heard in it, and the clips it was cut into."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session, aliased

from catalog.reports import is_hidden
from catalog.states import RecordingState
from catalog.tables import Clip, Recording, Speaker, Task, Transcript, Upload, Verdict
from catalog.tables import Person as PersonRow
from portal.http.pages import _
from portal.items.clip_life import speakers_of
from portal.items.file_state import TAKEN_IN
from portal.items.happenings import ItemEvent, in_order
from portal.items.words import MARKS, STATE_WORDS
from portal.upload.whose_voice import OTHER_VOICE
from portal.voices import likeness_of

MOST_CLIPS = 600
"""Drawn on one time line, and listed: half an hour of clips and more."""


@dataclass(frozen=True, slots=True)
class ClipPiece:
    """A clip on its recording's time line, in seconds. text: the accepted one; empty where it may not be shown"""

    id: str
    number: int
    start: float
    end: float
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class FileLife:
    """same_as: the upload whose sound this one repeats; reasons: codes, of the file, of the recording, heard at once

    likeness: of its voice to its speaker's other recordings, -1 to 1; None where it was not compared
    """

    upload: Upload
    recording: Recording | None
    sender: str | None
    speakers: tuple[Speaker, ...]
    seconds: float | None
    clips: tuple[ClipPiece, ...]
    more_clips: bool
    reasons: tuple[str, ...]
    likeness: float | None
    same_as: str | None
    happenings: tuple[ItemEvent, ...]

    @property
    def state(self) -> str:
        """What lists call its state, but that one which is cut is said to be."""
        if self.recording is None:
            return str(self.upload.state)
        is_taken_in = self.recording.state is RecordingState.ACCEPTED
        return TAKEN_IN if is_taken_in else str(self.recording.state)


def file_life(session: Session, project: str, upload_id: str) -> FileLife | None:
    """None where the project has no such file."""
    head = session.execute(
        select(Upload, Recording, Verdict, Speaker, PersonRow.handle)
        .outerjoin(Recording, Recording.id == Upload.recording_id)
        .outerjoin(Verdict, Verdict.upload_id == Upload.id)
        .outerjoin(Speaker, Speaker.id == Upload.speaker_id)
        .outerjoin(PersonRow, PersonRow.id == Upload.sent_by)
        .where(Upload.id == upload_id, Upload.project_id == project)
    ).one_or_none()
    if head is None:
        return None
    upload, recording, verdict, speaker, sender = head
    own = recording if recording is not None and recording.upload_id == upload.id else None
    clips = _clips(session, own) if own else []
    voices = speakers_of(session, own.id) if own else ()
    heard = [finding["code"] for finding in own.findings] if own else list(verdict.reasons) if verdict else []
    likeness, is_other = likeness_of(session, upload.id)
    if not is_other:  # all recordings of the speaker have the last word over what was heard at once
        heard = [code for code in heard if code != OTHER_VOICE]
    reasons = (
        upload.reason,
        own.reason if own else None,
        OTHER_VOICE if is_other else None,
        *heard,
    )
    seconds = own.samples / own.sample_rate if own else verdict.seconds if verdict else None
    return FileLife(
        upload=upload,
        recording=own,
        sender=sender,
        speakers=voices or ((speaker,) if speaker else ()),
        seconds=seconds,
        clips=tuple(_piece(row, own) for row in clips[:MOST_CLIPS]) if own else (),
        more_clips=len(clips) > MOST_CLIPS,
        reasons=tuple(dict.fromkeys(code for code in reasons if code)),
        likeness=likeness,
        same_as=recording.upload_id if recording is not None and own is None else None,
        happenings=in_order(_happened(upload, own, verdict, sender)),
    )


def _clips(session: Session, recording: Recording) -> Sequence[Row[Any]]:
    later = aliased(Transcript)
    newest = select(func.max(later.version)).where(later.clip_id == Clip.id).correlate(Clip).scalar_subquery()
    shown = Transcript.withheld_at.is_(None) & ~is_hidden(Clip.id)
    return session.execute(
        select(Clip, Task.state, case((shown, Transcript.verbatim)))
        .outerjoin(Task, Task.clip_id == Clip.id)
        .outerjoin(Transcript, (Transcript.clip_id == Clip.id) & (Transcript.version == newest))
        .where(Clip.recording_id == recording.id)
        .order_by(Clip.number, Clip.id)
        .limit(MOST_CLIPS + 1)
    ).all()


def _piece(row: Row[Any], recording: Recording) -> ClipPiece:
    clip, state, text = row
    withdrawn = clip.state == "withdrawn"
    return ClipPiece(
        id=clip.id,
        number=clip.number,
        start=clip.start / recording.sample_rate,
        end=clip.end / recording.sample_rate,
        state=str(clip.state if withdrawn or state is None else state),
        text="" if withdrawn else text or "",
    )


def _happened(
    upload: Upload, recording: Recording | None, verdict: Verdict | None, sender: str | None
) -> Iterator[ItemEvent]:
    yield ItemEvent(upload.received_at, _("received, receipt %(code)s"), {"code": upload.receipt}, who=sender)
    if verdict is not None:
        sentence = _("heard: good sound") if verdict.usable else _("heard: not usable")
        yield ItemEvent(verdict.at, sentence, mark="ok" if verdict.usable else "bad")
    if recording is not None:
        refused = recording.state in (RecordingState.REJECTED, RecordingState.FAILED)
        # cut, or taken back, it was later
        state = str(recording.state) if refused else TAKEN_IN
        yield ItemEvent(recording.created_at, STATE_WORDS[state], mark=MARKS.get(state, ""))
    if upload.erased_at is not None:
        yield ItemEvent(upload.erased_at, _("destroyed after the speaker took consent back"), mark="bad")
