"""Files of a dataset that still hold a voice which was taken back: given to nobody until they are written anew."""

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from catalog.consent import ConsentScope, agreed_to_less_since, consented
from catalog.tables import Clip, ConsentEvent, Erasure, RecordingSpeaker, Release, ReleaseItem, Speaker

REWRITTEN_WITHIN = timedelta(days=1)
"""After the sound itself is destroyed: the same run does both, and tries again each hour."""
GONE = "A voice in this file was taken back: it is being written anew without it. Ask again within the hour."


def holds_taken_back(
    session: Session, dataset: str, *, project: str, now: datetime, path: str | None = None
) -> bool:
    """Whether a row of a voice that was taken back still stands in that file of a dataset, or in any file of it.

    path: of a part, as its version lists it; None for the dataset as a whole
    Looks at the clips of withdrawn voices alone, however large the dataset is.
    """
    voices = (
        select(ReleaseItem.clip_id)
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Clip.recording_id)
        .join(
            Erasure,
            (Erasure.speaker_id == RecordingSpeaker.speaker_id)
            & (RecordingSpeaker.consent_round < Erasure.round),
        )
        .join(Release, Release.id == ReleaseItem.release_id)
        .where(
            Erasure.project_id == project,
            or_(Erasure.finished_at.is_(None), Erasure.finished_at > now - REWRITTEN_WITHIN),
            Release.name == dataset,
            ReleaseItem.erased_at.is_(None),
        )
    )
    less = _of_those_who_agree_to_less(dataset, project=project, now=now)
    if path is not None:
        voices, less = (each.where(ReleaseItem.shard == path) for each in (voices, less))
    return bool(session.scalar(select(exists(voices))) or session.scalar(select(exists(less))))


def _of_those_who_agree_to_less(dataset: str, *, project: str, now: datetime) -> Select[tuple[str]]:
    """Clips that stand in the dataset, and may not any more by a later word of their voice, or for its age."""
    said_anew = exists(
        select(ConsentEvent.id).where(
            ConsentEvent.speaker_id == Speaker.id,
            ConsentEvent.number > 1,
            ConsentEvent.at > now - REWRITTEN_WITHIN,
        )
    )
    return (
        select(ReleaseItem.clip_id)
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Clip.recording_id)
        .join(Release, Release.id == ReleaseItem.release_id)
        .where(
            RecordingSpeaker.speaker_id.in_(
                select(Speaker.id).where(
                    Speaker.project_id == project, or_(Speaker.guardian_yes_due, said_anew)
                )
            ),
            Release.name == dataset,
            ReleaseItem.erased_at.is_(None),
            ~consented(Clip.recording_id, ConsentScope.PUBLICATION)
            | agreed_to_less_since(Clip.recording_id, Release.purposes),
        )
    )
