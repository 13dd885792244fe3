"""Imports: the lists that managers brought into a project, and what came of them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import ImportKind
from catalog.tables.base import Base, stored_enum


class ListImport(Base):
    """An import: a list that somebody brought, what was new by it, and whether that was taken back."""

    __tablename__ = "list_import"
    __table_args__ = (Index("ix_list_import_project", "project_id", "at", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[ImportKind] = mapped_column(stored_enum(ImportKind))
    brought_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    brought: Mapped[int]
    """How many rows were new."""
    changed: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many rows changed who was known before."""
    items: Mapped[list[str]] = mapped_column(JSON)
    """Ids of what was new, never names: of people, speakers and drafts; language/set/prompt; the hash of a list of
    districts."""
    replaced: Mapped[str | None]
    """Of a list of districts, which takes the place of another: that other one."""
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    stayed: Mapped[dict[str, str]] = mapped_column(JSON)
    """Once it was taken back: what was used meanwhile and stays, by id, with why."""


class ImportChange(Base):
    """An import's change of a speaker who was known before: what it changed, as that was before and after.

    It goes with the voice, and thirty days after the list (`catalog.import_changes`). What is private is None on both
    sides where the list changed nothing of it.
    """

    __tablename__ = "import_change"

    import_id: Mapped[str] = mapped_column(ForeignKey("list_import.id"), primary_key=True)
    speaker_id: Mapped[str] = mapped_column(ForeignKey("speaker.id"), primary_key=True, index=True)
    consent_round: Mapped[int]
    """The speaker's, as the list came: what was known before a withdrawal is not written anew after it."""
    facts_before: Mapped[dict[str, Any]] = mapped_column(JSON)
    facts_after: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By the same names: those that the list changed, and no others."""
    name_before: Mapped[str | None]
    name_after: Mapped[str | None]
    phone_before: Mapped[str | None]
    phone_after: Mapped[str | None]
    of_age_on_before: Mapped[date | None]
    of_age_on_after: Mapped[date | None]
