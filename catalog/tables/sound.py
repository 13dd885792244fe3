"""What was received, the originals, and the clips cut from them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import ClipState, RecordingState, TransferPurpose, TransferState, UploadState
from catalog.tables.base import Base, stored_enum


class Upload(Base):
    """An upload: a file as somebody sent it: its receipt, and the end it came to."""

    __tablename__ = "upload"
    __table_args__ = (
        UniqueConstraint("project_id", "name", "sha256"),
        Index("ix_upload_state", "project_id", "state"),
        Index("ix_upload_speaker", "speaker_id", "id"),
        # lists of files, newest first, page by page
        Index("ix_upload_received", "project_id", "received_at", "id"),
        # what one coordinator sent, newest first
        Index("ix_upload_sent_by", "sent_by", "received_at", "id"),
        Index("ix_upload_receipt", "project_id", "receipt"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    receipt: Mapped[str]
    """Short code a coordinator can read out, such as 7QK-21."""
    landing_key: Mapped[str | None]
    """Where the bytes lie until ingest has moved them; None for a file that could not be read at all."""
    language: Mapped[str | None]
    speaker_id: Mapped[str | None] = mapped_column(ForeignKey("speaker.id"))
    sent_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[UploadState] = mapped_column(stored_enum(UploadState))
    reason: Mapped[str | None]
    detail: Mapped[str | None]
    """What a person should know beside the reason: the measure that decided, the error, the duplicate's name."""
    failure: Mapped[str | None]
    """What the machine said where the cause is unknown: for operators, shown to nobody else."""
    failed_by: Mapped[str | None]
    """The version of the code that failed: only a later one tries again; None where somebody asked for it."""
    recording_id: Mapped[str | None] = mapped_column(index=True)
    """The recording this file became; for a duplicate, the one it repeats."""
    consent_round: Mapped[int] = mapped_column(default=0, server_default="0")
    """The round of its speaker's consent that it came in (`Speaker.consent_round`)."""
    erased_at: Mapped[datetime | None]
    """When its bytes, name and remarks were destroyed after a withdrawal."""
    prompt: Mapped[str | None]
    """What the speaker was asked, as set/prompt of configs/prompts; None for a file brought along."""
    received_at: Mapped[datetime]


class Transfer(Base):
    """A transfer: an upload on its way over a bad link: how many of its bytes are durable here."""

    __tablename__ = "transfer"
    __table_args__ = (
        Index("ix_transfer_person", "person_id", "created_at"),
        Index("ix_transfer_speaker", "speaker_id", "id"),
        Index("ix_transfer_created", "project_id", "created_at"),
        # the few that are on their way, of all that ever came
        Index(
            "ix_transfer_live",
            "person_id",
            sqlite_where=text("state = 'arriving'"),
            postgresql_where=text("state = 'arriving'"),
        ),
        CheckConstraint('"offset" >= 0 AND "offset" <= length', name="within_its_length"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[TransferPurpose] = mapped_column(stored_enum(TransferPurpose))
    length: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger)
    """Bytes written, flushed to the disk and counted: nothing behind it is trusted."""
    details: Mapped[dict[str, str]] = mapped_column(JSON)
    """Upload-Metadata as it was sent, to be sent back."""
    lock_token: Mapped[int] = mapped_column(default=0)
    """Grows with every request that writes; one with an older token may not commit any more."""
    locked_until: Mapped[datetime | None]
    state: Mapped[TransferState] = mapped_column(stored_enum(TransferState))
    upload_id: Mapped[str | None] = mapped_column(ForeignKey("upload.id"))
    """What it became, once whole: its receipt stands there."""
    evidence_key: Mapped[str | None]
    """Where a spoken or photographed consent was kept, once whole."""
    speaker_id: Mapped[str | None] = mapped_column(ForeignKey("speaker.id"))
    """Whose voice it brings, where the sender named a speaker that the project knows."""
    consent_round: Mapped[int] = mapped_column(default=0, server_default="0")
    """The round of that speaker's consent in which it began."""
    erased_at: Mapped[datetime | None]
    """When the bytes of it that came, and what its sender wrote of it, were destroyed after a withdrawal."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Verdict(Base):
    """A verdict: what was heard at once, while the speaker is still there; ingest has the last word."""

    __tablename__ = "verdict"

    upload_id: Mapped[str] = mapped_column(ForeignKey("upload.id"), primary_key=True)
    usable: Mapped[bool]
    seconds: Mapped[float | None]
    """Length of the recording; None where it can't be decoded."""
    reasons: Mapped[list[str]] = mapped_column(JSON)
    """Codes of catalog.reasons, the gravest first."""
    measures: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]


class SourceObject(Base):
    """A source object: a file of a folder or bucket as it was when it was taken in, so that it is read once."""

    __tablename__ = "source_object"

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    """The folder's path, or s3://bucket/prefix."""
    name_sha256: Mapped[str] = mapped_column(primary_key=True)
    """Of its name below the source, which may say whose voice it is."""
    size: Mapped[int] = mapped_column(BigInteger)
    stamp: Mapped[str]
    """What changes whenever its content does: S3's ETag, a file's times."""
    note: Mapped[str]
    """A digest of what the lists beside it said of it."""
    upload_id: Mapped[str] = mapped_column(ForeignKey("upload.id"))


