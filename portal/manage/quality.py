"""Quality: how a person's work holds up, which is what a manager decides from."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.states import Role, SubmissionKind
from catalog.tables import LedgerEntry, Standing, Submission, Task
from transcription.context import ProjectContext
from transcription.decisions.trust import RULE, Reliability, record_of
from transcription.people import StaffMember, list_people
from transcription.quiz import Quiz, quiz_of


@dataclass(frozen=True, slots=True)
class Suspension:
    """Why and since when somebody gets no work in a language. bad of all their texts were not good at that time."""

    because: str
    by: str
    at: datetime
    bad: int
    all: int

    @property
    def by_rule(self) -> bool:
        """Whether the two counts are the whole reason: nobody chose words for it."""
        return self.by == RULE


@dataclass(frozen=True, slots=True)
class Quality:
    """A person in one language. quiz: None where the project asks for none"""

    language: str
    texts: int
    reliability: Reliability
    held: Suspension | None
    quiz: Quiz | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff with what they did in this project."""

    member: StaffMember
    qualities: tuple[Quality, ...]
    earned_millis: int
    last_seen: datetime | None

    @property
    def is_held(self) -> bool:
        return any(quality.held for quality in self.qualities)


def colleagues(
    session: Session, project_context: ProjectContext, *, handle: str | None = None
) -> list[Colleague]:
    """Everybody of the project, or the one of that handle; those who are held back first, then by handle."""
    project = project_context.project.name
    earned = dict(
        session.execute(
            select(LedgerEntry.person_id, func.sum(LedgerEntry.amount_millis))
            .where(LedgerEntry.project_id == project)
            .group_by(LedgerEntry.person_id)
        )
        .tuples()
        .all()
    )
    written: dict[tuple[str, str], tuple[int, datetime]] = {
        (person, language): (count, last)
        for person, language, count, last in session.execute(
            select(Submission.person_id, Task.language, func.count(), func.max(Submission.created_at))
            .join(Task, Task.id == Submission.task_id)
            .where(Task.project_id == project, Submission.kind == SubmissionKind.FINAL)
            .group_by(Submission.person_id, Task.language)
        )
    }
    found = [
        Colleague(
            member=member,
            qualities=tuple(
                _quality(
                    session,
                    project_context,
                    member.id,
                    language,
                    written.get((member.id, language), (0, None))[0],
                )
                for language in member.languages
                if language in project_context.project.languages and Role.TRANSCRIBER in member.roles
            ),
            earned_millis=earned.get(member.id, 0),
            last_seen=max(
                (last for (who, _), (_, last) in written.items() if who == member.id), default=None
            ),
        )
        for member in list_people(session, project)
        if handle is None or member.handle == handle
    ]
    return sorted(found, key=lambda each: (not each.member.active, not each.is_held, each.member.handle))


def _quality(
    session: Session, project_context: ProjectContext, person_id: str, language: str, texts: int
) -> Quality:
    standing = session.get(Standing, (person_id, language))
    held = None
    if standing and standing.held_back:
        every = standing.good + standing.bad
        held = Suspension(standing.because, standing.by, standing.at, standing.bad, every)
    asked = project_context.project.transcription.quiz_clips > 0
    return Quality(
        language=language,
        texts=texts,
        reliability=record_of(session, person_id, language),
        held=held,
        quiz=quiz_of(session, project_context, person_id, language) if asked else None,
    )
