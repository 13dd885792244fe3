"""What the law asks of an installation: orders to keep a voice's bytes, and breaches with their clock."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base


class LegalHold(Base):
    """A legal hold: an order not to destroy the bytes of one voice, or of a whole project, for a while."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        Index("ix_legal_hold_project", "project_id", "ended_at"),
        Index("ix_legal_hold_speaker", "speaker_id", "ended_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    speaker_id: Mapped[str | None] = mapped_column(ForeignKey("speaker.id"))
    """None: every voice of the project."""
    ordered_by: Mapped[str]
    """The court or authority, and the order's own number."""
    because: Mapped[str]
    until: Mapped[datetime | None]
    """None: until somebody ends it."""
    placed_by: Mapped[str]
    placed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    """Who ended it; None where its day came, which ends it by itself."""

    def is_in_force(self, now: datetime) -> bool:
        return self.ended_at is None and (self.until is None or self.until > now)
