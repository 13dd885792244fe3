"""Received files to recordings: decoded once, known by bytes and by sound, or rejected with the reason."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path, PurePosixPath

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audio.examine import Examined, examine
from audio.sandbox import Sandbox
from catalog import audit
from catalog.audit_archive.still_asked import FILE_REJECTED
from catalog.consent import ConsentScope
from catalog.erasure.late import LATE_REASON, erase_late, erasure_of_late
from catalog.erasure.request import ErasureRequest, ErasureRules
from catalog.failures import fail, upload_waits
from catalog.ids import content_id
from catalog.keys import recording_key
from catalog.states import RecordingState, UploadState, moved
from catalog.tables import Recording, RecordingSpeaker, Speaker, Upload
from catalog.turns import Turn, take_turn
from flows.steps.batches import BYTES_A_SECOND, Batch, batches, refuse_unknown
from flows.steps.in_sandbox import Cause, FailedItem, ItemFailure, each_in_sandbox
from flows.steps.ingest_duplicates import Duplicate, duplicate_of, keep_fingerprint, newest_fingerprint
from flows.steps.scratch import scratch_folder
from flows.workspace import Workspace

ACTOR = "flow:ingest"
# Of two copies the one whose name has no " (1)" counts.
_SHORTER_NAMES_FIRST = (func.length(Upload.name), Upload.name, Upload.id)
_WAITING = (UploadState.RECEIVED, UploadState.FAILED)


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of one batch of uploads.

    accepted_seconds: of sound in the recordings that were accepted
    rejected:         reason code of each file turned away
    failed:           files that nobody could look at: set aside, or left for the next run
    """

    accepted: int
    accepted_seconds: float
    rejected: tuple[str, ...]
    failed: tuple[FailedItem, ...] = ()


def waiting_uploads(workspace: Workspace) -> tuple[Batch, ...]:
    """Files received and not looked at, whose speaker consents, in order of arrival."""
    with workspace.catalog.writing() as session:
        _say_who_waits_for_consent(session, workspace.project.name)
        rows = session.execute(
            select(Upload.id, Upload.size)
            .join(Speaker, Speaker.id == Upload.speaker_id)
            .where(
                Upload.project_id == workspace.project.name,
                upload_waits(workspace.version),
                Upload.consent_round == Speaker.consent_round,
                Speaker.consent_scopes.like(f"% {ConsentScope.TRANSCRIPTION} %"),
                ~Speaker.guardian_yes_due,
            )
            .order_by(*_SHORTER_NAMES_FIRST)
        ).all()
    return batches(((row.id, row.size / BYTES_A_SECOND) for row in rows), workspace.batch_size)


def ingest_batch(
    workspace: Workspace, batch: Batch, progress: Callable[[int, int, str], None] | None = None
) -> IngestReport:
    """Look at each upload of a batch and settle it; those settled before are passed over.

    Settled in the order of the batch, so that of two copies it is always the same one that counts.
    Raises StoreUnavailable, StoreFull, CatalogUnavailable: the rest of the batch then waits for the next try;
    UnknownBatch.
    """
    with workspace.catalog.reading() as session:
        refuse_unknown(session, Upload.id, batch)
        waiting = session.scalars(
            select(Upload)
            .where(Upload.id.in_(batch.ids), upload_waits(workspace.version))
            .order_by(*_SHORTER_NAMES_FIRST)
        ).all()
    rejected: list[str] = []
    accepted_seconds: list[float] = []
    failed: list[FailedItem] = []
    with (
        scratch_folder(workspace.scratch, f"ingest-{content_id('batch', *batch.ids)}") as folder,
        Sandbox(workspace.workers, workspace.limits, temp=folder) as sandbox,
    ):
        looked_at = each_in_sandbox(
            sandbox,
            {folder / upload.id: upload for upload in waiting},
            partial(examine, limits=workspace.limits),
            fetch=lambda path: _fetch(workspace, path),
            settle=lambda upload, found: _settle(workspace, folder / upload.id, upload, found),
            tidy=lambda path: path.unlink(missing_ok=True),
        )
        for done, (upload, outcome) in enumerate(looked_at, start=1):
            if isinstance(outcome, str):
                rejected.append(outcome)
            elif isinstance(outcome, FailedItem):
                failed.append(outcome)
            elif outcome is not None:
                accepted_seconds.append(outcome)
            if progress:
                progress(done, len(waiting), upload.name)
    return IngestReport(len(accepted_seconds), sum(accepted_seconds), tuple(rejected), tuple(failed))


