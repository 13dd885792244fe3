"""Clips that nobody may hear: somebody reported them, and no reviewer has decided, or the mend isn't made yet."""

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from catalog.states import ReportState
from catalog.tables import ClipReport, Transcript

STANDING = (ReportState.OPEN, ReportState.DECIDED)
"""States in which a report hides its clip."""


def is_hidden(clip_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The SQL condition that a report stands of that clip."""
    return exists(select(ClipReport.id).where(ClipReport.clip_id == clip_id, ClipReport.state.in_(STANDING)))


def hidden_clips(project_id: str) -> Select[tuple[str]]:
    """The clips of a project that a report stands of."""
    return select(ClipReport.clip_id).where(
        ClipReport.project_id == project_id, ClipReport.state.in_(STANDING)
    )


def mend_is_due(clip_id: str) -> ColumnElement[bool]:
    """The SQL condition that a reviewer has decided on a report of that clip, and its sound is not mended yet."""
    return exists(
        select(ClipReport.id).where(ClipReport.clip_id == clip_id, ClipReport.state == ReportState.DECIDED)
    )


def was_reported(clip_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The SQL condition that a report of that clip stands or was right: what people wrote of it before is not shown."""
    return exists(
        select(ClipReport.id).where(ClipReport.clip_id == clip_id, ClipReport.state != ReportState.DISMISSED)
    )


def is_withheld(transcript_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The SQL condition that rows with that text must not stay published."""
    return exists(
        select(Transcript.id).where(Transcript.id == transcript_id, Transcript.withheld_at.is_not(None))
    )
