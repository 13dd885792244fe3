"""Word times that a reviewer saves: kept as a person's alignment, on record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from catalog import audit
from catalog.alignments import PERSON
from catalog.config.sentence import Sentence
from catalog.ids import content_id
from catalog.states import AlignmentState, Role
from catalog.tables import Alignment, Clip
from transcription.context import NotAllowed, ProjectContext
from transcription.people import person_of
from transcription.word_times.clips import length_of, name_of_times, timed_query
from transcription.word_times.spans import WordSpan, checked_spans

PLACED = 1.0
"""The score of a word that a person put where it is."""


class TimesGone(NotAllowed):
    """There is no such clip for this reviewer, or none whose words are timed."""


class TimesChanged(NotAllowed):
    """The alignment that somebody worked on holds no longer."""


def save_word_times(
    context: ProjectContext,
    clip_id: str,
    person_id: str,
    spans: Sequence[WordSpan],
    *,
    seen: str,
    now: datetime,
) -> int:
    """Keep where a reviewer says that the words are; returns how many words they moved.

    They may move none: the aligner was right, and a person says so. The same again changes nothing.

    raises: NotAllowed for somebody who does not review here, BadTimes, TimesGone where there is no such clip for
            them, and TimesChanged where text or times have changed since they were `seen`
    """
    with context.catalog.writing() as session:
        reviewer = person_of(session, person_id, Role.REVIEWER, project=context.project.name)
        row = session.execute(
            timed_query(context.project.name, clip_id, reviewer.languages).with_for_update(of=Clip)
        ).first()
        if row is None:
            raise TimesGone(
                Sentence("this clip's words are no longer there to be moved. Go on with the next.")
            )
        clip, before = row
        placed = checked_spans(spans, words=len(before.words), length=length_of(clip))
        words, moves = _placed(before.words, placed, length_of(clip))
        if before.aligner == PERSON and before.person_id == person_id and not moves:
            return 0
        if seen != name_of_times(before):
            raise TimesChanged(
                Sentence("somebody timed these words since you began. Load the page to see theirs.")
            )
        _keep(session, before, words, person_id, now)
        audit.record(
            session,
            at=now,
            actor=person_id,
            action="clip.word_times_set",
            subject=("clip", clip.id),
            detail={"transcript": before.transcript_id, "instead_of": before.aligner, "moved": moves},
        )
    return len(moves)


def _keep(session: Session, before: Alignment, words: list[dict[str, Any]], by: str, now: datetime) -> None:
    session.merge(
        Alignment(
            id=content_id("alignment", before.transcript_id, PERSON),
            clip_id=before.clip_id,
            transcript_id=before.transcript_id,
            aligner=PERSON,
            person_id=by,
            state=AlignmentState.ALIGNED,
            score=sum(each["score"] for each in words) / len(words),
            words=words,
            at=now,
        )
    )


def _placed(
    before: Sequence[dict[str, Any]], spans: Sequence[WordSpan], length: int
) -> tuple[list[dict[str, Any]], list[list[int]]]:
    """The words at their new places; and of those that moved: number, start and end before, start and end now."""
    words, moves = [], []
    for number, (each, span) in enumerate(zip(before, spans, strict=True)):
        start, end = each["start"], min(each["end"], length)
        if (start, end) == (span.start, span.end):
            words.append({**each, "end": end})
        else:
            words.append({**each, "start": span.start, "end": span.end, "score": PLACED})
            moves.append([number, start, end, span.start, span.end])
    return words, moves
