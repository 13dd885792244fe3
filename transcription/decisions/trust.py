"""Trust: how far a person's texts can be relied on, how sure we are of it, and when they are held back.

Each finished text is held against the text that was accepted in the end. Good means within the project's
threshold. The share of good ones is estimated as a Beta distribution, so that three mistakes at the start
don't weigh like thirty; a person is held back only once it is nearly sure that too much of their work fails.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.ids import content_id
from catalog.states import Role, SubmissionKind
from catalog.tables import Assessment, Standing, Submission, Task, Transcript
from transcription.context import NotAllowed, ProjectContext
from transcription.decisions.agreement import error_rates
from transcription.decisions.beta import beta_cdf, beta_quantile
from transcription.decisions.consensus import USUALLY_RIGHT
from transcription.decisions.learnt_spellings import guideline_of
from transcription.people import person_of

WINDOW = 60
"""Texts that count: people learn, and tire."""
PRIOR = (4, 1)
"""Good and bad texts that a newcomer is credited with."""
NEWCOMER_TEXTS = 5
"""So many usual texts a newcomer's words are credited with."""
LETTERS_A_SLIP = 2.0
"""Letters that a wrong word has wrong, on average."""
HALF_BAD = 0.5
SURE = 0.95
RULE = "hold-back rule"

_LAST = (
    select(Assessment.good, Assessment.error)
    .where(Assessment.person_id == bindparam("person"), Assessment.language == bindparam("language"))
    .order_by(Assessment.at.desc(), Assessment.id)
    .limit(WINDOW)
)
_TEXTS = (
    select(Submission)
    .where(
        Submission.task_id == bindparam("task"),
        Submission.kind.in_((SubmissionKind.FINAL, SubmissionKind.LATE)),
    )
    .order_by(Submission.created_at, Submission.id)
)
_ASSESSED = select(Assessment).where(Assessment.submission_id == bindparam("text"))


@dataclass(frozen=True, slots=True)
class Reliability:
    """What a person's last texts say about the next one."""

    good: int
    bad: int
    mean_error: float | None
    """Mean error rate of the texts that count; None where there is none yet."""

    @property
    def likely_failing(self) -> float:
        """How sure we are that fewer than half of the person's texts are good."""
        return beta_cdf(PRIOR[0] + self.good, PRIOR[1] + self.bad, HALF_BAD)

    @property
    def interval(self) -> tuple[float, float]:
        """Between which shares of good texts the truth lies, nine times in ten."""
        a, b = PRIOR[0] + self.good, PRIOR[1] + self.bad
        return beta_quantile(a, b, 0.05), beta_quantile(a, b, 0.95)


def record_of(session: Session, person_id: str, language: str) -> Reliability:
    """A person's last texts in a language, each held against the best text known for its clip."""
    rows = session.execute(_LAST, {"person": person_id, "language": language}).all()
    good = sum(row.good for row in rows)
    mean = sum(row.error for row in rows) / len(rows) if rows else None
    return Reliability(good, len(rows) - good, mean)


def likely_right(
    session: Session, person_id: str, language: str, *, letters: float, measure: Literal["cer", "wer"]
) -> float:
    """How likely a word of a person's next text is right, from the errors of their last texts.

    letters: of a usual word; a character error rate says the more about words the longer they are
    """
    rows = session.execute(_LAST, {"person": person_id, "language": language}).all()
    power = 1.0 if measure == "wer" else max(1.0, letters / LETTERS_A_SLIP)
    right = [float((1 - row.error) ** power) for row in rows]
    return (NEWCOMER_TEXTS * USUALLY_RIGHT + sum(right)) / (NEWCOMER_TEXTS + len(right))


def assess(
    session: Session,
    context: ProjectContext,
    task: Task,
    transcript: Transcript,
    *,
    against: str,
    now: datetime,
) -> None:
    """Hold every finished or late text of a task against the accepted one, and hold back whoever fails too often.

    A text that was accepted on its author's word alone (`single`) proves nothing about them and isn't counted.
    A later version of the transcript replaces an earlier one.
    """
    texts = session.scalars(_TEXTS, {"task": task.id})
    last = {(text.person_id, text.slot_id): text for text in texts}
    for text in last.values():
        if against == "single" and text.id == transcript.submission_id:
            continue
        record_assessment(session, context, text, transcript, task.language, against=against, now=now)


def record_assessment(
    session: Session,
    context: ProjectContext,
    text: Submission,
    transcript: Transcript,
    language: str,
    *,
    against: str,
    now: datetime,
) -> Assessment:
    """One text against one transcript; assessing it again, against a newer version, replaces what was held."""
    found = error_rates(transcript.verbatim, text.verbatim, guideline_of(session, context, language))
    error = min(1.0, found.wer if context.project.agreement.measure == "wer" else found.cer)
    assessment = session.scalar(_ASSESSED, {"text": text.id})
    if assessment is None:
        assessment = Assessment(
            id=content_id("assessment", text.id),
            person_id=text.person_id,
            language=language,
            submission_id=text.id,
            at=now,
        )
        session.add(assessment)
    assessment.transcript_id = transcript.id
    assessment.against = against
    assessment.error = error
    assessment.good = error <= context.project.agreement.threshold
    session.flush()
    _hold_back_if_failing(session, text.person_id, language, now)
    return assessment


def reinstate(
    context: ProjectContext, person_id: str, language: str, *, manager_id: str, because: str, now: datetime
) -> None:
    """A manager lets a held-back person work again; the rule looks only at what follows."""
    with context.catalog.writing() as session:
        person_of(session, manager_id, Role.MANAGER, project=context.project.name)
        if manager_id == person_id:
            raise NotAllowed(Sentence("nobody decides on how their own work holds up. Another manager can."))
        standing = session.get(Standing, (person_id, language))
        if standing is None or not standing.held_back:
            return
        standing.held_back = False
        standing.because = because
        standing.by = manager_id
        standing.at = now
        audit.record(
            session,
            at=now,
            actor=manager_id,
            action="person.reinstated",
            subject=("person", person_id),
            detail={"language": language, "because": because},
        )


def _hold_back_if_failing(session: Session, person_id: str, language: str, now: datetime) -> None:
    record = record_of(session, person_id, language)
    if record.likely_failing < SURE:
        return
    standing = session.get(Standing, (person_id, language))
    if standing is not None and standing.held_back:
        return
    if standing is not None and record.bad <= standing.bad:
        return  # a manager has seen all of this and decided otherwise
    because = (
        f"{record.bad} of the last {record.good + record.bad} texts differ too much from what was accepted"
    )
    if standing is None:
        standing = Standing(person_id=person_id, language=language)
        session.add(standing)
    standing.held_back = True
    standing.because = because
    standing.good, standing.bad = record.good, record.bad
    standing.by = RULE
    standing.at = now
    audit.record(
        session,
        at=now,
        actor=RULE,
        action="person.held_back",
        subject=("person", person_id),
        detail={"language": language, "because": because, "sure": round(record.likely_failing, 4)},
    )
    session.flush()
