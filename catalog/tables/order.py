"""What the order of the queue follows from: how much of whose speech people were given, and have begun."""

from sqlalchemy import JSON, BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base


class WorkSum(Base):
    """A work sum: how much of the speech of one group of speakers, or how many clips with one trait, people have.

    Kept up to date by transcription.slots.work_sums alone.
    """

    __tablename__ = "work_sum"

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    """A digest of the group or the trait; it says none of it."""
    routed: Mapped[int] = mapped_column(BigInteger)
    """Microseconds of a group that have a task."""
    begun: Mapped[int] = mapped_column(BigInteger)
    """Of these, what people have worked on."""
    clips: Mapped[int]
    """Clips with a trait that people have worked on."""


class CountedWork(Base):
    """Counted work: what of one recording stands in the sums, so that it can be taken out of them again."""

    __tablename__ = "counted_work"

    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id"), primary_key=True)
    routed: Mapped[int] = mapped_column(BigInteger)
    begun: Mapped[int] = mapped_column(BigInteger)
    clips: Mapped[int]
    groups: Mapped[list[str]] = mapped_column(JSON)
    """Key of each voice's group: its seconds count for each in equal parts."""
    traits: Mapped[list[str]] = mapped_column(JSON)
    """Key of each trait that a voice in it has."""
