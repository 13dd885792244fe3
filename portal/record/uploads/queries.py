"""What came of what a coordinator sent: each file, the reasons counted, the people."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Row, and_, case, func, or_, select
from sqlalchemy.orm import Session

from catalog.erasure.late import LATE_REASON
from catalog.reasons import REASONS, Reason
from catalog.states import ClipState, RecordingState, UploadState
from catalog.tables import Clip, Recording, Speaker, Upload, Verdict, VerdictDue, VoiceEmbedding
from portal.record.speakers.form import short_name
from portal.upload.verdict import NOT_YET, delay_of, verdict_of
from portal.upload.whose_voice import OTHER_VOICE

PAGE = 30
MOST_ASKED = 50
MOST_DIGESTS = 100

Stage = Literal["received", "usable", "poor", "cut", "refused", "withdrawn"]
"""received: not heard yet; usable, poor: heard at once; cut: clips lie ready; the last two are final"""


@dataclass(frozen=True, slots=True)
class Sent:
    """One file as its sender sees it. reasons: why it is poor or refused, the gravest first"""

    upload_id: str
    name: str
    receipt: str
    speaker_id: str | None
    pseudonym: str | None
    language: str | None
    prompt: str | None
    received_at: datetime
    seconds: float | None
    stage: Stage
    reasons: tuple[Reason, ...]
    clips: int
    accepted: int

    @property
    def short(self) -> str:
        return short_name(self.pseudonym or "?")


@dataclass(frozen=True, slots=True)
class SentPage:
    """Some files, the newest first. before: what to ask for the ones before; None at the end"""

    files: Sequence[Sent]
    before: str | None


@dataclass(frozen=True, slots=True)
class Day:
    """What one person sent since some moment."""

    people: int
    seconds: float
    districts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BySpeaker:
    """One speaker's files of one sender."""

    speaker_id: str
    pseudonym: str
    files: int
    seconds: float
    refused: int
    accepted: int


@dataclass(frozen=True, slots=True)
class UploadVerdict:
    """The verdict on an upload, seconds after it came."""

    upload_id: str
    usable: bool
    seconds: float | None
    reasons: tuple[Reason, ...]


def sent_by(
    session: Session, project_id: str, person_id: str, *, before: str | None = None, most: int = PAGE
) -> SentPage:
    """A person's files. before: as an earlier page gave it; one that is nobody's gives the newest"""
    query = _FILES.where(Upload.project_id == project_id, Upload.sent_by == person_id)
    last = session.get(Upload, before) if before else None
    if last is not None and last.sent_by == person_id:
        query = query.where(
            or_(
                Upload.received_at < last.received_at,
                and_(Upload.received_at == last.received_at, Upload.id < last.id),
            )
        )
    rows = session.execute(query.order_by(Upload.received_at.desc(), Upload.id.desc()).limit(most + 1)).all()
    counts = _clips_of(session, [row.recording_id for row in rows if row.recording_id])
    files = [_sent(row, counts) for row in rows[:most]]
    return SentPage(files, files[-1].upload_id if len(rows) > most else None)


def verdicts_of(
    session: Session, project_id: str, person_id: str, upload_ids: Collection[str]
) -> Sequence[UploadVerdict]:
    """Verdicts of files that this person sent, as far as there are any yet."""
    own = session.scalars(
        select(Upload.id).where(
            Upload.project_id == project_id, Upload.sent_by == person_id, Upload.id.in_(upload_ids)
        )
    )
    found = ((upload_id, verdict_of(session, upload_id)) for upload_id in own)
    return [
        UploadVerdict(upload_id, heard.usable, heard.seconds, heard.reasons)
        for upload_id, heard in found
        if heard
    ]


