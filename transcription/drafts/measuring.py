"""What machine drafts are worth: their errors against accepted texts, and the time that they save or cost.

Counted by language and model, so that a better model begins anew. A draft is turned off where its errors are too
many or where it saves no time; both are judged once there is enough to judge by.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from catalog.figures import keep_figure, kept_figure
from catalog.ids import content_id
from catalog.states import SlotPurpose, SubmissionKind
from catalog.tables import AuditEvent, Clip, DraftShown, MachineDraft, Slot, Submission, Task, Transcript
from transcription.context import ProjectContext
from transcription.decisions.agreement import ErrorRates, error_rates
from transcription.drafts.asked import chosen_for_doubt

FEWEST = 20
"""Accepted texts before errors are judged; texts with a draft, and as many without, before time is."""
_MOST = 5_000
"""Of a project, the newest are counted."""
FIGURE = "drafts"
_GROUNDS = "drafts counted from"
Reason = Literal["errors", "no_time_saved"]


@dataclass(frozen=True, slots=True)
class DraftErrors:
    """Words that differ between drafts and the texts that were accepted of their clips."""

    texts: int
    edits: int
    words: int

    @property
    def rate(self) -> float | None:
        return self.edits / self.words if self.words else None


@dataclass(frozen=True, slots=True)
class WritingTime:
    """What one person took, in seconds at work for seconds of sound, with a draft and without."""

    person_id: str
    texts_with: int
    active_with: float
    sound_with: float
    texts_without: int
    active_without: float
    sound_without: float

    @property
    def pace_with(self) -> float | None:
        return self.active_with / self.sound_with if self.sound_with else None

    @property
    def pace_without(self) -> float | None:
        return self.active_without / self.sound_without if self.sound_without else None

    @property
    def saved(self) -> float | None:
        """Share of the time that drafts save, below 0 where they cost time; None where there is nothing to compare."""
        if not self.pace_without or self.pace_with is None:
            return None
        return 1 - self.pace_with / self.pace_without


@dataclass(frozen=True, slots=True)
class DraftFigures:
    """One model in one language. blind: errors on the clips that nobody began with a draft, a part of `all`"""

    language: str
    model: str
    all: DraftErrors
    blind: DraftErrors
    people: tuple[WritingTime, ...]
    off: Reason | None

    @property
    def saved(self) -> float | None:
        return time_saved(self.people)


def time_saved(people: Sequence[WritingTime]) -> float | None:
    """Share of the time that drafts save those who wrote with and without one, each compared with themselves alone.

    >>> time_saved([WritingTime("asha", 2, 50.0, 10.0, 2, 100.0, 10.0), WritingTime("new", 1, 9.0, 1.0, 0, 0.0, 0.0)])
    0.5
    """
    compared = [each for each in people if each.saved is not None]
    usual = sum(each.active_without / each.sound_without * each.sound_with for each in compared)
    return 1 - sum(each.active_with for each in compared) / usual if usual else None


def verdict_on(
    errors: DraftErrors, blind: DraftErrors, people: Sequence[WritingTime], error_at_most: float
) -> Reason | None:
    """Why drafts are turned off; None where they are not, or where too little is known.

    Blind clips know better: a text that began as the draft keeps some of its errors.
    """
    judged = blind if blind.texts >= FEWEST else errors
    if judged.texts >= FEWEST and judged.rate is not None and judged.rate > error_at_most:
        return "errors"
    compared = [each for each in people if each.saved is not None]
    enough = min(sum(each.texts_with for each in compared), sum(each.texts_without for each in compared))
    saved = time_saved(people)
    return "no_time_saved" if enough >= FEWEST and saved is not None and saved <= 0 else None


class _Judged(NamedTuple):
    language: str
    model: str
    draft: str
    accepted: str
    was_unseen: bool


class _Written(NamedTuple):
    """active: seconds at work; sound: seconds of the clip"""

    language: str
    model: str
    person_id: str
    task_id: str
    was_shown: bool
    active: float
    sound: float


def measure_drafts(session: Session, context: ProjectContext) -> list[DraftFigures]:
    """Of every language and model of a project that has drafted, in order."""
    project = context.project
    rates: dict[tuple[str, str], list[tuple[bool, ErrorRates]]] = defaultdict(list)
    for each in _judged(session, project.name):
        if each.language in context.guidelines:
            found = error_rates(each.accepted, each.draft, context.guideline_of(each.language))
            rates[each.language, each.model].append((each.was_unseen, found))
    times = writing_times(_written(session, project.name))
    figures = []
    for language, model in sorted({*rates, *times}):
        judged = rates[language, model]
        every = _total(rate for _, rate in judged)
        blind = _total(rate for unseen, rate in judged if unseen)
        people = tuple(times.get((language, model), ()))
        off = verdict_on(every, blind, people, project.prefill.error_at_most)
        figures.append(DraftFigures(language, model, every, blind, people, off))
    return figures


def keep_draft_figures(
    session: Session, context: ProjectContext, figures: list[DraftFigures], *, now: datetime
) -> None:
    """From here on the queue shows drafts by them, and the manager sees them."""
    keep_figure(session, context.project.name, FIGURE, list[DraftFigures], figures, at=now)


def grounds_of(session: Session, context: ProjectContext) -> str:
    """Changes with all that the figures follow from: the last text, accepted text, draft and correction, and the rules.

    A few steps of indexes, and of all projects where no index knows which: then they are counted once too often.
    """
    acts = [
        session.scalar(select(func.max(AuditEvent.id)).where(AuditEvent.action == action))
        for action in ("clip.drafted", "clip.correction_asked", "consent.withdrawn")
    ]
    sent = session.scalar(select(func.max(Submission.created_at)))
    accepted = session.scalar(select(func.max(Transcript.accepted_at)))
    rules = repr(context.project.prefill), repr(sorted(each.id for each in context.guidelines.values()))
    return content_id("grounds", *(str(each) for each in (*acts, sent, accepted)), *rules)


def counted_from(session: Session, project_id: str) -> str | None:
    """What the figures were counted from the last time; None where nobody has counted."""
    kept = kept_figure(session, project_id, _GROUNDS, str)
    return kept.value if kept else None


def keep_grounds(session: Session, project_id: str, grounds: str, *, now: datetime) -> None:
    keep_figure(session, project_id, _GROUNDS, str, grounds, at=now)


def draft_figures(session: Session, project_id: str) -> list[DraftFigures]:
    """As they were counted last; nothing where nobody has counted."""
    kept = kept_figure(session, project_id, FIGURE, list[DraftFigures])
    return list(kept.value) if kept else []


def models_off(session: Session, project_id: str, language: str) -> list[str]:
    """Models whose drafts in a language were turned off."""
    return [
        each.model
        for each in draft_figures(session, project_id)
        if each.off is not None and each.language == language
    ]


def _judged(session: Session, project_id: str) -> Iterable[_Judged]:
    """Every draft of a clip whose text is accepted, newest first; but for those chosen because the model was unsure."""
    other = aliased(Transcript)
    newest = select(func.max(other.version)).where(other.clip_id == Clip.id).scalar_subquery()
    query = (
        select(
            Task.language,
            MachineDraft.model,
            MachineDraft.text,
            Transcript.verbatim,
            DraftShown.draft_id.is_(None),
        )
        .select_from(MachineDraft)
        .join(Clip, Clip.id == MachineDraft.clip_id)
        .join(Task, Task.clip_id == Clip.id)
        .join(Transcript, and_(Transcript.clip_id == Clip.id, Transcript.version == newest))
        .outerjoin(DraftShown, DraftShown.task_id == Task.id)
        .where(
            Task.project_id == project_id,
            MachineDraft.fault.is_(None),
            Transcript.verbatim != "",
            ~chosen_for_doubt(MachineDraft.clip_id, MachineDraft.model),
        )
        .order_by(Transcript.accepted_at.desc(), Clip.id)
        .limit(_MOST)
    )
    return (_Judged._make(row) for row in session.execute(query))


def _total(found: Iterable[ErrorRates]) -> DraftErrors:
    rates = list(found)
    return DraftErrors(len(rates), sum(each.word_edits for each in rates), sum(each.words for each in rates))


def _written(session: Session, project_id: str) -> Iterable[_Written]:
    """Every finished text of a clip that had a draft by then, newest first; none that began with another model's."""
    query = (
        select(
            Task.language,
            MachineDraft.model,
            Submission.person_id,
            Task.id,
            DraftShown.draft_id.is_not(None),
            Submission.active_seconds,
            Clip.seconds,
        )
        .select_from(Submission)
        .join(Slot, Slot.id == Submission.slot_id)
        .join(Task, Task.id == Submission.task_id)
        .join(Clip, Clip.id == Task.clip_id)
        .join(MachineDraft, MachineDraft.clip_id == Clip.id)
        .outerjoin(
            DraftShown,
            and_(DraftShown.task_id == Task.id, DraftShown.person_id == Submission.person_id),
        )
        .where(
            or_(DraftShown.draft_id.is_(None), DraftShown.draft_id == MachineDraft.id),
            Task.project_id == project_id,
            Slot.purpose == SlotPurpose.TRANSCRIPTION,
            Submission.kind == SubmissionKind.FINAL,
            Submission.active_seconds > 0,
            Submission.created_at >= MachineDraft.at,
        )
        .order_by(Submission.created_at.desc(), Submission.id)
        .limit(_MOST)
    )
    return (_Written._make(row) for row in session.execute(query))


def writing_times(written: Iterable[_Written]) -> dict[tuple[str, str], list[WritingTime]]:
    """By language and model, of everybody's first text of each clip: what came back from a reviewer took time twice.

    written: newest first
    """
    first = {(each.task_id, each.person_id, each.model): each for each in written}  # the oldest stays
    of_person: dict[tuple[str, str, str], list[_Written]] = defaultdict(list)
    for each in first.values():
        of_person[each.language, each.model, each.person_id].append(each)
    found: dict[tuple[str, str], list[WritingTime]] = defaultdict(list)
    for (language, model, person_id), texts in sorted(of_person.items()):
        begun = [each for each in texts if each.was_shown]
        alone = [each for each in texts if not each.was_shown]
        found[language, model].append(WritingTime(person_id, *_sums(begun), *_sums(alone)))
    return found


def _sums(texts: Sequence[_Written]) -> tuple[int, float, float]:
    return len(texts), sum(each.active for each in texts), sum(each.sound for each in texts)
