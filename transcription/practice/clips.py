"""Clips to practise on: which come next for a person, and what they have practised so far."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, select, union_all
from sqlalchemy.orm import Session, aliased

from catalog.consent import ConsentScope, consented
from catalog.ids import content_id
from catalog.reports import is_hidden
from catalog.states import ClipState, TaskState
from catalog.tables import Clip, Gold, PracticeAnswer, RecordingSpeaker, Slot, Task, Transcript
from transcription.gold import WEARS_OUT
from transcription.people import StaffMember
from transcription.practice.answer import Answer

MOST = 20
"""Practice clips of one person in one language: enough to learn by, few to give away."""
LOOKED_AT = 300
"""Accepted clips of a language, the newest, among which those are sought that a reviewer decided on."""
LONGEST = 15.0
"""Seconds: a clip that is heard and written in a minute or two."""


@dataclass(frozen=True, slots=True)
class PracticeClip:
    """A clip to practise on. text: the right one, for after the answer"""

    clip_id: str
    task_id: str
    transcript_id: str
    language: str
    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class PracticeScore:
    """What somebody has practised so far."""

    clips: int
    right: int
    words: int


def next_practice(
    session: Session, project_id: str, person: StaffMember, languages: Collection[str], *, now: datetime
) -> PracticeClip | None:
    """The shortest clip that the person has neither practised on nor worked on; None where there is none for them."""
    answered, slot = aliased(PracticeAnswer), aliased(Slot)
    done = _counts(session, person.id, project_id)
    left = [language for language in sorted(languages) if done.get(language, 0) < MOST]
    if not left:
        return None
    # first which they are: in one statement SQLite begins with all clips of the project
    some = session.scalars(union_all(*(_newest(project_id, language) for language in left))).all()
    query = _practicable(left, now).where(
        Task.id.in_(some),
        ~exists().where(answered.task_id == Task.id, answered.person_id == person.id),
        ~exists().where(slot.task_id == Task.id, slot.holder_id == person.id),
    )
    if person.speaker_id is not None:
        query = query.where(
            ~exists().where(
                RecordingSpeaker.recording_id == Clip.recording_id,
                RecordingSpeaker.speaker_id == person.speaker_id,
            )
        )
    # ordered here, and no project named: else SQLite walks all clips of the project, or all by their length
    found = [PracticeClip(*row) for row in session.execute(query)]
    return min(found, key=lambda clip: (clip.seconds, clip.clip_id), default=None)


def practice_clip(
    session: Session, project_id: str, clip_id: str, languages: Collection[str], *, now: datetime
) -> PracticeClip | None:
    """That clip, where it may be practised on by people of these languages."""
    query = _practicable(languages, now).where(Clip.id == clip_id, Clip.project_id == project_id)
    row = session.execute(query).first()
    return None if row is None else PracticeClip(*row)


def note_answer(
    session: Session, project_id: str, person_id: str, clip: PracticeClip, answer: Answer, *, now: datetime
) -> None:
    """Remember that they have seen the answer, and their first score. The words that they typed are kept nowhere."""
    answer_id = content_id("practice", person_id, clip.task_id)
    if session.get(PracticeAnswer, answer_id) is None:
        session.add(
            PracticeAnswer(
                id=answer_id,
                person_id=person_id,
                task_id=clip.task_id,
                project_id=project_id,
                language=clip.language,
                right_words=answer.right,
                words=len(answer.words),
                at=now,
            )
        )


def practice_score(session: Session, project_id: str, person_id: str) -> PracticeScore:
    """All languages of the project together."""
    clips, right, words = session.execute(
        select(func.count(), func.sum(PracticeAnswer.right_words), func.sum(PracticeAnswer.words)).where(
            PracticeAnswer.person_id == person_id, PracticeAnswer.project_id == project_id
        )
    ).one()
    return PracticeScore(clips, right or 0, words or 0)


def _practicable(languages: Collection[str], now: datetime) -> Select[tuple[str, str, str, str, float, str]]:
    later = aliased(Transcript)
    measures = exists().where(
        Gold.task_id == Task.id, Gold.retired_at.is_(None), Gold.added_at > now - WEARS_OUT
    )
    return (
        select(Clip.id, Task.id, Transcript.id, Clip.language, Clip.seconds, Transcript.verbatim)
        .join(Task, Task.clip_id == Clip.id)
        .join(Transcript, Transcript.clip_id == Clip.id)
        .where(
            Clip.language.in_(sorted(languages)),
            Clip.seconds <= LONGEST,
            Clip.state == ClipState.ACCEPTED,
            Task.state == TaskState.ACCEPTED,
            Transcript.origin == "review",
            Transcript.withheld_at.is_(None),
            ~exists().where(later.clip_id == Clip.id, later.version > Transcript.version),
            ~measures,
            ~is_hidden(Clip.id),
            consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
        )
    )


def _newest(project_id: str, language: str) -> Select[tuple[str]]:
    """The newest accepted tasks of a language: a choice costs the same of any number of clips."""
    some = (
        select(Task.id)
        .where(Task.project_id == project_id, Task.state == TaskState.ACCEPTED, Task.language == language)
        .order_by(Task.created_at.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    return select(some.c.id)


def _counts(session: Session, person_id: str, project_id: str) -> dict[str, int]:
    rows = session.execute(
        select(PracticeAnswer.language, func.count().label("number"))
        .where(PracticeAnswer.person_id == person_id, PracticeAnswer.project_id == project_id)
        .group_by(PracticeAnswer.language)
    )
    return {row.language: row.number for row in rows}
