"""A few clips of a version to listen to, with their texts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.alignments import holds_last
from catalog.tables import Alignment, Clip, ReleaseItem
from portal.datasets.editions import Edition
from portal.datasets.released import released_lines
from portal.items.word_times import WordTime, word_times

A_PAGE = 8


@dataclass(frozen=True, slots=True)
class SampleClip:
    """row_sha256: its hash, by which samples are drawn"""

    clip_id: str
    language: str
    speaker: str
    split: str
    seconds: float
    text: str
    row_sha256: str
    words: tuple[WordTime, ...]


def samples(
    session: Session, edition: Edition, *, language: str | None, after: str, most: int = A_PAGE
) -> Sequence[SampleClip]:
    """The next clips in the order of their hashes: as good as drawn by lot, and the same each time."""
    query = (
        released_lines(edition)
        .where(ReleaseItem.row_sha256 > after)
        .order_by(ReleaseItem.row_sha256)
        .limit(most)
    )
    if language is not None:
        query = query.where(Clip.language == language)
    rows = session.execute(query).all()
    times = _word_times(session, [row.transcript_id for row in rows])
    return [
        SampleClip(
            clip_id=row.clip_id,
            language=row.language,
            speaker=row.speaker,
            split=row.split,
            seconds=row.seconds,
            text=row.normalised,
            row_sha256=row.row_sha256,
            words=times.get(row.transcript_id, ()),
        )
        for row in rows
    ]


def _word_times(session: Session, transcripts: Collection[str]) -> dict[str, tuple[WordTime, ...]]:
    """By transcript; that which holds where it was aligned more than once."""
    found = session.execute(
        select(Alignment.transcript_id, Alignment.state, Alignment.words)
        .where(Alignment.transcript_id.in_(transcripts))
        .order_by(*holds_last())
    )
    return {row.transcript_id: word_times(row.state, row.words) for row in found}
