"""The retention sweep: what a project's rules say is kept long enough goes, and the log says how much."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, String, cast, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog import audit
from catalog.config.retention import Days, Retention
from catalog.database import Catalog
from catalog.erasure.evidence import due_evidence, erase_evidence
from catalog.erasure.objects import versions_of
from catalog.erasure.request import ErasureRequest, ErasureRules
from catalog.erasure.rows import forget_sound
from catalog.keys import clips_prefix
from catalog.legal_hold import in_force, is_held, recording_is_held, upload_is_held
from catalog.outlived_rows import delete_drafts, delete_transfers, ended_transfers, replaced_drafts
from catalog.states import RecordingState, TransferState, UploadState
from catalog.store import ObjectStore
from catalog.tables import (
    AuditEvent,
    Erasure,
    ImportChange,
    LegalHold,
    Recording,
    SignIn,
    Speaker,
    SpeakerPrivate,
    Submission,
    Transfer,
    Upload,
    VoiceEmbedding,
)
from catalog.voices import forget_old_likeness, forget_voice_of

ACTION = "retention.swept"
PAGE = 200
"""Rows, or files, of one transaction."""


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """How many of each went; of a dry run, how many would."""

    names: int = 0
    phones: int = 0
    logs: int = 0
    rejected_files: int = 0
    evidence: int = 0
    voices: int = 0
    transfers: int = 0
    drafts: int = 0

    @property
    def is_empty(self) -> bool:
        return self == RetentionReport()


@dataclass(frozen=True, slots=True)
class _Sweep:
    catalog: Catalog
    store: ObjectStore
    project_id: str
    actor: str
    at: datetime
    dry_run: bool


def sweep_retention(
    catalog: Catalog,
    store: ObjectStore,
    *,
    project_id: str,
    rules: Retention,
    actor: str,
    at: datetime,
    dry_run: bool = False,
) -> RetentionReport:
    """Let go what is older than the project's rules keep it, but for what a legal hold keeps.

    dry_run: count, and change nothing. Else a line in the audit log says how much went, even where it was nothing.
    Safe to stop and run again. Raises StoreError, CatalogUnavailable.
    """
    sweep = _Sweep(catalog, store, project_id, actor, at, dry_run)
    report = RetentionReport()
    steps: tuple[tuple[str, Days, Callable[[_Sweep, datetime], int]], ...] = (
        ("names", rules.names, _forget_names),
        ("phones", rules.phones, _forget_phones),
        ("logs", rules.logs, _drop_logs),
        ("rejected_files", rules.rejected_files, _drop_rejected),
        ("evidence", rules.evidence, _drop_evidence),
        ("voices", rules.voices, _drop_voices),
        ("transfers", rules.transfers, _drop_transfers),
        ("drafts", rules.drafts, _drop_drafts),
    )
    for name, days, step in steps:
        if days != "keep":
            report = replace(report, **{name: step(sweep, at - timedelta(days=days))})
    if not dry_run and not rules.keeps_all:
        with catalog.writing() as session:
            audit.record(
                session,
                at=at,
                actor=actor,
                action=ACTION,
                subject=("project", project_id),
                detail={**asdict(report), "rules": asdict(rules)},
            )
    return report


def was_swept(session: Session, project_id: str, *, since: datetime) -> bool:
    """Whether the project's sweep ran since then."""
    ran = select(AuditEvent.id).where(
        AuditEvent.action == ACTION, AuditEvent.subject_id == project_id, AuditEvent.at >= since
    )
    return session.scalar(ran.limit(1)) is not None


def _forget_names(sweep: _Sweep, before: datetime) -> int:
    there = or_(SpeakerPrivate.name.is_not(None), SpeakerPrivate.guardian.is_not(None))
    of_lists = {"name_before": None, "name_after": None}
    return _forget_private(sweep, before, there, {"name": None, "guardian": None}, of_lists)


def _forget_phones(sweep: _Sweep, before: datetime) -> int:
    of_lists = {"phone_before": None, "phone_after": None}
    return _forget_private(sweep, before, SpeakerPrivate.phone.is_not(None), {"phone": None}, of_lists)


