"""Imports: the lists that managers brought into a project, and what came of them."""

from datetime import datetime

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
    items: Mapped[list[str]] = mapped_column(JSON)
    """Ids of what was new, never names: of people, speakers and drafts; language/set/prompt; the hash of a list of
    districts."""
    replaced: Mapped[str | None]
    """Of a list of districts, which takes the place of another: that other one."""
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    stayed: Mapped[dict[str, str]] = mapped_column(JSON)
    """Once it was taken back: what was used meanwhile and stays, by id, with why."""
