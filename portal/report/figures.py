"""The figures of a report: the way of what came in during a span of days, by sums of the database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from catalog.reasons import REASONS
from catalog.states import ClipState, RecordingState, SubmissionKind
from catalog.tables import Clip, Recording, ReleaseItem, Submission, Task, Upload
from portal.http.pages import _
from portal.items.file_state import file_state
from portal.report.records import FunnelKind, FunnelRow
from portal.report.span import ReportDays
from portal.report.wording import Wording

Line = TypeVar("Line", bound=tuple[Any, ...])

MOST_REFUSED = 200
LOST = ("rejected", "failed")


@dataclass(frozen=True, slots=True)
class RefusedFiles:
    """A file that can't be used. name: as it was sent"""

    name: str
    reason: str


def received_in(project: str, span: ReportDays) -> ColumnElement[bool]:
    """The SQL condition that an upload of the project came in those days."""
    return and_(Upload.project_id == project, Upload.received_at >= span.start, Upload.received_at < span.end)


def funnel(session: Session, project: str, span: ReportDays, words: Wording) -> Iterator[FunnelRow]:
    """What came in, what left the way and why, what came out: of the files received in those days."""
    files = _files(session, project, span)
    yield _row(_("Received"), words, "recordings", *_sum(files.values()))
    for (state, reason), (count, seconds) in sorted(files.items(), key=lambda each: -each[1][0]):
        if state in LOST:
            yield _lost(words, reason or state, "recordings", count, seconds)
    clips = _clips(session, project, span)
    yield _row(_("Utterances found"), words, "clips", *_sum(clips.values()))
    for (clip_state, reason), (count, seconds) in sorted(clips.items(), key=lambda each: -each[1][0]):
        if clip_state is ClipState.REJECTED:
            yield _lost(words, reason or "", "clips", count, seconds)
    texts = session.scalar(
        of_span(select(func.count(Submission.id)), project, span)
        .join(Task, Task.clip_id == Clip.id)
        .join(Submission, and_(Submission.task_id == Task.id, Submission.kind == SubmissionKind.FINAL))
    )
    yield _row(_("Written down"), words, "texts", texts or 0, None)
    kept = [value for (state, _reason), value in clips.items() if state is ClipState.ACCEPTED]
    yield _row(_("Accepted"), words, "clips", *_sum(kept))
    yield _row(_("Published"), words, "clips", *_published(session, project, span))


def hours_by_language(
    session: Session, project: str, span: ReportDays
) -> Mapping[str, tuple[float, float, float]]:
    """Hours received, of these accepted, of these in a published version, by language."""
    length = Recording.samples * 1.0 / Recording.sample_rate
    received = session.execute(
        select(Recording.language, func.sum(length))
        .join(Upload, Upload.id == Recording.upload_id)
        .where(received_in(project, span), Recording.state != RecordingState.WITHDRAWN)
        .group_by(Recording.language)
    )
    accepted = session.execute(
        of_span(select(Clip.language, func.sum(Clip.seconds)), project, span)
        .where(Clip.state == ClipState.ACCEPTED)
        .group_by(Clip.language)
    )
    held = select(ReleaseItem.clip_id).where(ReleaseItem.erased_at.is_(None))
    released = session.execute(
        of_span(select(Clip.language, func.sum(Clip.seconds)), project, span)
        .where(Clip.state == ClipState.ACCEPTED, Clip.id.in_(held))
        .group_by(Clip.language)
    )
    kept = {language: seconds / 3600 for language, seconds in accepted}
    out = {language: seconds / 3600 for language, seconds in released}
    return {
        language: (
            max(seconds / 3600, kept.get(language, 0.0)),
            kept.get(language, 0.0),
            out.get(language, 0.0),
        )
        for language, seconds in received
    }


def refused_files(session: Session, project: str, span: ReportDays) -> list[RefusedFiles]:
    """The newest first, MOST_REFUSED at most; the funnel has how many there are of each reason."""
    rows = session.execute(
        select(Upload.name, func.coalesce(Recording.reason, Upload.reason, file_state()))
        .select_from(Upload)
        .outerjoin(Recording, Recording.upload_id == Upload.id)
        .where(received_in(project, span), file_state().in_(LOST), Upload.erased_at.is_(None))
        .order_by(Upload.received_at.desc(), Upload.id)
        .limit(MOST_REFUSED)
    )
    return [RefusedFiles(name, code) for name, code in rows]


def of_span(query: Select[Line], project: str, span: ReportDays) -> Select[Line]:
    """A query of clips, narrowed to those of files received in those days."""
    return (
        query.select_from(Clip)
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .where(received_in(project, span))
    )


def _files(
    session: Session, project: str, span: ReportDays
) -> dict[tuple[str, str | None], tuple[int, float]]:
    state, reason = file_state(), func.coalesce(Recording.reason, Upload.reason)
    rows = session.execute(
        select(state, reason, func.count(), func.sum(Recording.samples * 1.0 / Recording.sample_rate))
        .select_from(Upload)
        .outerjoin(Recording, Recording.upload_id == Upload.id)
        .where(received_in(project, span))
        .group_by(state, reason)
    )
    return {(word, code): (count, seconds or 0.0) for word, code, count, seconds in rows}


def _clips(
    session: Session, project: str, span: ReportDays
) -> dict[tuple[ClipState, str | None], tuple[int, float]]:
    rows = session.execute(
        of_span(
            select(Clip.state, Clip.reason, func.count(), func.sum(Clip.seconds)), project, span
        ).group_by(Clip.state, Clip.reason)
    )
    return {(state, reason): (count, seconds or 0.0) for state, reason, count, seconds in rows}


def _published(session: Session, project: str, span: ReportDays) -> tuple[int, float]:
    held = select(ReleaseItem.clip_id).where(ReleaseItem.erased_at.is_(None))
    count, seconds = session.execute(
        of_span(select(func.count(), func.sum(Clip.seconds)), project, span).where(Clip.id.in_(held))
    ).one()
    return count, seconds or 0.0


def _sum(values: Iterable[tuple[int, float]]) -> tuple[int, float]:
    found = list(values)
    return sum(count for count, _seconds in found), sum(seconds for _count, seconds in found)


def _row(label: str, words: Wording, unit: str, count: int, seconds: float | None) -> FunnelRow:
    return FunnelRow(words.say(label), count, words.unit(unit, count), seconds / 3600 if seconds else None)


def _lost(words: Wording, reason: str, unit: str, count: int, seconds: float) -> FunnelRow:
    known = REASONS.get(reason)
    label = words.say(known.sentence) if known else reason
    return FunnelRow(
        f"{words.say(_('Not usable'))}: {label}",
        count,
        words.unit(unit, count),
        seconds / 3600 if seconds else None,
        FunnelKind.LOST,
    )
