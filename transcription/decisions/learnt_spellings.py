"""Learnt spellings: pairs of words of which a reviewer of the project said that both are right."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.ids import content_id
from catalog.states import Role, SubmissionKind
from catalog.tables import LearntSpelling, Review, Submission, Task
from transcription.context import NotAllowed, ProjectContext
from transcription.decisions.consensus import Column, consensus
from transcription.people import person_of
from transcription.rules.guideline import Guideline, with_learnt
from transcription.rules.spelling import Pair
from transcription.text import comparison


@dataclass(frozen=True, slots=True)
class LearntPair:
    """A learnt spelling as a manager sees it."""

    id: str
    language: str
    one: str
    other: str
    reviewer_id: str
    at: datetime


def guideline_of(session: Session, context: ProjectContext, language: str) -> Guideline:
    """The guideline of a language with what the project has learnt till now. raises: NotAllowed"""
    guideline = context.guideline_of(language)
    return with_learnt(guideline, learnt(session, context.project.name, language))


def learnt(session: Session, project: str, language: str) -> frozenset[Pair]:
    """Every pair of a language."""
    rows = session.execute(_LEARNT, {"project": project, "language": language})
    return frozenset((row.one, row.other) for row in rows)


_LEARNT = select(LearntSpelling.one, LearntSpelling.other).where(
    LearntSpelling.project_id == bindparam("project"), LearntSpelling.language == bindparam("language")
)


def list_learnt(session: Session, project: str) -> Sequence[LearntPair]:
    """Every pair of a project, by language and word."""
    rows = session.scalars(
        select(LearntSpelling)
        .where(LearntSpelling.project_id == project)
        .order_by(LearntSpelling.language, LearntSpelling.one, LearntSpelling.other)
    )
    return [LearntPair(row.id, row.language, row.one, row.other, row.reviewer_id, row.at) for row in rows]


def open_pairs(column: Column, guideline: Guideline) -> frozenset[Pair]:
    """The pairs of different words that stand against each other in a column, in the comparison form."""
    said = {_said(word, guideline) for word in column.words if word is not None} - {""}
    return frozenset(combinations(sorted(said), 2))


def learn(
    session: Session, context: ProjectContext, task: Task, review: Review, pairs: Collection[Pair]
) -> None:
    """Remember what a reviewer says is right both ways, of the texts of a locked task.

    pairs: words as they stand in the texts
    raises: NotAllowed for words that don't stand against each other there
    """
    if not pairs:
        return
    guideline = context.guideline_of(task.language)
    standing = frozenset(_standing(session, task, guideline))
    for pair in pairs:
        one, other = sorted(_said(word, guideline) for word in pair)
        if (one, other) not in standing:
            raise NotAllowed(
                Sentence(
                    "“%(one)s” and “%(other)s” don't stand against each other in the texts of this clip. "
                    "Choose two words that stand under each other.",
                    one=pair[0],
                    other=pair[1],
                )
            )
        _keep(session, context, task, review, (one, other))


def forget(context: ProjectContext, pair_id: str, *, by: str, now: datetime) -> None:
    """Make two words two again. What was judged by the pair stays. raises: NotAllowed for whoever is no manager"""
    with context.catalog.writing() as session:
        person_of(session, by, Role.MANAGER, project=context.project.name)
        known = session.get(LearntSpelling, pair_id)
        if known is None:
            return
        context.check_own(known.project_id)
        session.delete(known)
        audit.record(session, at=now, actor=by, action="spelling.forgotten", subject=("spelling", pair_id))


def _keep(session: Session, context: ProjectContext, task: Task, review: Review, pair: Pair) -> None:
    project = context.project.name
    identifier = content_id("spelling", project, task.language, *pair)
    if session.get(LearntSpelling, identifier) is not None:
        return
    session.add(
        LearntSpelling(
            id=identifier,
            project_id=project,
            language=task.language,
            one=pair[0],
            other=pair[1],
            task_id=task.id,
            reviewer_id=review.reviewer_id,
            at=review.at,
        )
    )
    subject = ("spelling", identifier)
    audit.record(
        session,
        at=review.at,
        actor=review.reviewer_id,
        action="spelling.learnt",
        subject=subject,
        detail={"task": task.id, "language": task.language},
    )
    session.flush()


def _standing(session: Session, task: Task, guideline: Guideline) -> Iterator[Pair]:
    texts = session.scalars(
        select(Submission.verbatim)
        .where(Submission.task_id == task.id, Submission.kind == SubmissionKind.FINAL)
        .order_by(Submission.id)
    ).all()
    for column in consensus(texts, guideline).columns if texts else ():
        yield from open_pairs(column, guideline)


def _said(word: str, guideline: Guideline) -> str:
    return comparison(word, guideline).replace(" ", "")
