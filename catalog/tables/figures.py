"""What was counted of a whole project, so that a page need not count it again."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base


class FigureRow(Base):
    """A figure: the answer to a question that reads a whole project, as it was counted last."""

    __tablename__ = "figure"

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    """Of the question, such as coverage."""
    value: Mapped[Any] = mapped_column(JSON)
    counted_at: Mapped[datetime]
