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


class Breach(Base):
    """A breach of personal data: what happened, whom it concerns, and what was done, with the Board's clock."""

    __tablename__ = "breach"
    __table_args__ = (Index("ix_breach_project", "project_id", "closed_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    what: Mapped[str]
    known_at: Mapped[datetime]
    """When somebody here became aware of it: the clock runs from then."""
    people: Mapped[int]
    """How many it concerns, as far as is known; those who are named are `BreachSpeaker`."""
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    """When the Data Protection Board was notified: the clock stops then."""
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    done: Mapped[str | None]
    """What was done about it."""


class BreachSpeaker(Base):
    """A speaker whom a breach concerns."""

    __tablename__ = "breach_speaker"

    breach_id: Mapped[str] = mapped_column(ForeignKey("breach.id"), primary_key=True)
    speaker_id: Mapped[str] = mapped_column(ForeignKey("speaker.id"), primary_key=True)
