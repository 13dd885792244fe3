"""The words by which what was collected is found: of accepted texts and of files' names."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import SearchKind
from catalog.tables.base import Base, stored_enum


class SearchWord(Base):
    """A search word of a clip's accepted text or of an upload's name: the key is the index, and all there is.

    Written by catalog.search_words alone.
    """

    __tablename__ = "search_word"
    __table_args__ = (
        Index("ix_search_word_subject", "subject_id"),
        {"sqlite_with_rowid": False},
    )

    project_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[SearchKind] = mapped_column(stored_enum(SearchKind), primary_key=True)
    # by bytes, so that all words with one beginning lie side by side, whatever the database's language
    word: Mapped[str] = mapped_column(
        String().with_variant(String(collation="C"), "postgresql"), primary_key=True
    )
    subject_id: Mapped[str] = mapped_column(primary_key=True)
