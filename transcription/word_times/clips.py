"""Accepted clips with the word times that hold: those in doubt, and one of them, for reviewers of its language."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, select
from sqlalchemy.orm import Session, aliased

from catalog.alignments import holds_first
from catalog.consent import ConsentScope, consented
from catalog.ids import content_id
from catalog.reports import is_hidden
from catalog.states import AlignmentState, ClipState
from catalog.tables import Alignment, Clip, Transcript
from transcription.word_times.spans import RATE, WordSpan

MOST = 50
"""Clips that a page lists; those that wait longest first."""


@dataclass(frozen=True, slots=True)
class ClipInDoubt:
    """A clip whose words the aligner could not place well."""

    clip_id: str
    language: str
    seconds: float
    text: str
    score: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TimedClip:
    """A clip with the word times that hold. seen: names these times, to be sent along with better ones"""

    clip_id: str
    language: str
    seconds: float
    aligner: str
    state: AlignmentState
    detail: str | None
    words: tuple[tuple[str, WordSpan, float], ...]
    seen: str


def clips_in_doubt(session: Session, project_id: str, languages: Collection[str]) -> Sequence[ClipInDoubt]:
    """Accepted clips whose words lie badly on their sound, and whose times nobody has looked at; at most MOST."""
    later = aliased(Transcript)
    rows = session.execute(
        select(Clip.id, Clip.language, Clip.seconds, Transcript.normalised, Alignment.score, Alignment.at)
        .select_from(Alignment)
        .join(Transcript, Transcript.id == Alignment.transcript_id)
        .join(Clip, Clip.id == Alignment.clip_id)
        .where(
            *_open_to_reviewers(project_id, languages),
            Alignment.state == AlignmentState.LOW_SCORE,
            Alignment.id == _holding(),
            ~select(later.id)
            .where(later.clip_id == Clip.id, later.version > Transcript.version)
            .correlate(Clip, Transcript)
            .exists(),
        )
        .order_by(Alignment.at, Alignment.id)
        .limit(MOST)
    )
    return [ClipInDoubt(*row) for row in rows]


def timed_clip(
    session: Session, project_id: str, clip_id: str, languages: Collection[str]
) -> TimedClip | None:
    """None where the project has no such clip in these languages, nobody may hear it, or its words have no times."""
    row = session.execute(timed_query(project_id, clip_id, languages)).first()
    if row is None:
        return None
    clip, alignment = row
    length = length_of(clip)
    return TimedClip(
        clip_id=clip.id,
        language=clip.language,
        seconds=clip.seconds,
        aligner=alignment.aligner,
        state=alignment.state,
        detail=alignment.detail,
        words=tuple(
            (each["word"], WordSpan(each["start"], min(each["end"], length)), float(each["score"]))
            for each in alignment.words
        ),
        seen=name_of_times(alignment),
    )


def timed_query(project_id: str, clip_id: str, languages: Collection[str]) -> Select[tuple[Clip, Alignment]]:
    """The clip with the alignment that holds, where reviewers of these languages may hear it."""
    newest = (
        select(Transcript.id)
        .where(Transcript.clip_id == clip_id)
        .order_by(Transcript.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(Clip, Alignment)
        .join(Transcript, Transcript.clip_id == Clip.id)
        .join(Alignment, Alignment.transcript_id == Transcript.id)
        .where(
            *_open_to_reviewers(project_id, languages),
            Clip.id == clip_id,
            Transcript.id == newest,
            Alignment.id == _holding(),
            Alignment.state.in_((AlignmentState.ALIGNED, AlignmentState.LOW_SCORE)),
        )
    )


def _open_to_reviewers(project_id: str, languages: Collection[str]) -> tuple[Any, ...]:
    return (
        Clip.project_id == project_id,
        Clip.language.in_(sorted(languages)),
        Clip.state == ClipState.ACCEPTED,
        Transcript.withheld_at.is_(None),
        ~is_hidden(Clip.id),
        consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
    )


def _holding() -> ScalarSelect[str]:
    """The id of the alignment of a text that holds."""
    other = aliased(Alignment)
    return (
        select(other.id)
        .where(other.transcript_id == Transcript.id, other.state != AlignmentState.STALE)
        .order_by(*holds_first(other))
        .limit(1)
        .correlate(Transcript)
        .scalar_subquery()
    )


def length_of(clip: Clip) -> int:
    """Samples of the clip at the rate of its word times."""
    return round(clip.seconds * RATE)


def name_of_times(alignment: Alignment) -> str:
    """Names word times as they stand: others have another name."""
    return content_id("times", alignment.id, alignment.at.isoformat())
