"""Which catalogue this is."""

from datetime import datetime

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base


class CatalogIdentity(Base):
    """A catalogue identity: one row with an id that no other catalogue has, a copy of this one neither."""

    __tablename__ = "catalog_identity"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    value: Mapped[str]
    made_at: Mapped[datetime]
