"""Notes that the people of a clip leave each other: what is unclear, who is meant, why it was decided so.

Two people who write a clip unseen stay unseen: a writer reads their own notes, and those of reviewers and managers.
Nobody but a manager learns who wrote a note.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.ids import content_id
from catalog.states import Role
from catalog.tables import Note, Person, Slot, Submission, Task
from transcription import text as texts
from transcription.context import NotAllowed, ProjectContext
from transcription.people import roles_in
from transcription.slots.purpose import WRITING
from transcription.taken_back import is_taken_back
from transcription.text.graphemes import count

LONGEST = 1000
"""Characters of a note, as a reader counts them."""
MOST = 50
"""Notes of one person at one clip."""


class ClipRole(StrEnum):
    """What somebody has to do with a clip."""

    WRITER = "writer"
    REVIEWER = "reviewer"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class TaskNote:
    """A note as one reader sees it."""

    id: str
    at: datetime
    text: str
    part: ClipRole
    """Of whoever wrote it."""
    mine: bool
    handle: str | None
    """For managers only."""


def add_note(
    context: ProjectContext, task_id: str, person_id: str, text: str, *, request_id: str, now: datetime
) -> TaskNote:
    """Leave a note. The same request again gives the same note.

    raises: NotAllowed for somebody who has nothing to do with the clip, an empty or too long note
    """
    text = texts.verbatim(text).strip()
    length = count(text)
    if not 1 <= length <= LONGEST:
        raise NotAllowed(Sentence("a note has 1 to %(most)s letters. Shorten it.", most=str(LONGEST)))
    with context.catalog.writing() as session:
        part = _part(session, context, task_id, person_id)
        note_id = content_id("note", task_id, person_id, request_id)
        note = session.get(Note, note_id)
        if note is None:
            mine = select(func.count()).where(Note.task_id == task_id, Note.person_id == person_id)
            if (session.scalar(mine) or 0) >= MOST:
                raise NotAllowed(
                    Sentence(
                        "one person leaves at most %(most)s notes at a clip. Talk to your reviewer.",
                        most=str(MOST),
                    )
                )
            kept = "" if is_taken_back(session, session.get_one(Task, task_id)) else text
            note = Note(id=note_id, task_id=task_id, person_id=person_id, text=kept, at=now)
            session.add(note)
            subject = ("task", task_id)
            audit.record(session, at=now, actor=person_id, action="note.added", subject=subject)
        elif note.text not in (text, ""):
            raise NotAllowed(
                Sentence("this was sent before with other words. Load the page and send it again.")
            )
        return TaskNote(note.id, note.at, note.text, part, True, None)


def notes_of(context: ProjectContext, task_id: str, person_id: str) -> tuple[TaskNote, ...]:
    """The notes at a clip that this person may read, oldest first. raises: NotAllowed"""
    with context.catalog.reading() as session:
        part = _part(session, context, task_id, person_id)
        rows = session.execute(
            select(Note.id, Note.at, Note.text, Note.person_id, Person.handle)
            .join(Person, Person.id == Note.person_id)
            .where(Note.task_id == task_id)
            .order_by(Note.at, Note.id)
        ).all()
        parts = {
            who: _part(session, context, task_id, who, today=False) for who in {row.person_id for row in rows}
        }
    return tuple(
        TaskNote(
            id=row.id,
            at=row.at,
            text=row.text,
            part=parts[row.person_id],
            mine=row.person_id == person_id,
            handle=row.handle if part is ClipRole.MANAGER else None,
        )
        for row in rows
        if part is not ClipRole.WRITER
        or row.person_id == person_id
        or parts[row.person_id] is not ClipRole.WRITER
    )


def _part(
    session: Session, context: ProjectContext, task_id: str, person_id: str, *, today: bool = True
) -> ClipRole:
    """Whoever has written a clip is its writer, whatever else they are. today: they must still be active"""
    language = session.scalar(
        select(Task.language).where(Task.id == task_id, Task.project_id == context.project.name)
    )
    person = session.get(Person, person_id)
    if language is None or person is None or (today and not person.active):
        raise NotAllowed(Sentence("there is no such clip for you."))
    wrote = select(
        exists().where(Slot.task_id == task_id, Slot.holder_id == person_id, Slot.purpose.in_(WRITING))
        | exists().where(Submission.task_id == task_id, Submission.person_id == person_id)
    )
    if session.scalar(wrote):
        return ClipRole.WRITER
    roles = roles_in(session, person_id, context.project.name)
    if Role.MANAGER in roles:
        return ClipRole.MANAGER
    if Role.REVIEWER in roles and language in person.languages:
        return ClipRole.REVIEWER
    if not today:
        return ClipRole.REVIEWER  # has given up the role since
    raise NotAllowed(Sentence("notes are for whoever writes, reviews or manages a clip."))
