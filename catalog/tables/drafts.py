"""Machine drafts: what a recogniser heard in a clip or a list brought for it, who was shown it, whose is corrected."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import ChosenBy
from catalog.tables.base import Base, stored_enum


class MachineDraft(Base):
    """A machine draft: the text of one recogniser for one clip, or why there is none."""

    __tablename__ = "machine_draft"
    __table_args__ = (UniqueConstraint("clip_id", "model"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    clip_id: Mapped[str] = mapped_column(ForeignKey("clip.id"))
    model: Mapped[str]
    """onnx: and the beginning of the file's hash, service: and the name there, or list: and what the list says."""
    text: Mapped[str]
    """Empty where the machine heard nothing."""
    confidence: Mapped[float | None]
    """0 to 1, by the model itself; None where it doesn't say."""
    fault: Mapped[str | None]
    """Why there is no text, where the model can't hear this clip."""
    at: Mapped[datetime]


class DraftShown(Base):
    """A machine draft as it was shown to the one person who began with it; everybody else writes the clip unseen."""

    __tablename__ = "draft_shown"
    __table_args__ = (UniqueConstraint("task_id"),)

    draft_id: Mapped[str] = mapped_column(ForeignKey("machine_draft.id"), primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime]


class Correction(Base):
    """A correction: a clip whose text, written or yet to be written, is to stand beside what a model heard."""

    __tablename__ = "correction"
    __table_args__ = (
        UniqueConstraint("clip_id", "model", "chosen_by"),
        Index("ix_correction_model", "project_id", "language", "model", "chosen_by"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    language: Mapped[str]
    clip_id: Mapped[str] = mapped_column(ForeignKey("clip.id"))
    model: Mapped[str]
    """As `MachineDraft.model`."""
    chosen_by: Mapped[ChosenBy] = mapped_column(stored_enum(ChosenBy))
    at: Mapped[datetime]
