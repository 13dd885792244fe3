"""Quality: how people's work holds up, which is what a manager decides from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from catalog.states import Role, SubmissionKind
from catalog.tables import Assessment, LedgerEntry, Standing, Submission, Task
from transcription.context import ProjectContext
from transcription.decisions.trust import RULE, WINDOW, Reliability
from transcription.people import StaffMember
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
    """A person in one language."""

    language: str
    texts: int
    reliability: Reliability
    held: Suspension | None


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
class LanguageWork:
    """Texts that a person handed in in a language, and when the last."""

    person_id: str
    language: str
    texts: int
    last: datetime


@dataclass(frozen=True, slots=True)
class LanguageRecord:
    """What a person's last texts in a language came to."""

    person_id: str
    language: str
    reliability: Reliability


@dataclass(frozen=True, slots=True)
class TeamWork:
    """What people did in a project. earned: thousandths by person"""

    written: list[LanguageWork]
    records: list[LanguageRecord]
    earned: dict[str, int]


def team_work(session: Session, project: str, *, person_id: str | None = None) -> TeamWork:
    """Of everybody, or of one person: three statements, which read all that they did."""
    theirs = [] if person_id is None else [Submission.person_id == person_id]
    written = session.execute(
        select(Submission.person_id, Task.language, func.count(), func.max(Submission.created_at))
        .join(Task, Task.id == Submission.task_id)
        .where(Task.project_id == project, Submission.kind == SubmissionKind.FINAL, *theirs)
        .group_by(Submission.person_id, Task.language)
    )
    earned = select(LedgerEntry.person_id, func.sum(LedgerEntry.amount_millis)).where(
        LedgerEntry.project_id == project
    )
    if person_id is not None:
        earned = earned.where(LedgerEntry.person_id == person_id)
    return TeamWork(
        written=[LanguageWork(*row) for row in written],
        records=_records(session, person_id),
        earned={
            person: int(sum_) for person, sum_ in session.execute(earned.group_by(LedgerEntry.person_id))
        },
    )


def _records(session: Session, person_id: str | None) -> list[LanguageRecord]:
    """As `trust.record_of` has it, of each person and language at once."""
    turn = func.row_number().over(
        partition_by=(Assessment.person_id, Assessment.language),
        order_by=(Assessment.at.desc(), Assessment.id),
    )
    numbered = select(
        Assessment.person_id, Assessment.language, Assessment.good, Assessment.error, turn.label("turn")
    )
    if person_id is not None:
        numbered = numbered.where(Assessment.person_id == person_id)
    each = numbered.subquery()
    rows = session.execute(
        select(
            each.c.person_id,
            each.c.language,
            func.sum(case((each.c.good, 1), else_=0)),
            func.count(),
            func.avg(each.c.error),
        )
        .where(each.c.turn <= WINDOW)
        .group_by(each.c.person_id, each.c.language)
    )
    return [
        LanguageRecord(person, language, Reliability(int(good), count - int(good), float(error)))
        for person, language, good, count, error in rows
    ]


def colleagues(
    session: Session, project_context: ProjectContext, members: Sequence[StaffMember], work: TeamWork
) -> list[Colleague]:
    """Those people with what they did; who is held back first, then by handle, and who was let go last."""
    held = _suspensions(session, [member.id for member in members])
    written = {(each.person_id, each.language): each for each in work.written}
    records = {(each.person_id, each.language): each.reliability for each in work.records}
    seen: dict[str, datetime] = {}
    for each in work.written:
        seen[each.person_id] = max(each.last, seen.get(each.person_id, each.last))
    found = [
        Colleague(
            member=member,
            qualities=tuple(
                Quality(
                    language=language,
                    texts=written[member.id, language].texts if (member.id, language) in written else 0,
                    reliability=records.get((member.id, language), Reliability(0, 0, None)),
                    held=held.get((member.id, language)),
                )
                for language in _languages(project_context, member)
            ),
            earned_millis=work.earned.get(member.id, 0),
            last_seen=seen.get(member.id),
        )
        for member in members
    ]
    return sorted(found, key=lambda each: (not each.member.active, not each.is_held, each.member.handle))


def quizzes_of(session: Session, project_context: ProjectContext, member: StaffMember) -> dict[str, Quiz]:
    """How far somebody is in the quiz, by language; empty where the project asks for none."""
    if not project_context.project.transcription.quiz_clips:
        return {}
    return {
        language: quiz_of(session, project_context, member.id, language)
        for language in _languages(project_context, member)
    }


def _languages(project_context: ProjectContext, member: StaffMember) -> list[str]:
    """In which somebody may write here."""
    if Role.TRANSCRIBER not in member.roles:
        return []
    return [code for code in member.languages if code in project_context.project.languages]


def _suspensions(session: Session, person_ids: Collection[str]) -> dict[tuple[str, str], Suspension]:
    rows = session.scalars(select(Standing).where(Standing.person_id.in_(person_ids), Standing.held_back))
    return {
        (row.person_id, row.language): Suspension(row.because, row.by, row.at, row.bad, row.good + row.bad)
        for row in rows
    }
