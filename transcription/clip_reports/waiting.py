"""Reports that wait for a reviewer, and one of them with all that they need to decide."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.consent import ConsentScope, consented
from catalog.states import ClipState, ReportDecision, ReportKind, ReportState
from catalog.tables import Clip, ClipReport, Transcript
from transcription.decisions.acceptance import last_transcript

MOST = 100
"""Reports that a page lists; the oldest first."""


@dataclass(frozen=True, slots=True)
class WaitingReport:
    """One line of the list. by_scan: whether a machine found it"""

    id: str
    clip_id: str
    language: str
    kind: ReportKind
    seconds: float
    opened_at: datetime
    by_scan: bool


@dataclass(frozen=True, slots=True)
class FoundText:
    """A stretch of the text that the scan pointed at, between what stands around it. kind: of PersonalData"""

    kind: str
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class ReportItem:
    """A report as its reviewer sees it. text: that is accepted now, None where there is none"""

    id: str
    clip_id: str
    project_id: str
    language: str
    kind: ReportKind
    state: ReportState
    decision: ReportDecision | None
    note: str
    by_scan: bool
    seconds: float
    peaks_key: str
    text: str | None
    found: tuple[FoundText, ...]


def waiting_reports(
    session: Session, project_id: str, languages: Collection[str], *, most: int = MOST
) -> Sequence[WaitingReport]:
    """The open reports of a project in these languages, the one that hides a clip longest first."""
    rows = session.execute(
        select(ClipReport, Clip.seconds)
        .join(Clip, Clip.id == ClipReport.clip_id)
        .where(
            ClipReport.project_id == project_id,
            ClipReport.state == ReportState.OPEN,
            ClipReport.language.in_(languages),
            Clip.state.not_in((ClipState.REJECTED, ClipState.WITHDRAWN)),
            consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
        )
        .order_by(ClipReport.opened_at, ClipReport.id)
        .limit(most)
    )
    return [
        WaitingReport(
            report.id,
            report.clip_id,
            report.language,
            report.kind,
            seconds,
            report.opened_at,
            report.opened_by == "scan",
        )
        for report, seconds in rows
    ]


def report_item(session: Session, report_id: str) -> ReportItem | None:
    """None where there is no such report, or its voice was taken back."""
    row = session.execute(
        select(ClipReport, Clip)
        .join(Clip, Clip.id == ClipReport.clip_id)
        .where(
            ClipReport.id == report_id,
            Clip.state != ClipState.WITHDRAWN,
            consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
        )
    ).one_or_none()
    if row is None:
        return None
    report, clip = row
    text = last_transcript(session, clip.id)
    scanned = session.get(Transcript, report.transcript_id) if report.transcript_id else None
    return ReportItem(
        id=report.id,
        clip_id=clip.id,
        project_id=clip.project_id,
        language=clip.language,
        kind=report.kind,
        state=report.state,
        decision=report.decision,
        note=report.note,
        by_scan=report.opened_by == "scan",
        seconds=clip.seconds,
        peaks_key=clip.peaks_key,
        text=text.verbatim if text else None,
        found=tuple(_found(scanned.verbatim, report.found)) if scanned else (),
    )


def _found(text: str, found: Sequence[dict[str, Any]]) -> Sequence[FoundText]:
    return [
        FoundText(
            each["kind"],
            text[: each["start"]],
            text[each["start"] : each["start"] + each["length"]],
            text[each["start"] + each["length"] :],
        )
        for each in found
    ]
