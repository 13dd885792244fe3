"""A speaker as managers see them: by pseudonym, with what they gave, what became of it, and what they agreed to."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.consent import history
from catalog.states import ConsentKind
from catalog.tables import (
    Clip,
    ConsentEvent,
    Recording,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Speaker,
    Upload,
)
from portal.http.pages import _
from portal.items.file_state import file_state
from portal.items.happenings import ItemEvent, in_order
from portal.voices import SpeakerVoice, voice_of

MOST_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class Gave:
    """Of a state: how many, and seconds of them where they have a length."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SpeakerLife:
    """files, clips: by state; versions: dataset, version and how many clips of the voice it holds"""

    speaker: Speaker
    files: Mapping[str, Gave]
    clips: Mapping[str, Gave]
    versions: tuple[tuple[str, str, int], ...]
    voice: SpeakerVoice
    happenings: tuple[ItemEvent, ...]


def speaker_life(session: Session, project: str, speaker_id: str) -> SpeakerLife | None:
    """None where the project has no such speaker. A fixed number of queries."""
    speaker = session.get(Speaker, speaker_id)
    if speaker is None or speaker.project_id != project:
        return None
    given = select(RecordingSpeaker.recording_id).where(RecordingSpeaker.speaker_id == speaker_id)
    state = file_state()
    files = session.execute(
        select(state, func.count(), func.sum(Recording.samples * 1.0 / Recording.sample_rate))
        .select_from(Upload)
        .outerjoin(Recording, Recording.upload_id == Upload.id)
        .where(Upload.speaker_id == speaker_id)
        .group_by(state)
        .order_by(state)
    )
    clips = session.execute(
        select(Clip.state, func.count(), func.sum(Clip.seconds))
        .where(Clip.recording_id.in_(given))
        .group_by(Clip.state)
        .order_by(Clip.state)
    )
    versions = session.execute(
        select(Release.name, Release.version, func.count())
        .join(ReleaseItem, ReleaseItem.release_id == Release.id)
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .where(Clip.recording_id.in_(given), ReleaseItem.erased_at.is_(None))
        .group_by(Release.name, Release.version, Release.created_at)
        .order_by(Release.created_at.desc())
        .limit(MOST_VERSIONS)
    )
    return SpeakerLife(
        speaker=speaker,
        files={word: Gave(count, seconds or 0.0) for word, count, seconds in files},
        clips={str(each): Gave(count, seconds or 0.0) for each, count, seconds in clips},
        versions=tuple((name, version, count) for name, version, count in versions),
        voice=voice_of(session, speaker),
        happenings=in_order(
            [
                ItemEvent(speaker.created_at, _("written down")),
                *(_said(event) for event in history(session, speaker_id)),
            ]
        ),
    )


def _said(event: ConsentEvent) -> ItemEvent:
    if event.kind is ConsentKind.GRANTED:
        return ItemEvent(
            event.at, _("said yes, to notice %(notice)s"), {"notice": event.notice_version}, mark="ok"
        )
    return ItemEvent(event.at, _("took it back"), mark="bad")
