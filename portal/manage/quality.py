"""How a person's work holds up, with the texts that say so: what a manager decides from, and the person can ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from catalog.states import Role, SubmissionKind
from catalog.tables import Assessment, LedgerEntry, Standing, Submission, Task, Transcript
from portal.http.pages import _
from transcription.context import ProjectContext
from transcription.decisions.consensus import Column, consensus
from transcription.decisions.trust import RULE, Reliability, record_of
from transcription.people import StaffMember, list_people
from transcription.quiz import Quiz, quiz_of
from transcription.rules.guideline import Guideline

SHOWN = 20
AGAINST = {
    "gold": _("beside a gold clip's text"),
    "review": _("beside a reviewer's text"),
    "consensus": _("beside what several texts have in common"),
    "agreement": _("beside another writer's text"),
    "single": _("beside another writer's text"),
}
"""What a text was held against; see catalog.tables.Assessment."""


@dataclass(frozen=True, slots=True)
class Held:
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
    held: Held | None
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


@dataclass(frozen=True, slots=True)
class Evidence:
    """One text of a person beside the better one, word under word."""

    clip_id: str
    language: str
    at: datetime
    against: str
    """A message, not translated yet."""
    error: float
    good: bool
    columns: tuple[Column, ...]


def colleagues(
    session: Session, project_context: ProjectContext, *, handle: str | None = None
) -> list[Colleague]:
    """Everybody, or the one of that handle; those who are held back first, then by handle."""
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
        for member in list_people(session)
        if handle is None or member.handle == handle
    ]
    return sorted(found, key=lambda each: (not each.member.active, not each.is_held, each.member.handle))


def evidence(
    session: Session, person_id: str, project: str, guidelines: dict[str, Guideline]
) -> Sequence[Evidence]:
    """The last texts of a person that were held against a better one, newest first."""
    better = aliased(Transcript)
    rows = session.execute(
        select(Assessment, Submission.verbatim, better.verbatim, better.clip_id)
        .join(Submission, Submission.id == Assessment.submission_id)
        .join(Task, Task.id == Submission.task_id)
        .join(better, better.id == Assessment.transcript_id)
        .where(Assessment.person_id == person_id, Task.project_id == project)
        .order_by(Assessment.at.desc(), Assessment.id)
        .limit(SHOWN)
    )
    return [
        Evidence(
            clip_id=clip_id,
            language=assessment.language,
            at=assessment.at,
            against=AGAINST.get(assessment.against, assessment.against),
            error=assessment.error,
            good=assessment.good,
            columns=consensus([theirs, truth], guidelines[assessment.language]).columns,
        )
        for assessment, theirs, truth, clip_id in rows
        if assessment.language in guidelines
    ]


def _quality(
    session: Session, project_context: ProjectContext, person_id: str, language: str, texts: int
) -> Quality:
    standing = session.get(Standing, (person_id, language))
    held = None
    if standing and standing.held_back:
        every = standing.good + standing.bad
        held = Held(standing.because, standing.by, standing.at, standing.bad, every)
    asked = project_context.project.transcription.quiz_clips > 0
    return Quality(
        language=language,
        texts=texts,
        reliability=record_of(session, person_id, language),
        held=held,
        quiz=quiz_of(session, project_context, person_id, language) if asked else None,
    )
