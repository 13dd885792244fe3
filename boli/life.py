"""The life of one clip, recording or upload, as the catalogue knows it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog.audit_archive.archives import archived_through
from catalog.audit_archive.reading import acts_of_subjects
from catalog.audit_archive.wanted import LoggedAct, logged
from catalog.consent import history
from catalog.reasons import REASONS
from catalog.reports import STANDING
from catalog.states import ReportState
from catalog.store import StoreReader
from catalog.tables import (
    Alignment,
    AuditEvent,
    Clip,
    ClipReport,
    Person,
    Recording,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Review,
    Speaker,
    Submission,
    Task,
    Transcript,
    Upload,
    VoiceEmbedding,
)


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Happening:
    at: datetime
    actor: str
    action: str
    detail: str


@dataclass(frozen=True, slots=True)
class Life:
    """kind: clip, recording or upload."""

    kind: str
    id: str
    facts: tuple[Fact, ...]
    events: tuple[Happening, ...]


def life_of(session: Session, store: StoreReader, name: str, *, project: str) -> Life | None:
    """By a clip's, recording's or upload's id, a receipt, or a file's name below its source.

    Of several files of one name the one that came last. None where nothing in the project has that name.
    """
    if (clip := session.get(Clip, name)) is not None and clip.project_id == project:
        recording = session.get_one(Recording, clip.recording_id)
        upload = session.get_one(Upload, recording.upload_id)
        facts = (*_of_clip(session, clip, recording), *_of_recording(session, recording), *_of_upload(upload))
        return Life("clip", clip.id, facts, _events(session, store, clip, recording, upload))
    if (found := session.get(Recording, name)) is not None and found.project_id == project:
        upload = session.get_one(Upload, found.upload_id)
        facts = (*_of_recording(session, found), *_clips(session, found), *_of_upload(upload))
        return Life("recording", found.id, facts, _events(session, store, None, found, upload))
    sent = session.scalars(
        select(Upload)
        .where(
            Upload.project_id == project,
            or_(Upload.id == name, Upload.receipt == name.upper(), Upload.name == name),
        )
        .order_by(Upload.received_at.desc(), Upload.id)
        .limit(1)
    ).first()
    if sent is None:
        return None
    became = session.get(Recording, sent.recording_id) if sent.recording_id else None
    if became is None or became.upload_id != sent.id:
        same = () if became is None else (Fact("the same as", became.id),)
        return Life("upload", sent.id, (*_of_upload(sent), *same), _events(session, store, None, None, sent))
    facts = (*_of_upload(sent), *_of_recording(session, became), *_clips(session, became))
    return Life("upload", sent.id, facts, _events(session, store, None, became, sent))


def _of_clip(session: Session, clip: Clip, recording: Recording) -> Iterator[Fact]:
    yield Fact("state", _with_reason(clip.state, clip.reason))
    rate = recording.sample_rate
    yield Fact(
        "interval",
        f"samples {clip.start} to {clip.end} at {rate} Hz: {clip.start / rate:.3f} to {clip.end / rate:.3f} s",
    )
    yield Fact("recipe", clip.recipe_id)
    for measure, value in clip.measures.items():
        yield Fact(measure, f"{value:.4g}" if isinstance(value, float) else str(value))
    for finding in clip.findings:
        yield Fact(
            "finding",
            f"{finding['severity']}: {finding['code']}, {finding['measure']} {finding['value']:.4g}",
        )
    yield from _reports(session, clip)
    task = session.scalars(select(Task).where(Task.clip_id == clip.id)).first()
    if task is not None:
        yield from _of_task(session, task)
    for text in session.scalars(
        select(Transcript).where(Transcript.clip_id == clip.id).order_by(Transcript.version)
    ):
        agreement = "" if text.cer is None else f", CER {text.cer:.3f}"
        words = (
            "(withheld: a reviewer found what must not be published)" if text.withheld_at else text.normalised
        )
        yield Fact(f"accepted text {text.version}", f"{words} (by {text.origin}{agreement})")
    for laid in session.scalars(select(Alignment).where(Alignment.clip_id == clip.id).order_by(Alignment.at)):
        score = "" if laid.score is None else f", score {laid.score:.2f}"
        yield Fact("word times", f"{laid.state}{score}, {len(laid.words)} words, {laid.aligner}")
    for name, version, split, shard in session.execute(
        select(Release.name, Release.version, ReleaseItem.split, ReleaseItem.shard)
        .join(Release, Release.id == ReleaseItem.release_id)
        .where(ReleaseItem.clip_id == clip.id)
        .order_by(Release.created_at)
    ):
        yield Fact("published", f"{name} {version}, {split}, {shard}")


def _reports(session: Session, clip: Clip) -> Iterator[Fact]:
    """Who reported it for what, and what became of it; while one stands, that nobody hears the clip."""
    people = dict(session.execute(select(Person.id, Person.handle)).tuples().all())
    for report in session.scalars(
        select(ClipReport).where(ClipReport.clip_id == clip.id).order_by(ClipReport.opened_at, ClipReport.id)
    ):
        found = ", ".join(sorted({each["kind"] for each in report.found}))
        what = f"{report.kind}{f' ({found} in its text)' if found else ''}"
        if report.state in STANDING:
            waits = "a reviewer" if report.state is ReportState.OPEN else "the next run to mend its sound"
            what += f"; hidden from everybody and held back from versions, waits for {waits}"
        decided = f", {report.decision} by {people[report.decided_by]}" if report.decided_by else ""
        yield Fact(
            f"report by {people.get(report.opened_by, report.opened_by)}", f"{report.state}: {what}{decided}"
        )


def _of_task(session: Session, task: Task) -> Iterator[Fact]:
    yield Fact("task", f"{_with_reason(task.state, task.reason)}; priority {task.priority}: {task.why_now}")
    people = dict(session.execute(select(Person.id, Person.handle)).tuples().all())
    for sent in session.scalars(
        select(Submission).where(Submission.task_id == task.id).order_by(Submission.created_at, Submission.id)
    ):
        yield Fact(
            f"{sent.kind} by {people[sent.person_id]}", f"{sent.verbatim or sent.reason} ({sent.guideline})"
        )
    for review in session.scalars(select(Review).where(Review.task_id == task.id).order_by(Review.at)):
        reasons = f" ({', '.join(review.reasons)})" if review.reasons else ""
        yield Fact(
            f"review by {people[review.reviewer_id]}", f"{review.decision}{reasons} {review.note}".strip()
        )


def _of_recording(session: Session, recording: Recording) -> Iterator[Fact]:
    rate = recording.sample_rate
    form = f"{recording.codec}, {rate} Hz, {recording.channels} channel(s), {recording.samples / rate:.2f} s"
    yield Fact("recording", f"{recording.id}, {_with_reason(recording.state, recording.reason)}")
    yield Fact("original", f"{recording.key}: {form}")
    yield Fact("sound", f"sha256 of the decoded samples {recording.audio_sha256}")
    for finding in recording.findings:
        yield Fact(
            "heard", f"{finding['severity']}: {finding['code']}, {finding['measure']} {finding['value']:.4g}"
        )
    voice = session.get(VoiceEmbedding, recording.upload_id)
    if voice is not None and voice.likeness is not None:
        verdict = "another voice" if voice.is_other else "the same voice"
        yield Fact("voice", f"{voice.likeness:.2f} like the speaker's other recordings: {verdict}")
    for speaker in session.scalars(
        select(Speaker)
        .join(RecordingSpeaker, RecordingSpeaker.speaker_id == Speaker.id)
        .where(RecordingSpeaker.recording_id == recording.id)
        .order_by(Speaker.pseudonym)
    ):
        acts = ", ".join(
            f"{event.kind} {event.at:%Y-%m-%d} ({event.evidence})" for event in history(session, speaker.id)
        )
        yield Fact(f"speaker {speaker.pseudonym}", f"consent: {acts or 'none'}")


def _clips(session: Session, recording: Recording) -> Iterator[Fact]:
    for clip in session.scalars(select(Clip).where(Clip.recording_id == recording.id).order_by(Clip.number)):
        start, end = clip.start / recording.sample_rate, clip.end / recording.sample_rate
        yield Fact(
            f"clip {clip.number}",
            f"{clip.id}: {start:.2f} to {end:.2f} s, {_with_reason(clip.state, clip.reason)}",
        )


def _of_upload(upload: Upload) -> Iterator[Fact]:
    yield Fact("file", upload.name)
    yield Fact("receipt", upload.receipt)
    yield Fact("upload", f"{upload.id}, {_with_reason(upload.state, upload.reason)}")
    if upload.detail:
        yield Fact("detail", upload.detail)
    yield Fact("bytes", f"{upload.size}, sha256 {upload.sha256}")


def _events(
    session: Session, store: StoreReader, clip: Clip | None, recording: Recording | None, upload: Upload
) -> tuple[Happening, ...]:
    subjects = [upload.id]
    if recording is not None:
        subjects.append(recording.id)
    if clip is not None:
        subjects.append(clip.id)
        subjects += session.scalars(select(Task.id).where(Task.clip_id == clip.id)).all()
    people = dict(session.execute(select(Person.id, Person.handle)).tuples().all())
    acts = [each.content for each in _acts(session, store, subjects)]
    return tuple(
        Happening(
            act.at,
            people.get(act.actor, act.actor),
            act.action,
            ", ".join(f"{key}={value}" for key, value in act.detail.items()),
        )
        for act in acts
    )


def _acts(session: Session, store: StoreReader, subjects: Sequence[str]) -> list[LoggedAct]:
    """Of the table and of the store, in the order in which they were done."""
    newer = session.scalars(
        select(AuditEvent).where(
            AuditEvent.subject_id.in_(subjects), AuditEvent.id > archived_through(session)
        )
    )
    acts = [*map(logged, newer), *acts_of_subjects(session, store, subjects)]
    return sorted(acts, key=lambda act: (act.content.at, act.id))


def _with_reason(state: str, reason: str | None) -> str:
    if reason is None:
        return str(state)
    known = REASONS.get(reason)
    return f"{state}: {reason}" + (f" ({known.sentence} {known.mend})" if known else "")
