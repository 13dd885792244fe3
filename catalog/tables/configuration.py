"""What a project's file said, each time that it was changed."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base


class ProjectVersion(Base):
    """A project version: the whole text of a project's file, as it stood from a moment on."""

    __tablename__ = "project_version"

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """From 1, in the order in which they came."""
    text: Mapped[str]
    sha256: Mapped[str]
    """Of the file's bytes."""
    changed_by: Mapped[str]
    """A person's id; `operator` for what was found changed by hand."""
    changed_at: Mapped[datetime]
    because: Mapped[str | None]
    """What they wrote about it."""