def receipts_of(session: Session, project_id: str, digests: Collection[str]) -> Mapping[str, str]:
    """Receipts of the files that the project has, by their SHA-256, whoever sent them.

    Not of one whose voice was taken back: with a new yes it may come again.
    """
    rows = session.execute(
        select(Upload.sha256, Upload.receipt)
        .outerjoin(Speaker, Speaker.id == Upload.speaker_id)
        .where(
            Upload.project_id == project_id,
            Upload.sha256.in_(digests),
            Upload.erased_at.is_(None),
            or_(Speaker.id.is_(None), Speaker.consent_round <= Upload.consent_round),
        )
        .order_by(Upload.received_at.desc(), Upload.id)
    )
    return dict(rows.tuples().all())


def delays_of(
    session: Session, project_id: str, person_id: str, upload_ids: Collection[str]
) -> Mapping[str, Reason]:
    """Why files that this person sent could not be listened to yet, where a try has failed."""
    own = session.scalars(
        select(Upload.id).where(
            Upload.project_id == project_id, Upload.sent_by == person_id, Upload.id.in_(upload_ids)
        )
    )
    found = ((upload_id, delay_of(session, upload_id)) for upload_id in own)
    return {upload_id: reason for upload_id, reason in found if reason is not None}


def day_of(session: Session, project_id: str, person_id: str, since: datetime) -> Day:
    """What somebody sent from that moment on."""
    rows = session.execute(
        select(Speaker.id, Speaker.district, func.sum(Verdict.seconds))
        .join(Upload, Upload.speaker_id == Speaker.id)
        .outerjoin(Verdict, Verdict.upload_id == Upload.id)
        .where(Upload.project_id == project_id, Upload.sent_by == person_id, Upload.received_at >= since)
        .group_by(Speaker.id, Speaker.district)
    ).all()
    districts = Counter(district for _, district, _ in rows if district)
    return Day(
        people=len(rows),
        seconds=float(sum(seconds or 0 for *_, seconds in rows)),
        districts=tuple(name for name, _ in districts.most_common(2)),
    )


def reasons_of(
    session: Session, project_id: str, person_id: str, since: datetime
) -> Sequence[tuple[Reason, int]]:
    """Why files of somebody could not be used, the most frequent first: what to do otherwise."""
    counted: Counter[str] = Counter()
    rows = session.execute(
        select(Upload.reason, Recording.reason, Verdict.usable, Verdict.reasons)
        .outerjoin(Recording, Recording.upload_id == Upload.id)
        .outerjoin(Verdict, Verdict.upload_id == Upload.id)
        .where(Upload.project_id == project_id, Upload.sent_by == person_id, Upload.received_at >= since)
    )
    for refused, poor, usable, heard in rows:
        first = refused or poor or (heard[0] if usable is False and heard else None)
        if first in REASONS:
            counted[first] += 1
    return [(REASONS[code], count) for code, count in counted.most_common(8)]


def by_speaker(session: Session, project_id: str, person_id: str, *, most: int = PAGE) -> Sequence[BySpeaker]:
    """The people somebody recorded, the latest first."""
    length = case(
        (Recording.id.is_not(None), Recording.samples * 1.0 / Recording.sample_rate), else_=Verdict.seconds
    )
    refused = case(
        (or_(Upload.state == UploadState.REJECTED, Recording.state == RecordingState.REJECTED), 1), else_=0
    )
    rows = session.execute(
        select(
            Speaker.id,
            Speaker.pseudonym,
            func.count(Upload.id),
            func.sum(length),
            func.sum(refused),
        )
        .join(Upload, Upload.speaker_id == Speaker.id)
        .outerjoin(Recording, Recording.upload_id == Upload.id)
        .outerjoin(Verdict, Verdict.upload_id == Upload.id)
        .where(Upload.project_id == project_id, Upload.sent_by == person_id)
        .group_by(Speaker.id, Speaker.pseudonym)
        .order_by(func.max(Upload.received_at).desc())
        .limit(most)
    ).all()
    accepted: dict[str, int] = {}
    if rows:
        accepted = {
            speaker: count
            for speaker, count in session.execute(
                select(Upload.speaker_id, func.count(Clip.id))
                .join(Clip, Clip.recording_id == Upload.recording_id)
                .where(
                    Upload.sent_by == person_id,
                    Upload.speaker_id.in_([row[0] for row in rows]),
                    Clip.state == ClipState.ACCEPTED,
                )
                .group_by(Upload.speaker_id)
            )
            if speaker is not None
        }
    return [
        BySpeaker(speaker, pseudonym, files, float(seconds or 0), int(poor or 0), accepted.get(speaker, 0))
        for speaker, pseudonym, files, seconds, poor in rows
    ]


