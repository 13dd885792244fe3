"""What tells voices apart: personal data, kept and erased as the voice itself, and never given out."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base


class VoiceEmbedding(Base):
    """A voice embedding: of one file that came in with a voice. It goes with the file."""

    __tablename__ = "voice_embedding"
    __table_args__ = (Index("ix_voice_embedding_speaker", "speaker_id", "made_at", "upload_id"),)

    upload_id: Mapped[str] = mapped_column(ForeignKey("upload.id"), primary_key=True)
    speaker_id: Mapped[str] = mapped_column(ForeignKey("speaker.id"))
    """Under whom it was sent; whether that is true is what it is for."""
    model: Mapped[str]
    """The network and version that made it; those of two models are never compared."""
    embedding: Mapped[bytes]
    """256 half-precision numbers, as `audio.voices.embedding.packed` writes them."""
    seconds: Mapped[float]
    """Of speech that it was made of."""
    within: Mapped[float | None]
    """How alike the two most different parts of the recording are: of several people who speak, little."""
    likeness: Mapped[float | None]
    """How like it is to the speaker's other recordings, -1 to 1; None while there are too few."""
    is_other: Mapped[bool]
    """Whether that is so little that another voice speaks."""
    made_at: Mapped[datetime]


class SpeakerLikeness(Base):
    """Two speakers of a project whose voices are alike: a hint, never a reason to turn anybody away."""

    __tablename__ = "speaker_likeness"
    __table_args__ = (
        Index("ix_speaker_likeness_second", "second_id"),
        CheckConstraint("first_id < second_id", name="in_order"),
    )

    first_id: Mapped[str] = mapped_column(ForeignKey("speaker.id"), primary_key=True)
    second_id: Mapped[str] = mapped_column(ForeignKey("speaker.id"), primary_key=True)
    likeness: Mapped[float]
    found_at: Mapped[datetime]
