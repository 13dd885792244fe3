"""What was destroyed after withdrawals: one erasure a withdrawal, each object it reached; never a word or a name."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base


class Erasure(Base):
    """An erasure: everything that came in with one voice up to one withdrawal is destroyed."""

    __tablename__ = "erasure"
    __table_args__ = (
        UniqueConstraint("speaker_id", "round"),
        Index("ix_erasure_open", "project_id", "finished_at"),
        Index("ix_erasure_requested", "project_id", "requested_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    speaker_id: Mapped[str] = mapped_column(ForeignKey("speaker.id"))
    round: Mapped[int]
    """`Speaker.consent_round` after the withdrawal: what was given in earlier rounds is destroyed."""
    consent_event_id: Mapped[str] = mapped_column(ForeignKey("consent_event.id"))
    """The withdrawal that asked for it."""
    requested_at: Mapped[datetime]
    requested_by: Mapped[str]
    finished_at: Mapped[datetime | None]
    """When all of it was destroyed the last time; None while some is left: what comes late opens it again."""


class ErasedObject(Base):
    """An erased object: one version of one object, written down before it is destroyed, so that none goes unsaid."""

    __tablename__ = "erased_object"
    __table_args__ = (
        Index("ix_erased_object_sha256", "sha256"),
        Index("ix_erased_object_audio_sha256", "audio_sha256"),
        # said to be gone subject by subject, however many objects one voice has
        Index("ix_erased_object_subject", "erasure_id", "subject_id"),
    )

    erasure_id: Mapped[str] = mapped_column(ForeignKey("erasure.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    """In the store; `partial/<transfer>` for a file that was on its way on the portal's own disk."""
    version: Mapped[str] = mapped_column(primary_key=True)
    """As the store calls it; empty where it keeps one of each."""
    kind: Mapped[str]
    """original, upload, partial upload, rendition, evidence or aligner"""
    subject_id: Mapped[str]
    """The recording, upload, transfer or consent event it belonged to."""
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    """Of its bytes; None where nobody wrote it down."""
    audio_sha256: Mapped[str | None]
    """Of the decoded samples of an original, so that a copy that comes late is known."""
    erased_at: Mapped[datetime | None]
    """None from when it was found until it was destroyed."""
