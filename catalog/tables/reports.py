"""Reports of clips in which somebody else, or something nobody else should know, is heard; and what became of each."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import ReportDecision, ReportKind, ReportState
from catalog.tables.base import Base, stored_enum


class ClipReport(Base):
    """A clip report: hides a clip from everybody but a reviewer, until they have decided and it is mended."""

    __tablename__ = "clip_report"
    __table_args__ = (
        # One at a time: the database itself refuses a second, whoever brings it.
        Index(
            "uq_clip_report_standing",
            "clip_id",
            unique=True,
            sqlite_where=text("state IN ('open', 'decided')"),
            postgresql_where=text("state IN ('open', 'decided')"),
        ),
        Index("ix_clip_report_state", "project_id", "state", "language", "opened_at"),
        Index("ix_clip_report_opened_by", "opened_by", "opened_at"),
        Index("ix_clip_report_clip", "clip_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    clip_id: Mapped[str] = mapped_column(ForeignKey("clip.id"))
    language: Mapped[str]
    kind: Mapped[ReportKind] = mapped_column(stored_enum(ReportKind))
    state: Mapped[ReportState] = mapped_column(stored_enum(ReportState))
    opened_by: Mapped[str]
    """The person, or `scan` where a machine found it in the text."""
    opened_at: Mapped[datetime]
    note: Mapped[str]
    """What they say of it, in their own words."""
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """start, length, kind: where in which text something stands, never what it says."""
    transcript_id: Mapped[str | None] = mapped_column(ForeignKey("transcript.id"))
    """The text that was scanned."""
    decision: Mapped[ReportDecision | None] = mapped_column(stored_enum(ReportDecision))
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    spans: Mapped[list[list[int]]] = mapped_column(JSON)
    """Start and end in milliseconds of the clip as it was: made unhearable, or for a trim the one that is kept."""
    mended_text: Mapped[str | None]
    """The clip's text after the mend, where it has an accepted one; it becomes the newest with the new sound."""
    replaced: Mapped[list[str]] = mapped_column(JSON)
    """Store keys of the old renditions, until all are destroyed."""
    done_at: Mapped[datetime | None]
