"""A few clips of a version to listen to, with their texts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog.tables import Clip, ReleaseItem
from portal.datasets.editions import Edition
from portal.datasets.released import released_lines

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
    return [
        SampleClip(
            clip_id=row.clip_id,
            language=row.language,
            speaker=row.speaker,
            split=row.split,
            seconds=row.seconds,
            text=row.normalised,
            row_sha256=row.row_sha256,
        )
        for row in session.execute(query)
    ]
