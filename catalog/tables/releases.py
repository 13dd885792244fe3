"""Dataset versions and what each holds."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import ReleaseState
from catalog.tables.base import Base, stored_enum


class Release(Base):
    """A release: one immutable version of a dataset."""

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    name: Mapped[str]
    version: Mapped[str]
    parent: Mapped[str | None]
    """The version it follows."""
    selection_sha256: Mapped[str]
    """Hash of what went in: the same selection, rules and code make the same bytes."""
    manifest_sha256: Mapped[str | None]
    state: Mapped[ReleaseState] = mapped_column(stored_enum(ReleaseState))
    clips: Mapped[int]
    seconds: Mapped[float]
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    """Of all its files, when it was published; None for one of before this was kept."""
    created_at: Mapped[datetime]
    purposes: Mapped[str | None]
    """What it is given out for, each between spaces (" commercial research "); None for one of before this was kept."""
    mark: Mapped[str | None]
    """What is said of it since: yanked, or deprecated; the store's marks say the same."""
    mark_why: Mapped[str | None]


class ReleaseItem(Base):
    """A release item: a clip in a version: which text, which split, which row of which shard."""

    __tablename__ = "release_item"
    __table_args__ = (
        Index("ix_release_item_clip", "clip_id"),
        Index("ix_release_item_erased", "release_id", "erased_at"),
    )

    release_id: Mapped[str] = mapped_column(ForeignKey("release.id"), primary_key=True)
    clip_id: Mapped[str] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    transcript_id: Mapped[str] = mapped_column(ForeignKey("transcript.id"))
    speaker: Mapped[str]
    split: Mapped[str]
    shard: Mapped[str]
    row_sha256: Mapped[str]
    """Hash of what the row says and of its sound: what a tombstone names."""
    erased_at: Mapped[datetime | None]
    """When the row was taken out of this version because a speaker withdrew."""


class DatasetChoice(Base):
    """A dataset choice: what a manager chose on the portal for a dataset, beside what the project's file says."""

    __tablename__ = "dataset_choice"

    name: Mapped[str] = mapped_column(primary_key=True)
    """Of the dataset: one project's alone."""
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    licence: Mapped[str]
    conditions: Mapped[list[str]] = mapped_column(JSON)
    """As catalog.conditions reads them."""
    low_score: Mapped[str]
    keep_sentences_apart: Mapped[bool]
    chosen_by: Mapped[str]
    chosen_at: Mapped[datetime]


class SpeakerSplit(Base):
    """The split a speaker was given once, for good."""

    __tablename__ = "speaker_split"

    dataset: Mapped[str] = mapped_column(primary_key=True)
    speaker_id: Mapped[str] = mapped_column(ForeignKey("speaker.id"), primary_key=True)
    split: Mapped[str]