def _fetch(workspace: Workspace, path: Path) -> None:
    """The bytes of an upload to `path`, whose name is its id."""
    with workspace.catalog.reading() as session:
        upload = session.get_one(Upload, path.name)
    workspace.store.fetch(str(upload.landing_key), path, sha256=upload.sha256)


def _settle(
    workspace: Workspace, path: Path, upload: Upload, found: Examined | ItemFailure
) -> str | float | FailedItem | None:
    """Move the original to its place and record what it is.

    Returns the reason it was rejected for, or its seconds, or how it failed; None where another worker has settled it.
    """
    if isinstance(found, ItemFailure):
        return _settle_failure(workspace, path, upload, found)
    if upload.language not in workspace.languages:
        spoken = f"{upload.language!r}" if upload.language else "nothing"
        collected = ", ".join(sorted(workspace.languages))
        return _reject(
            workspace, upload, "unknown_language", f"said: {spoken}; the project collects: {collected}"
        )
    if _came_late(workspace, upload, found):
        return LATE_REASON
    with workspace.catalog.reading() as session:
        newest = newest_fingerprint(session)
        duplicate = duplicate_of(session, upload, found)
    if duplicate is not None and duplicate.whole:
        return _repeat(workspace, upload, duplicate)
    key = recording_key(upload.sha256, _extension(upload.name, found.info.container))
    workspace.store.put_file(key, path, sha256=upload.sha256)
    with workspace.catalog.writing() as session:
        take_turn(session, Turn.ACCEPTANCE)
        row = _still_waiting(session, upload)
        if newest_fingerprint(session) != newest:  # another worker accepted a recording meanwhile
            duplicate = duplicate_of(session, upload, found)
        repeated = duplicate if duplicate is not None and duplicate.whole else None
        if row is not None and repeated is None:
            _accept(session, workspace, row, found, key, duplicate)
    if (
        row is None or repeated is not None
    ):  # settled, taken back or held in another file while it was put there
        _drop_unneeded(workspace, key)
        return None if row is None or repeated is None else _repeat(workspace, upload, repeated)
    if not workspace.store.exists(key):  # another project's recording of these bytes was just erased
        workspace.store.put_file(key, path, sha256=upload.sha256)
    if upload.landing_key:
        workspace.store.delete(upload.landing_key)
    return found.summary.samples / found.info.sample_rate


def _repeat(workspace: Workspace, upload: Upload, duplicate: Duplicate) -> str | None:
    """Nothing new is in it: rejected, unless what it repeats is about to be erased: then it waits for that."""
    if duplicate.leaves:
        return None
    return _reject(workspace, upload, duplicate.reason, duplicate.detail, duplicate.recording_id)


def _settle_failure(
    workspace: Workspace, path: Path, upload: Upload, failure: ItemFailure
) -> str | FailedItem | None:
    """What the file itself is guilty of rejects it; the rest is set aside, or waits for the next run."""
    if failure.cause is Cause.THE_FILE:
        # the message speaks of the file in our scratch folder
        message = failure.message.replace(repr(path.name), repr(upload.name))
        return _reject(workspace, upload, failure.code, message)
    with workspace.catalog.writing() as session:
        row = _still_waiting(session, upload)
        if row is None:
            return None
        if failure.cause is Cause.UNFORESEEN:
            fail(
                session,
                row,
                failure.code,
                failure.detail,
                version=workspace.version,
                actor=ACTOR,
                at=workspace.now(),
            )
    return FailedItem(upload.name, failure.code, failure.detail)


