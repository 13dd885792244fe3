"""Who holds a copy of what, and what they have to hear: the download ledger and its messages."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import MessageState
from catalog.tables.base import Base, stored_enum


class Download(Base):
    """A download: somebody fetched rows of a version through the portal; one row a person, version and day."""

    __tablename__ = "download"
    __table_args__ = (Index("ix_download_release", "release_id", "last_at"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    release_id: Mapped[str] = mapped_column(ForeignKey("release.id"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    """In UTC, as 2026-11-29."""
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    """Of that day; reading the list of withdrawn rows, which ends a pull, counts."""
    bytes: Mapped[int] = mapped_column(BigInteger)
    """That were asked for that day."""


class DownloaderMessage(Base):
    """A downloader's message: rows of a dataset that they fetched were withdrawn since, and they are to pull again."""

    __tablename__ = "downloader_message"
    __table_args__ = (
        Index("ix_downloader_message_person", "person_id", "dataset", "made_at"),
        Index("ix_downloader_message_state", "project_id", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    dataset: Mapped[str]
    versions: Mapped[dict[str, int]] = mapped_column(JSON)
    """By version, how many of its rows were withdrawn since the person's last download."""
    erased_until: Mapped[datetime]
    """The latest of these withdrawals: what was written, so that nothing is written twice."""
    language: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    state: Mapped[MessageState] = mapped_column(stored_enum(MessageState))
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    failure: Mapped[str | None]
    """Why the last try to send it failed."""
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
