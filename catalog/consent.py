"""Consent: what speakers agreed to. A recording is usable only while every voice in it consents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog import audit
from catalog.errors import UserError
from catalog.ids import content_id
from catalog.states import ClipState, ConsentKind, RecordingState, SlotState, TaskState, UploadState, moved
from catalog.tables import (
    Clip,
    ConsentEvent,
    Recording,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Slot,
    Speaker,
    Task,
    Upload,
)


class ConsentScope(StrEnum):
    """What a voice may be used for."""

    TRANSCRIPTION = "transcription"
    """Kept, and listened to by the project's staff."""
    PUBLICATION = "publication"
    """Given out in a dataset."""


WITHDRAWN_REASON = "consent_withdrawn"


class NoConsent(UserError):
    """A voice would be used without its owner's consent."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """How far one withdrawal reached."""

    speaker_id: str
    recordings: tuple[str, ...]
    clips: tuple[str, ...]
    tasks: tuple[str, ...]
    releases: tuple[str, ...]
    """Versions already published that hold the voice, as name@version: to be redacted."""


def grant(
    session: Session,
    *,
    speaker_id: str,
    scopes: Iterable[ConsentScope],
    notice_version: str,
    notice_language: str,
    evidence: str,
    evidence_sha256: str | None,
    recorded_by: str,
    at: datetime,
) -> ConsentEvent:
    """Record that a speaker said yes. Saying the same again changes nothing."""
    scopes = sorted(set(scopes))
    last = _last_event(session, speaker_id)
    if last and last.kind is ConsentKind.GRANTED and (last.scopes, last.evidence) == (scopes, evidence):
        return last
    event = ConsentEvent(
        id=content_id("consent", speaker_id, last.number + 1 if last else 1),
        speaker_id=speaker_id,
        number=last.number + 1 if last else 1,
        kind=ConsentKind.GRANTED,
        scopes=scopes,
        notice_version=notice_version,
        notice_language=notice_language,
        evidence=evidence,
        evidence_sha256=evidence_sha256,
        recorded_by=recorded_by,
        at=at,
    )
    session.add(event)
    session.get_one(Speaker, speaker_id).consent_scopes = f" {' '.join(scopes)} "
    audit.record(
        session,
        at=at,
        actor=recorded_by,
        action="consent.granted",
        subject=("speaker", speaker_id),
        detail={"scopes": scopes, "notice": f"{notice_language}@{notice_version}"},
    )
    return event


def withdraw(session: Session, *, speaker_id: str, recorded_by: str, at: datetime) -> Withdrawal:
    """Take a speaker's consent back: work on their voice stops in this very transaction.

    Returns what it reached, also when it was withdrawn before.
    """
    last = _last_event(session, speaker_id)
    if last is None:
        raise NoConsent(f"speaker {speaker_id} never gave consent, so there is none to withdraw.")
    if last.kind is ConsentKind.GRANTED:
        session.add(
            ConsentEvent(
                id=content_id("consent", speaker_id, last.number + 1),
                speaker_id=speaker_id,
                number=last.number + 1,
                kind=ConsentKind.WITHDRAWN,
                scopes=[],
                notice_version=last.notice_version,
                notice_language=last.notice_language,
                evidence="withdrawal",
                evidence_sha256=None,
                recorded_by=recorded_by,
                at=at,
            )
        )
        session.get_one(Speaker, speaker_id).consent_scopes = ""
        _stop_work(session, speaker_id)
        audit.record(
            session, at=at, actor=recorded_by, action="consent.withdrawn", subject=("speaker", speaker_id)
        )
        session.flush()
    return _reached(session, speaker_id)


def consented(recording_id: InstrumentedAttribute[str], scope: ConsentScope) -> ColumnElement[bool]:
    """The SQL condition that every voice of that recording consents to `scope`, and that there is one at all."""
    voices = select(RecordingSpeaker.speaker_id).where(RecordingSpeaker.recording_id == recording_id)
    refusing = voices.join(Speaker, Speaker.id == RecordingSpeaker.speaker_id).where(
        Speaker.consent_scopes.not_like(f"% {scope.value} %")
    )
    return and_(exists(voices), ~exists(refusing))


def history(session: Session, speaker_id: str) -> Sequence[ConsentEvent]:
    """Every act of a speaker, oldest first."""
    return session.scalars(
        select(ConsentEvent).where(ConsentEvent.speaker_id == speaker_id).order_by(ConsentEvent.number)
    ).all()


def _last_event(session: Session, speaker_id: str) -> ConsentEvent | None:
    newest = select(func.max(ConsentEvent.number)).where(ConsentEvent.speaker_id == speaker_id)
    return session.scalar(
        select(ConsentEvent).where(
            ConsentEvent.speaker_id == speaker_id, ConsentEvent.number == newest.scalar_subquery()
        )
    )


def _stop_work(session: Session, speaker_id: str) -> None:
    waiting = (UploadState.RECEIVED, UploadState.FAILED)
    for upload in session.scalars(
        select(Upload).where(Upload.speaker_id == speaker_id, Upload.state.in_(waiting)).with_for_update()
    ):
        upload.state = moved(upload.state, UploadState.REJECTED)
        upload.reason = WITHDRAWN_REASON
    recordings = select(RecordingSpeaker.recording_id).where(RecordingSpeaker.speaker_id == speaker_id)
    for recording in session.scalars(select(Recording).where(Recording.id.in_(recordings)).with_for_update()):
        if recording.state is not RecordingState.WITHDRAWN:
            recording.state = moved(recording.state, RecordingState.WITHDRAWN)
    clips = select(Clip.id).where(Clip.recording_id.in_(recordings))
    for clip in session.scalars(select(Clip).where(Clip.id.in_(clips))):
        if clip.state is not ClipState.WITHDRAWN:
            clip.state = moved(clip.state, ClipState.WITHDRAWN)
    tasks = select(Task.id).where(Task.clip_id.in_(clips))
    for task in session.scalars(select(Task).where(Task.id.in_(tasks)).with_for_update()):
        if task.state is not TaskState.WITHDRAWN:
            task.state = moved(task.state, TaskState.WITHDRAWN)
    for slot in session.scalars(select(Slot).where(Slot.task_id.in_(tasks)).with_for_update()):
        if slot.state is not SlotState.CLOSED:
            # The holder's token stays theirs: what they still send is kept as a late draft, and paid by rule.
            slot.state = moved(slot.state, SlotState.CLOSED)
            slot.expires_at = None


def _reached(session: Session, speaker_id: str) -> Withdrawal:
    recordings = tuple(
        session.scalars(
            select(RecordingSpeaker.recording_id)
            .where(RecordingSpeaker.speaker_id == speaker_id)
            .order_by(RecordingSpeaker.recording_id)
        )
    )
    clips = tuple(session.scalars(select(Clip.id).where(Clip.recording_id.in_(recordings)).order_by(Clip.id)))
    tasks = tuple(session.scalars(select(Task.id).where(Task.clip_id.in_(clips)).order_by(Task.id)))
    releases = tuple(
        f"{name}@{version}"
        for name, version in session.execute(
            select(Release.name, Release.version)
            .join(ReleaseItem, ReleaseItem.release_id == Release.id)
            .where(ReleaseItem.clip_id.in_(clips))
            .group_by(Release.name, Release.version)
            .order_by(Release.name, Release.version)
        )
    )
    return Withdrawal(speaker_id, recordings, clips, tasks, releases)
