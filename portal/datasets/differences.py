"""What differs between two versions, from the catalogue: as `boli release diff` tells it, without reading files."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.tables import Clip, ReleaseItem, Transcript
from portal.datasets.editions import Edition
from releases.changes import Changes, RowDigest, compare


def differences(session: Session, old: Edition, new: Edition) -> Changes:
    """Both as they are now: what a speaker took back counts in neither."""
    return compare((old.version, new.version), _digests(session, old), _digests(session, new))


def _digests(session: Session, edition: Edition) -> dict[str, RowDigest]:
    rows = session.execute(
        select(
            ReleaseItem.clip_id,
            Clip.language,
            ReleaseItem.split,
            Clip.seconds,
            Transcript.normalised,
            ReleaseItem.row_sha256,
        )
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .join(Transcript, Transcript.id == ReleaseItem.transcript_id)
        .where(ReleaseItem.release_id == edition.id, ReleaseItem.erased_at.is_(None))
    )
    return {
        clip: RowDigest(language, split, seconds, text, sha256)
        for clip, language, split, seconds, text, sha256 in rows.tuples()
    }
