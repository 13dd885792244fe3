"""What the catalogue and the store say a project received and what became of it: gathered on disk, joined there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from catalog.audit_archive.still_asked import FILE_RECEIVED
from catalog.scratch_database import ScratchDatabase
from catalog.states import ClipState, RecordingState, ReleaseState, TaskState, UploadState
from catalog.store import ObjectStore
from catalog.tables import (
    AuditEvent,
    Clip,
    Recording,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Task,
    Transcript,
    Upload,
)

AT_A_TIME = 5_000
"""Rows of the catalogue's answer that are held: on PostgreSQL a cursor of the server's."""
IN_USE = (ClipState.CUT, ClipState.WAITING, ClipState.ACCEPTED)
"""Clips that need their sound."""
_TABLES = """
CREATE TABLE receipts (id TEXT PRIMARY KEY, size);
CREATE TABLE uploads (id TEXT, size, landing_key, state, reason, recording_id);
CREATE TABLE recordings
    (id TEXT, upload_id, key, state, reason, recipe_id, clips_cut, samples, sample_rate);
CREATE TABLE clips (id TEXT, recording_id, recipe_id, number, seconds, state, reason, cut_key);
CREATE TABLE published (clip_id TEXT);
CREATE TABLE voiced (recording_id TEXT);
CREATE TABLE tasks (clip_id TEXT, state);
CREATE TABLE texts (clip_id TEXT);
CREATE TABLE objects (key TEXT PRIMARY KEY, size) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX uploads_by_id ON uploads (id);
CREATE INDEX recordings_by_id ON recordings (id);
CREATE INDEX clips_by_id ON clips (id);
CREATE INDEX clips_of_recording ON clips (recording_id, recipe_id, number);
CREATE INDEX published_clips ON published (clip_id);
CREATE INDEX voiced_recordings ON voiced (recording_id);
CREATE INDEX tasks_of_clip ON tasks (clip_id);
CREATE INDEX texts_of_clip ON texts (clip_id);
"""


@dataclass(frozen=True, slots=True)
class UploadAccount:
    """has_receipt: in the audit log; received: bytes by it, None where they were not written down

    end: state and reason of the recording that it became, and its samples and rate; None without one
    """

    id: str
    size: int
    landing_key: str | None
    state: UploadState
    reason: str | None
    recording_id: str | None
    has_receipt: bool
    received: int | None
    end: tuple[RecordingState, str | None] | None
    seconds: float


@dataclass(frozen=True, slots=True)
class RecordingAccount:
    """stored: bytes of its object, None without one; sent: state, recording and size of its upload, None without one

    inside, outside: how many of its recipe's clips have a number that cutting gave, and how many another one
    """

    id: str
    upload_id: str
    key: str
    state: RecordingState
    reason: str | None
    recipe_id: str | None
    clips_cut: int | None
    stored: int | None
    sent: tuple[UploadState, str | None, int] | None
    has_speaker: bool
    inside: int
    outside: int


@dataclass(frozen=True, slots=True)
class ClipAccount:
    """recording: its recipe and state, None without a row"""

    id: str
    recording_id: str
    recipe_id: str
    seconds: float
    state: ClipState
    reason: str | None
    cut_key: str
    recording: tuple[str | None, RecordingState] | None
    task: TaskState | None
    has_text: bool
    has_sound: bool
    is_published: bool


class Accounts:
    """Every account of one project. Each is read in the order of ids, by code points whatever the catalogue is."""

    def __init__(self, session: Session, store: ObjectStore, project_id: str) -> None:
        self._database = ScratchDatabase(_TABLES)
        for table, query in _queries(project_id).items():
            self._fill(table, session.execute(query.execution_options(yield_per=AT_A_TIME)))
        self._fill("receipts", _receipts(session, project_id), "OR REPLACE")
        self._fill("objects", ((each.key, each.size) for each in store.list("recordings/")))
        marks = ", ".join("?" for _ in IN_USE)
        if self._database.one(f"SELECT 1 FROM clips WHERE state IN ({marks})", IN_USE):  # noqa: S608 (marks)
            sounds = ((each.key, each.size) for each in store.list("clips/") if each.size)
            self._fill("objects", sounds)
        self._database.run_all(_INDEXES)

    def uploads(self) -> Iterator[UploadAccount]:
        rows = self._database.each(
            "SELECT u.*, r.id IS NOT NULL, r.size, rec.state, rec.reason, rec.samples, rec.sample_rate "
            "FROM uploads u LEFT JOIN receipts r ON r.id = u.id "
            "LEFT JOIN recordings rec ON rec.id = u.recording_id ORDER BY u.id"
        )
        for identifier, size, landing, state, reason, recording, has_receipt, received, *end in rows:
            became = None if end[0] is None else (RecordingState(end[0]), end[1])
            yield UploadAccount(
                *(
                    identifier,
                    size,
                    landing,
                    UploadState(state),
                    reason,
                    recording,
                    bool(has_receipt),
                    received,
                ),
                became,
                end[2] / end[3] if became else 0.0,
            )

    def lost_uploads(self) -> Iterator[str]:
        """Ids of receipts whose upload has no row."""
        return self._ids(
            "SELECT r.id FROM receipts r LEFT JOIN uploads u ON u.id = r.id WHERE u.id IS NULL ORDER BY r.id"
        )

    def received(self) -> tuple[int, int]:
        """How many receipts there are, and their bytes."""
        count, size = self._database.one("SELECT count(*), coalesce(sum(size), 0) FROM receipts")
        return count, size

    def recordings(self) -> Iterator[RecordingAccount]:
        own = "FROM clips c WHERE c.recording_id = r.id AND c.recipe_id = r.recipe_id AND"
        is_inside = "c.number >= 0 AND c.number < r.clips_cut"
        rows = self._database.each(
            "SELECT r.id, r.upload_id, r.key, r.state, r.reason, r.recipe_id, r.clips_cut, o.size, "  # noqa: S608 (our names)
            "u.state, u.recording_id, u.size, EXISTS (SELECT 1 FROM voiced v WHERE v.recording_id = r.id), "
            f"(SELECT count(DISTINCT c.number) {own} {is_inside}), (SELECT count(*) {own} NOT ({is_inside})) "
            "FROM recordings r LEFT JOIN objects o ON o.key = r.key "
            "LEFT JOIN uploads u ON u.id = r.upload_id ORDER BY r.id"
        )
        for identifier, upload, key, state, *more in rows:
            reason, recipe, cut, stored, sent, became, size, has_speaker, inside, outside = more
            yield RecordingAccount(
                *(identifier, upload, key, RecordingState(state), reason, recipe, cut, stored),
                None if sent is None else (UploadState(sent), became, size),
                *(bool(has_speaker), inside, outside),
            )

    def recorded_seconds(self) -> float:
        """Of all recordings, added up in the order of their ids."""
        rows = self._database.each("SELECT samples, sample_rate FROM recordings ORDER BY id")
        return float(sum(samples / rate for samples, rate in rows))

    def clips_cut(self) -> int:
        """What cutting said it made."""
        (count,) = self._database.one("SELECT coalesce(sum(clips_cut), 0) FROM recordings")
        return int(count)

    def numbers(self, recording: RecordingAccount) -> frozenset[int]:
        """Of the clips that its recipe cut from it."""
        rows = self._database.some(
            "SELECT number FROM clips WHERE recording_id = ? AND recipe_id = ?",
            (recording.id, recording.recipe_id),
        )
        return frozenset(number for (number,) in rows)

    def clips(self) -> Iterator[ClipAccount]:
        rows = self._database.each(
            "SELECT c.id, c.recording_id, c.recipe_id, c.seconds, c.state, c.reason, c.cut_key, "
            "r.id, r.recipe_id, r.state, t.state, EXISTS (SELECT 1 FROM texts x WHERE x.clip_id = c.id), "
            "o.key IS NOT NULL, EXISTS (SELECT 1 FROM published p WHERE p.clip_id = c.id) "
            "FROM clips c LEFT JOIN recordings r ON r.id = c.recording_id "
            "LEFT JOIN tasks t ON t.clip_id = c.id LEFT JOIN objects o ON o.key = c.cut_key ORDER BY c.id"
        )
        for identifier, recording, recipe, seconds, state, reason, key, *more in rows:
            there, its_recipe, its_state, task, has_text, has_sound, is_published = more
            yield ClipAccount(
                *(identifier, recording, recipe, seconds, ClipState(state), reason, key),
                None if there is None else (its_recipe, RecordingState(its_state)),
                None if task is None else TaskState(task),
                *(bool(has_text), bool(has_sound), bool(is_published)),
            )

    def tasks_without_clip(self) -> Iterator[str]:
        return self._ids(
            "SELECT t.clip_id FROM tasks t LEFT JOIN clips c ON c.id = t.clip_id WHERE c.id IS NULL "
            "ORDER BY t.clip_id"
        )

    def _ids(self, question: str) -> Iterator[str]:
        return (identifier for (identifier,) in self._database.each(question))

    def _fill(self, table: str, rows: Iterable[Sequence[Any]], otherwise: str = "") -> None:
        (columns,) = self._database.one("SELECT count(*) FROM pragma_table_info(?)", (table,))
        marks = ", ".join("?" * columns)
        self._database.insert(f"INSERT {otherwise} INTO {table} VALUES ({marks})", map(tuple, rows))  # noqa: S608 (our names)


def _queries(project_id: str) -> dict[str, Select[Any]]:
    """By table, what fills it from the catalogue; in the order of ids, which the scratch tables keep best."""
    return {
        "uploads": select(
            *(Upload.id, Upload.size, Upload.landing_key, Upload.state, Upload.reason, Upload.recording_id)
        )
        .where(Upload.project_id == project_id)
        .order_by(Upload.id),
        "recordings": select(
            *(Recording.id, Recording.upload_id, Recording.key, Recording.state, Recording.reason),
            *(Recording.recipe_id, Recording.clips_cut, Recording.samples, Recording.sample_rate),
        )
        .where(Recording.project_id == project_id)
        .order_by(Recording.id),
        "clips": select(
            *(Clip.id, Clip.recording_id, Clip.recipe_id, Clip.number, Clip.seconds),
            *(Clip.state, Clip.reason, Clip.cut_key),
        )
        .where(Clip.project_id == project_id)
        .order_by(Clip.id),
        "published": select(ReleaseItem.clip_id)
        .join(Release, Release.id == ReleaseItem.release_id)
        .where(
            Release.project_id == project_id,
            Release.state != ReleaseState.BUILDING,
            ReleaseItem.erased_at.is_(None),
        )
        .distinct(),
        "voiced": select(RecordingSpeaker.recording_id)
        .join(Recording, Recording.id == RecordingSpeaker.recording_id)
        .where(Recording.project_id == project_id)
        .distinct(),
        "tasks": select(Task.clip_id, Task.state).where(Task.project_id == project_id).order_by(Task.clip_id),
        "texts": select(Transcript.clip_id)
        .join(Clip, Clip.id == Transcript.clip_id)
        .where(Clip.project_id == project_id)
        .distinct(),
    }


def _receipts(session: Session, project_id: str) -> Iterator[tuple[str, int | None]]:
    """What the audit log says was received; an event of unknown project counts where its upload does."""
    events = session.execute(
        select(AuditEvent.subject_id, AuditEvent.detail, Upload.project_id)
        .outerjoin(Upload, Upload.id == AuditEvent.subject_id)
        .where(AuditEvent.subject_kind == "upload", AuditEvent.action == FILE_RECEIVED)
        .order_by(AuditEvent.id)
        .execution_options(yield_per=AT_A_TIME)
    )
    for identifier, detail, of in events:
        if detail.get("project", project_id) == project_id and of in (None, project_id):
            yield identifier, detail.get("size")