def _forget_private(
    sweep: _Sweep,
    before: datetime,
    there: ColumnElement[bool],
    values: dict[str, None],
    of_lists: dict[str, None],
) -> int:
    """values: of the speaker; of_lists: the same, as a list found and left it"""
    in_lists = exists().where(
        ImportChange.speaker_id == SpeakerPrivate.speaker_id,
        or_(*(getattr(ImportChange, name).is_not(None) for name in of_lists)),
    )
    later = exists(select(Upload.id).where(Upload.speaker_id == Speaker.id, Upload.received_at >= before))
    due = (
        select(SpeakerPrivate.speaker_id)
        .join(Speaker, Speaker.id == SpeakerPrivate.speaker_id)
        .where(
            Speaker.project_id == sweep.project_id,
            Speaker.created_at < before,
            there | in_lists,
            ~later,
            ~is_held(SpeakerPrivate.speaker_id, at=sweep.at),
        )
    )

    def forget(session: Session, ids: list[str]) -> None:
        session.execute(
            update(SpeakerPrivate).where(SpeakerPrivate.speaker_id.in_(ids)).values(**values),
            execution_options={"synchronize_session": False},
        )
        session.execute(
            update(ImportChange).where(ImportChange.speaker_id.in_(ids)).values(**of_lists),
            execution_options={"synchronize_session": False},
        )

    return _page_by_page(sweep, due, SpeakerPrivate.speaker_id, forget)


def _drop_logs(sweep: _Sweep, before: datetime) -> int:
    if _is_whole_project_held(sweep):
        return 0

    def end(session: Session, ids: list[str]) -> None:
        session.execute(delete(SignIn).where(SignIn.id.in_(ids)))

    def blank(session: Session, ids: list[str]) -> None:
        session.execute(
            update(Transfer).where(Transfer.id.in_(ids)).values(details={}),
            execution_options={"synchronize_session": False},
        )

    def silence(session: Session, ids: list[str]) -> None:
        session.execute(
            update(Upload).where(Upload.id.in_(ids)).values(failure=None),
            execution_options={"synchronize_session": False},
        )

    over = or_(SignIn.ended_at < before, SignIn.expires_at < before)
    sign_ins = select(SignIn.id).where(SignIn.project_id == sweep.project_id, over)
    transfers = select(Transfer.id).where(
        Transfer.project_id == sweep.project_id,
        Transfer.state != TransferState.ARRIVING,
        Transfer.created_at < before,
        cast(Transfer.details, String) != "{}",
        ~is_held(Transfer.speaker_id, at=sweep.at),
    )
    failures = select(Upload.id).where(
        Upload.project_id == sweep.project_id,
        Upload.failure.is_not(None),
        Upload.state != UploadState.FAILED,
        Upload.received_at < before,
        ~upload_is_held(at=sweep.at),
    )
    return (
        _page_by_page(sweep, sign_ins, SignIn.id, end)
        + _page_by_page(sweep, transfers, Transfer.id, blank)
        + _page_by_page(sweep, failures, Upload.id, silence)
    )


def _drop_rejected(sweep: _Sweep, before: datetime) -> int:
    def drop_uploads(session: Session, ids: list[str]) -> None:
        rows = session.scalars(select(Upload).where(Upload.id.in_(ids)).with_for_update()).all()
        for row in rows:
            if row.landing_key is not None:
                sweep.store.erase(versions_of(sweep.store, row.landing_key))
                row.landing_key = None
        forget_voice_of(session, ids)

    def drop_recordings(session: Session, ids: list[str]) -> None:
        rows = session.scalars(select(Recording).where(Recording.id.in_(ids)).with_for_update()).all()
        for row in rows:
            sweep.store.erase(list(sweep.store.versions(clips_prefix(row.id))))
            if not _needs_original(session, row):
                sweep.store.erase(versions_of(sweep.store, row.key))
            forget_sound(session, row)
            row.erased_at = sweep.at

    uploads = select(Upload.id).where(
        Upload.project_id == sweep.project_id,
        Upload.state == UploadState.REJECTED,
        Upload.landing_key.is_not(None),
        Upload.erased_at.is_(None),
        Upload.received_at < before,
        ~upload_is_held(at=sweep.at),
    )
    recordings = select(Recording.id).where(
        Recording.project_id == sweep.project_id,
        Recording.state == RecordingState.REJECTED,
        Recording.erased_at.is_(None),
        Recording.created_at < before,
        ~recording_is_held(Recording.id, at=sweep.at),
    )
    return _page_by_page(sweep, uploads, Upload.id, drop_uploads) + _page_by_page(
        sweep, recordings, Recording.id, drop_recordings
    )