def _accept(
    session: Session,
    workspace: Workspace,
    upload: Upload,
    found: Examined,
    key: str,
    partly: Duplicate | None,
) -> None:
    """partly: a recording that holds a part of this one already; a person should look, so it is said beside it"""
    now = workspace.now()
    recording_id = content_id("recording", upload.project_id, upload.sha256)
    if session.get(Recording, recording_id) is not None:  # erased before, and now sent again with a new yes
        recording_id = content_id("recording", upload.project_id, upload.sha256, upload.id)
    recording = Recording(
        id=recording_id,
        project_id=upload.project_id,
        upload_id=upload.id,
        sha256=upload.sha256,
        audio_sha256=found.sound_sha256,
        key=key,
        language=str(upload.language),
        codec=found.info.codec,
        sample_rate=found.info.sample_rate,
        channels=found.info.channels,
        samples=found.summary.samples,
        device=found.info.origin.device,
        recorded_on=_recording_day(found.info.origin.recorded_on, upload.received_at),
        state=RecordingState.ACCEPTED,
        findings=[],
        created_at=now,
    )
    session.add(recording)
    session.flush()
    session.add(
        RecordingSpeaker(
            recording_id=recording.id,
            speaker_id=str(upload.speaker_id),
            consent_round=upload.consent_round,
        )
    )
    upload.state = moved(upload.state, UploadState.INGESTED)
    keep_fingerprint(session, recording, found.fingerprint)
    upload.reason = partly.reason if partly else None
    upload.detail = partly.detail if partly else None
    upload.recording_id = recording.id
    audit.record(session, at=now, actor=ACTOR, action="upload.ingested", subject=("upload", upload.id))


def _recording_day(said: str | None, received_at: datetime) -> date | None:
    """The day that the device wrote down; none where its clock was ahead of ours (by more than a time zone)."""
    day = date.fromisoformat(said) if said else None
    return day if day and day <= received_at.date() + timedelta(days=1) else None


def _came_late(workspace: Workspace, upload: Upload, found: Examined) -> bool:
    """Whether it sounds as an original that was erased, whose speaker has not said yes since; then it is erased."""
    with workspace.catalog.reading() as session:
        erasure = erasure_of_late(
            session,
            project_id=upload.project_id,
            speaker=session.get(Speaker, upload.speaker_id),
            sha256=upload.sha256,
            audio_sha256=found.sound_sha256,
        )
    if erasure is None:
        return False
    now = workspace.now()
    erase_late(
        ErasureRequest.of(erasure, workspace.catalog, workspace.store, ErasureRules(), actor=ACTOR, at=now),
        upload.id,
    )
    return True


def _drop_unneeded(workspace: Workspace, key: str) -> None:
    """An original that was put in its place and belongs to no recording in use."""
    with workspace.catalog.writing() as session:
        used = session.scalar(
            select(Recording.id).where(Recording.key == key, Recording.state != RecordingState.WITHDRAWN)
        )
        if used is None:
            workspace.store.delete(key)


def _reject(
    workspace: Workspace, upload: Upload, reason: str, detail: str, repeats: str | None = None
) -> str | None:
    """repeats: the recording that it is a copy of"""
    with workspace.catalog.writing() as session:
        row = _still_waiting(session, upload)
        if row is None:
            return None
        row.state = moved(row.state, UploadState.REJECTED)
        row.reason = reason
        row.detail = detail
        row.recording_id = repeats
        audit.record(
            session,
            at=workspace.now(),
            actor=ACTOR,
            action=FILE_REJECTED,
            subject=("upload", upload.id),
            detail={"reason": reason},
        )
    return reason


def _still_waiting(session: Session, upload: Upload) -> Upload | None:
    """The row, locked; None where another worker has settled it, or its speaker has taken the consent back."""
    # the speaker first, as a withdrawal does, so that neither waits for the other for ever
    speaker = session.get_one(Speaker, upload.speaker_id, with_for_update={"read": True})
    row = session.get_one(Upload, upload.id, with_for_update=True)
    return row if row.state in _WAITING and row.consent_round == speaker.consent_round else None


def _say_who_waits_for_consent(session: Session, project_id: str) -> None:
    """Pending for want of consent is a reason that a coordinator can read, and that goes once consent is there."""
    consents = Speaker.consent_scopes.like(f"% {ConsentScope.TRANSCRIPTION} %") & ~Speaker.guardian_yes_due
    for upload, speaker, given in session.execute(
        select(Upload, Speaker.pseudonym, consents)
        .join(Speaker, Speaker.id == Upload.speaker_id)
        .where(
            Upload.project_id == project_id,
            Upload.state == UploadState.RECEIVED,
            Upload.consent_round == Speaker.consent_round,
        )
    ):
        upload.reason = None if given else "no_consent"
        upload.detail = None if given else f"speaker {speaker}"


def _extension(name: str, container: str) -> str:
    """The sender's ending where it is a plain one, for people who fetch the original; else the container's name."""
    ending = PurePosixPath(name).suffix.lstrip(".").lower()
    return ending if ending.isascii() and ending.isalnum() and len(ending) <= 5 else container
