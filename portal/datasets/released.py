"""The lines of a version that may be shown: its clips with their texts."""

from typing import Any

from sqlalchemy import Select, select

from catalog.consent import ConsentScope, consented
from catalog.reports import is_hidden
from catalog.states import ClipState
from catalog.tables import Clip, ReleaseItem, Transcript
from portal.datasets.editions import Edition


def released_lines(edition: Edition) -> Select[Any]:
    """Clip, transcript, split, language, speaker, seconds, normalised text and hash of each line, in no order.

    A clip whose voices took their consent back, or that a report hides, is left out, even before it is taken out of
    the version.
    """
    return (
        select(
            ReleaseItem.clip_id,
            ReleaseItem.transcript_id,
            ReleaseItem.split,
            Clip.language,
            ReleaseItem.speaker,
            Clip.seconds,
            Transcript.normalised,
            ReleaseItem.row_sha256,
        )
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .join(Transcript, Transcript.id == ReleaseItem.transcript_id)
        .where(
            ReleaseItem.release_id == edition.id,
            ReleaseItem.erased_at.is_(None),
            Clip.state != ClipState.WITHDRAWN,
            consented(Clip.recording_id, ConsentScope.PUBLICATION),
            Transcript.withheld_at.is_(None),
            ~is_hidden(Clip.id),
        )
    )
