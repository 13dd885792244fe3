"""The quiz before somebody's first work in a language: gold clips till enough are right, where the project asks it.

They look and are paid like any other clip. Whoever fails too many is held back by the rule for everybody (`trust`); a
manager can let a person off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.states import Role, SlotPurpose, SlotState
from catalog.tables import Assessment, Slot, Standing
from transcription import gold
from transcription.context import NotAllowed, ProjectContext
from transcription.people import StaffMember, person_of


@dataclass(frozen=True, slots=True)
class Quiz:
    """How far a person is in a language. right, wrong: gold clips; asked: right ones that the project wants"""

    language: str
    asked: int
    right: int
    wrong: int
    let_off: bool
    """A manager has decided that the person may work."""

    @property
    def passed(self) -> bool:
        return self.let_off or self.right >= self.asked


def quiz_of(session: Session, context: ProjectContext, person_id: str, language: str) -> Quiz:
    """Where a person stands; whoever worked before the project asked for a quiz takes it as well."""
    rows = session.execute(
        select(Assessment.good, func.count().label("number"))
        .where(
            Assessment.person_id == person_id,
            Assessment.language == language,
            Assessment.against == "gold",
        )
        .group_by(Assessment.good)
    )
    counts = {bool(row.good): row.number for row in rows}
    standing = session.get(Standing, (person_id, language))
    let_off = standing is not None and not standing.held_back
    asked = context.project.transcription.quiz_clips
    return Quiz(language, asked, counts.get(True, 0), counts.get(False, 0), let_off)


def quizzes_of(
    session: Session, context: ProjectContext, person: StaffMember, languages: Sequence[str]
) -> list[Quiz]:
    """The quizzes that a person has still to pass."""
    if not context.project.transcription.quiz_clips:
        return []
    found = [quiz_of(session, context, person.id, language) for language in languages]
    return [quiz for quiz in found if not quiz.passed]


def take_quiz(
    session: Session,
    context: ProjectContext,
    person: StaffMember,
    quizzes: Sequence[Quiz],
    *,
    now: datetime,
    until: datetime,
) -> Slot | None:
    """The next quiz clip, one language after the other; None where they hold enough, or no gold is left for them."""
    for quiz in quizzes:
        if quiz.right + _held(session, person.id, quiz.language) >= quiz.asked:
            continue
        slot = gold.give_gold(session, context, person, [quiz.language], now=now, until=until)
        if slot is not None:
            return slot
    return None


def why_not(person: StaffMember, quizzes: Sequence[Quiz]) -> NotAllowed:
    """The message for somebody who can't be given a clip before their quiz."""
    return NotAllowed(
        Sentence(
            "%(person)s hasn't passed the quiz before the first clip (%(scores)s), and no quiz clip is left. "
            "Have a reviewer make more clips gold, or a manager let them off.",
            person=person.handle,
            scores=_scores(quizzes),
        )
    )


def comes_first(person: StaffMember, quizzes: Sequence[Quiz]) -> NotAllowed:
    """The message for somebody who asks for clips of their choice before their quiz."""
    return NotAllowed(
        Sentence(
            "%(person)s has a quiz to pass first (%(scores)s). "
            "Have them take clips as they come, or a manager let them off.",
            person=person.handle,
            scores=_scores(quizzes),
        )
    )


def let_off(
    context: ProjectContext, person_id: str, language: str, *, manager_id: str, because: str, now: datetime
) -> None:
    """A manager lets somebody work without the quiz, on record. Whoever is held back stays so: see `reinstate`."""
    with context.catalog.writing() as session:
        person_of(session, manager_id, Role.MANAGER, project=context.project.name)
        if manager_id == person_id:
            raise NotAllowed(Sentence("nobody decides on how their own work holds up. Another manager can."))
        if session.get(Standing, (person_id, language)) is not None:
            return
        session.add(
            Standing(
                person_id=person_id,
                language=language,
                held_back=False,
                because=because,
                good=0,
                bad=0,
                by=manager_id,
                at=now,
            )
        )
        audit.record(
            session,
            at=now,
            actor=manager_id,
            action="person.let_off_quiz",
            subject=("person", person_id),
            detail={"language": language, "because": because},
        )


def _scores(quizzes: Sequence[Quiz]) -> str:
    return "; ".join(f"{quiz.language}: {quiz.right}/{quiz.asked}" for quiz in quizzes)


def _held(session: Session, person_id: str, language: str) -> int:
    """Gold clips at hand: somebody who takes a bundle gets no more than the quiz asks for."""
    query = select(func.count()).where(
        Slot.holder_id == person_id,
        Slot.language == language,
        Slot.purpose == SlotPurpose.GOLD,
        Slot.state == SlotState.LEASED,
    )
    return session.scalar(query) or 0