def _drop_evidence(sweep: _Sweep, before: datetime) -> int:
    """Of withdrawals older than that. The erasure's own log says which, as for any other object."""
    due = (
        select(Erasure)
        .where(
            Erasure.project_id == sweep.project_id,
            Erasure.requested_at < before,
            ~is_held(Erasure.speaker_id, at=sweep.at),
        )
        .order_by(Erasure.requested_at, Erasure.id)
    )
    with sweep.catalog.reading() as session:
        erasures = session.scalars(due).all()
    count = 0
    for erasure in erasures:
        request = ErasureRequest.of(
            erasure,
            sweep.catalog,
            sweep.store,
            ErasureRules(erases_evidence=True),
            actor=sweep.actor,
            at=sweep.at,
        )
        count += len(due_evidence(request)) if sweep.dry_run else erase_evidence(request)
    return count


def _drop_voices(sweep: _Sweep, before: datetime) -> int:
    due = (
        select(VoiceEmbedding.upload_id)
        .join(Upload, Upload.id == VoiceEmbedding.upload_id)
        .where(
            Upload.project_id == sweep.project_id,
            VoiceEmbedding.made_at < before,
            ~upload_is_held(at=sweep.at),
        )
    )
    if not sweep.dry_run:
        with sweep.catalog.writing() as session:
            forget_old_likeness(session, sweep.project_id, before=before)
    return _page_by_page(sweep, due, VoiceEmbedding.upload_id, forget_voice_of)


def _drop_transfers(sweep: _Sweep, before: datetime) -> int:
    if _is_whole_project_held(sweep):
        return 0
    due = ended_transfers(sweep.project_id, before=before, at=sweep.at)
    return _page_by_page(sweep, due, Transfer.id, delete_transfers)


def _drop_drafts(sweep: _Sweep, before: datetime) -> int:
    if _is_whole_project_held(sweep):
        return 0
    due = replaced_drafts(sweep.project_id, before=before, at=sweep.at)
    return _page_by_page(sweep, due, Submission.id, delete_drafts)


def _page_by_page(
    sweep: _Sweep,
    due: Select[tuple[str]],
    identifier: InstrumentedAttribute[str],
    act: Callable[[Session, list[str]], None],
) -> int:
    """Count what is due, or act on it: a bounded transaction a page."""
    if sweep.dry_run:
        with sweep.catalog.reading() as session:
            return session.scalar(select(func.count()).select_from(due.subquery())) or 0
    count, after = 0, ""
    while True:
        with sweep.catalog.writing() as session:
            ids = list(session.scalars(due.where(identifier > after).order_by(identifier).limit(PAGE)))
            if not ids:
                return count
            act(session, ids)
        count += len(ids)
        after = ids[-1]


def _is_whole_project_held(sweep: _Sweep) -> bool:
    with sweep.catalog.reading() as session:
        held = select(LegalHold.id).where(
            LegalHold.project_id == sweep.project_id, LegalHold.speaker_id.is_(None), in_force(sweep.at)
        )
        return session.scalar(held.limit(1)) is not None


def _needs_original(session: Session, recording: Recording) -> bool:
    """Whether another project's recording is the same bytes."""
    other = select(Recording.id).where(
        Recording.key == recording.key, Recording.id != recording.id, Recording.erased_at.is_(None)
    )
    return session.scalar(other.limit(1)) is not None