_FILES = (
    select(
        Upload.id,
        Upload.name,
        Upload.receipt,
        Upload.speaker_id,
        Speaker.pseudonym,
        Upload.language,
        Upload.prompt,
        Upload.received_at,
        Upload.state,
        Upload.reason,
        Upload.recording_id,
        Upload.erased_at,
        Recording.state.label("recording_state"),
        Recording.reason.label("recording_reason"),
        Recording.samples,
        Recording.sample_rate,
        Verdict.usable,
        Verdict.seconds.label("heard_seconds"),
        Verdict.reasons.label("heard"),
        VerdictDue.tries.label("tries"),
        VoiceEmbedding.is_other,
    )
    .outerjoin(Speaker, Speaker.id == Upload.speaker_id)
    .outerjoin(Recording, Recording.upload_id == Upload.id)
    .outerjoin(Verdict, Verdict.upload_id == Upload.id)
    .outerjoin(VerdictDue, VerdictDue.upload_id == Upload.id)
    .outerjoin(VoiceEmbedding, VoiceEmbedding.upload_id == Upload.id)
)


def _sent(row: Row, counts: Mapping[str, tuple[int, int]]) -> Sent:  # type: ignore[type-arg]  # of _FILES' columns
    stage, codes = _stage(row)
    clips, accepted = counts.get(row.recording_id or "", (0, 0))
    return Sent(
        upload_id=row.id,
        name=row.name,
        receipt=row.receipt,
        speaker_id=row.speaker_id,
        pseudonym=row.pseudonym,
        language=row.language,
        prompt=row.prompt,
        received_at=row.received_at,
        seconds=row.samples / row.sample_rate if row.samples else row.heard_seconds,
        stage=stage,
        reasons=tuple(REASONS[code] for code in codes if code in REASONS),
        clips=clips,
        accepted=accepted,
    )


def _stage(row: Row) -> tuple[Stage, Sequence[str]]:  # type: ignore[type-arg]
    heard = [code for code in row.heard or () if code != OTHER_VOICE]
    if row.is_other:  # as all recordings of the speaker say by now
        heard.insert(0, OTHER_VOICE)
    match row.state, row.recording_state:
        case _ if row.erased_at is not None and row.reason != LATE_REASON:
            return "withdrawn", ["consent_withdrawn"]
        case _, RecordingState.WITHDRAWN:
            return "withdrawn", ["consent_withdrawn"]
        case UploadState.REJECTED, _:
            return ("withdrawn" if row.reason == "consent_withdrawn" else "refused"), [row.reason or ""]
        case _, RecordingState.REJECTED:
            return "refused", [row.recording_reason or "", *heard]
        case _, RecordingState.SEGMENTED:
            return "cut", heard
    if row.usable is None:
        return "received", [NOT_YET] if row.tries else []
    return ("usable" if row.usable else "poor"), heard


def _clips_of(session: Session, recording_ids: Collection[str]) -> Mapping[str, tuple[int, int]]:
    """Clips cut and clips accepted, by recording."""
    accepted = func.sum(case((Clip.state == ClipState.ACCEPTED, 1), else_=0))
    rows = session.execute(
        select(Clip.recording_id, func.count(), accepted)
        .where(Clip.recording_id.in_(recording_ids))
        .group_by(Clip.recording_id)
    )
    return {recording: (clips, int(good or 0)) for recording, clips, good in rows}
