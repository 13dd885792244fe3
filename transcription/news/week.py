"""The plan for the week: what waits for somebody in each of their roles, with where it is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.coverage import Board
from catalog.states import Role, SlotPurpose, SubmissionKind
from catalog.tables import Submission
from transcription.clip_reports.waiting import waiting_reports
from transcription.news.queries import open_slots
from transcription.news.reader import NewsReader
from transcription.word_times.clips import clips_in_doubt

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """Counts stop at a page of each; None for what is of another role. sent: texts handed in during seven days

    missing: language, district and hours of the groups in which most is still to be recorded
    """

    clips: int | None
    sent: int | None
    reviews: int | None
    reports: int | None
    doubts: int | None
    missing: tuple[tuple[str, str, float], ...]


def week_plan(session: Session, reader: NewsReader, boards: list[Board], *, now: datetime) -> WeekPlan:
    """Of the project that they look at. boards: what is recorded and wanted; looked at for coordinators alone"""
    writes, reviews = reader.has(Role.TRANSCRIBER), reader.has(Role.REVIEWER)
    languages = sorted(reader.languages)

    return WeekPlan(
        clips=open_slots(session, reader, SlotPurpose.TRANSCRIPTION)[0] if writes else None,
        sent=_sent(session, reader.person_id, now - WEEK) if writes else None,
        reviews=open_slots(session, reader, SlotPurpose.REVIEW)[0] if reviews else None,
        reports=len(waiting_reports(session, reader.project, languages)) if reviews else None,
        doubts=len(clips_in_doubt(session, reader.project, languages)) if reviews else None,
        missing=_missing(boards) if reader.has(Role.COORDINATOR) else (),
    )


def _sent(session: Session, person_id: str, since: datetime) -> int:
    query = select(func.count()).where(
        Submission.person_id == person_id,
        Submission.created_at > since,
        Submission.kind == SubmissionKind.FINAL,
    )
    return session.scalar(query) or 0


def _missing(boards: list[Board]) -> tuple[tuple[str, str, float], ...]:
    """Of each language the group in which most is missing."""
    found = ((board.language, board.most_missing) for board in boards)
    return tuple(
        (language, cell.group.district, cell.missing) for language, cell in found if cell is not None
    )