class VerdictDue(Base):
    """An upload that nobody has listened to yet. Its row comes with the upload and goes with the verdict."""

    __tablename__ = "verdict_due"
    __table_args__ = (Index("ix_verdict_due_at", "due_at"),)

    upload_id: Mapped[str] = mapped_column(ForeignKey("upload.id"), primary_key=True)
    due_at: Mapped[datetime]
    """When it is tried, or tried again."""
    tries: Mapped[int]
    """That failed for a reason that may be none of the file's."""
    detail: Mapped[str | None]
    """Why the last one failed, for operators."""


class Recording(Base):
    """A recording: an original, never changed: known by its bytes, its sound by the hash of the decoded samples."""

    __tablename__ = "recording"
    __table_args__ = (
        UniqueConstraint("project_id", "sha256"),
        UniqueConstraint("project_id", "audio_sha256"),
        Index("ix_recording_state", "project_id", "state"),
        # whether another recording needs the same original
        Index("ix_recording_key", "key"),
        CheckConstraint("samples > 0", name="has_sound"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    upload_id: Mapped[str] = mapped_column(ForeignKey("upload.id"), unique=True)
    sha256: Mapped[str]
    audio_sha256: Mapped[str]
    key: Mapped[str]
    language: Mapped[str]
    codec: Mapped[str]
    sample_rate: Mapped[int]
    channels: Mapped[int]
    samples: Mapped[int] = mapped_column(BigInteger)
    """Length in samples of the original's time line."""
    device: Mapped[str | None]
    """That made it, as the file says."""
    recorded_on: Mapped[date | None]
    """By the device's own clock; None where the file says nothing, or what can't be."""
    state: Mapped[RecordingState] = mapped_column(stored_enum(RecordingState))
    reason: Mapped[str | None]
    detail: Mapped[str | None]
    failure: Mapped[str | None]
    """What the machine said where the cause is unknown: for operators, shown to nobody else."""
    failed_by: Mapped[str | None]
    """The version of the code that failed: only a later one tries again; None where somebody asked for it."""
    recipe_id: Mapped[str | None]
    """The recipe that cut it; None before."""
    clips_cut: Mapped[int | None]
    """How many clips that cut made: what the balance is checked against."""
    measures: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    erased_at: Mapped[datetime | None]
    """When its sound was destroyed after a withdrawal."""
    created_at: Mapped[datetime]


class RecordingFingerprint(Base):
    """A fingerprint: how a recording sounds, so that a copy in other clothes is found; of no use for listening."""

    __tablename__ = "sound_print"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id"), unique=True)
    words: Mapped[bytes]
    """125 bytes a second; with `levels` an `audio.fingerprint.Fingerprint`."""
    levels: Mapped[bytes]


class SoundLandmark(Base):
    """A landmark: one of the words by which a fingerprint is looked up: the key is the index, and all there is."""

    __tablename__ = "sound_landmark"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  (SQLAlchemy's own convention)

    project: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """A number for the project, by its name: a key that stands here a hundred times a recording is kept short."""
    word: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    print_id: Mapped[int] = mapped_column(ForeignKey("sound_print.id"), primary_key=True)


class RecordingSpeaker(Base):
    """Every voice in a recording: it is usable only while all of them consent."""

    __tablename__ = "recording_speaker"
    __table_args__ = (Index("ix_recording_speaker_speaker", "speaker_id", "recording_id"),)

    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id"), primary_key=True)
    speaker_id: Mapped[str] = mapped_column(ForeignKey("speaker.id"), primary_key=True)
    consent_round: Mapped[int] = mapped_column(default=0, server_default="0")
    """The round of this voice's consent that the recording was given in."""


class Clip(Base):
    """A clip: an interval of a recording, in whole samples of the original's time line, and its renditions."""

    __tablename__ = "clip"
    __table_args__ = (
        UniqueConstraint("recording_id", "recipe_id", "start", "end"),
        Index("ix_clip_state", "project_id", "state"),
        # the clips of a recording, page by page, however many they are
        Index("ix_clip_recording", "recording_id", "id"),
        # lists of clips, by time or by length, page by page
        Index("ix_clip_created", "project_id", "created_at", "id"),
        Index("ix_clip_seconds", "project_id", "seconds", "id"),
        CheckConstraint('"start" >= 0 AND "start" < "end"', name="is_a_span"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id"))
    recipe_id: Mapped[str]
    language: Mapped[str]
    number: Mapped[int]
    """Order within its recording, from 0."""
    start: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float]
    """Length of the cut at 16 kHz, for sums and pay; the truth is start and end."""
    state: Mapped[ClipState] = mapped_column(stored_enum(ClipState))
    reason: Mapped[str | None]
    measures: Mapped[dict[str, Any]] = mapped_column(JSON)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    cut_key: Mapped[str]
    cut_sha256: Mapped[str]
    clean_key: Mapped[str]
    clean_sha256: Mapped[str]
    preview_key: Mapped[str]
    peaks_key: Mapped[str]
    created_at: Mapped[datetime]
