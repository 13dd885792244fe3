"""A few clips of a version to listen to, with their texts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.consent import ConsentScope, consented
from catalog.states import ClipState
from catalog.tables import Clip, ReleaseItem, Transcript
from portal.datasets.editions import Edition

A_PAGE = 8


@dataclass(frozen=True, slots=True)
class Sample:
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
) -> Sequence[Sample]:
    """The next clips in the order of their hashes: as good as drawn by lot, and the same each time.

    A clip whose voices took their consent back is left out, even before it is taken out of the version.
    """
    query = (
        select(
            ReleaseItem.clip_id,
            Clip.language,
            ReleaseItem.speaker,
            ReleaseItem.split,
            Clip.seconds,
            Transcript.normalised,
            ReleaseItem.row_sha256,
        )
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .join(Transcript, Transcript.id == ReleaseItem.transcript_id)
        .where(
            ReleaseItem.release_id == edition.id,
            ReleaseItem.erased_at.is_(None),
            ReleaseItem.row_sha256 > after,
            Clip.state != ClipState.WITHDRAWN,
            consented(Clip.recording_id, ConsentScope.PUBLICATION),
        )
        .order_by(ReleaseItem.row_sha256)
        .limit(most)
    )
    if language is not None:
        query = query.where(Clip.language == language)
    return [Sample(*row) for row in session.execute(query).tuples()]
