"""Open a report: from this very transaction on nobody hears the clip but the reviewer who looks at the report."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.ids import content_id
from catalog.reports import STANDING
from catalog.states import ClipState, ReportKind, ReportState, SlotState
from catalog.tables import Clip, ClipReport, Task
from transcription.context import NotAllowed
from transcription.slots.lease import locked_slots, vacate

SCAN = "scan"
"""Who reports what a machine found."""
MOST_A_DAY = 100
"""Reports of one person: far more than anybody hears reason for, far fewer than would hide a collection."""
LONGEST_NOTE = 500


class TooManyReports(NotAllowed):
    """Somebody reports so much that a manager should talk with them first."""


def open_report(
    session: Session,
    clip_id: str,
    kind: ReportKind,
    *,
    by: str,
    now: datetime,
    note: str = "",
    found: Sequence[dict[str, Any]] = (),
    transcript_id: str | None = None,
) -> ClipReport:
    """Hide a clip and bring it to a reviewer. Where a report stands already, that one; nothing else changes then.

    Who works on the clip loses the slot; what they have written is kept, and counts if it comes late. Reporting
    costs nobody anything, also where the reviewer finds nothing.
    by: a person's id, or SCAN
    raises: NotAllowed for a clip that is used for nothing anyway; TooManyReports
    """
    clip = session.scalars(select(Clip).where(Clip.id == clip_id).with_for_update()).one_or_none()
    if clip is None or clip.state in (ClipState.REJECTED, ClipState.WITHDRAWN):
        raise NotAllowed(Sentence("this clip is used for nothing, and nobody hears it."))
    standing = standing_report(session, clip_id)
    if standing is not None:
        return standing
    if by != SCAN:
        _check_flood(session, by, now)
    number = session.scalar(select(func.count()).where(ClipReport.clip_id == clip_id)) or 0
    report = ClipReport(
        id=content_id("report", clip_id, number + 1),
        project_id=clip.project_id,
        clip_id=clip_id,
        language=clip.language,
        kind=kind,
        state=ReportState.OPEN,
        opened_by=by,
        opened_at=now,
        note=" ".join(note.split())[:LONGEST_NOTE],
        found=list(found),
        transcript_id=transcript_id,
        spans=[],
        replaced=[],
    )
    session.add(report)
    _end_leases(session, clip_id)
    audit.record(
        session,
        at=now,
        actor=by,
        action="clip.hidden",
        subject=("clip", clip_id),
        detail={"report": report.id, "reason": kind.value, "found": sorted({each["kind"] for each in found})},
    )
    session.flush()
    return report


def standing_report(session: Session, clip_id: str) -> ClipReport | None:
    """The report that hides a clip."""
    return session.scalars(
        select(ClipReport).where(ClipReport.clip_id == clip_id, ClipReport.state.in_(STANDING))
    ).one_or_none()


def _check_flood(session: Session, person_id: str, now: datetime) -> None:
    lately = select(func.count()).where(
        ClipReport.opened_by == person_id, ClipReport.opened_at > now - timedelta(days=1)
    )
    if (session.scalar(lately) or 0) >= MOST_A_DAY:
        raise TooManyReports(
            Sentence(
                "a person reports at most %(most)s clips a day, and these are reported. "
                "Tell your manager what is wrong with so many: they can stop a whole recording.",
                most=str(MOST_A_DAY),
            )
        )


def _end_leases(session: Session, clip_id: str) -> None:
    task = session.scalars(select(Task).where(Task.clip_id == clip_id).with_for_update()).one_or_none()
    if task is None:
        return
    for slot in locked_slots(session, task.id):
        if slot.state is SlotState.LEASED:
            vacate(slot)
    session.flush()
