"""Models that align a language's words, each with the figures it was judged by and the voices it was learnt from."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base


class AlignerModel(Base):
    """An aligner model: learnt from a project's accepted clips of one language, and chosen or not."""

    __tablename__ = "aligner_model"
    __table_args__ = (Index("ix_aligner_model_language", "project_id", "language", "learnt_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    language: Mapped[str]
    clips: Mapped[int]
    seconds: Mapped[float]
    """Of the clips that it was learnt from."""
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the decision rests on: shares on held-out clips, of the model and of the reference aligner."""
    reason: Mapped[str | None]
    """Why the reference aligner stays; None where the model was chosen."""
    key: Mapped[str | None]
    """In the store; None for a model that was not chosen: it isn't kept."""
    sha256: Mapped[str | None]
    size: Mapped[int | None] = mapped_column(BigInteger)
    learnt_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]
    """None until its bytes are in the store."""
    erased_at: Mapped[datetime | None]
    """When it was destroyed because a voice in it was withdrawn."""


class AlignerVoice(Base):
    """A voice that a model was learnt from, in the round of consent in which its clips were given."""

    __tablename__ = "aligner_voice"
    __table_args__ = (Index("ix_aligner_voice_speaker", "speaker_id", "model_id"),)

    model_id: Mapped[str] = mapped_column(ForeignKey("aligner_model.id"), primary_key=True)
    speaker_id: Mapped[str] = mapped_column(ForeignKey("speaker.id"), primary_key=True)
    consent_round: Mapped[int]
