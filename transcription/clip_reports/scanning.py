"""Scan accepted texts for personal data: what is found is reported, before anything of it is published."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.database import Catalog
from catalog.reports import STANDING
from catalog.states import ClipState, ReportKind, ReportState
from catalog.tables import Clip, ClipReport, Transcript
from transcription.clip_reports.opening import SCAN, open_report
from transcription.personal_data import SCANNER, scan

BATCH = 500


def scan_transcript(session: Session, clip: Clip, transcript: Transcript, *, now: datetime) -> bool:
    """Look at one text, and report its clip where something is found. Returns whether it was.

    What a reviewer has dismissed in the very same words isn't reported again.
    """
    transcript.scanned = SCANNER
    found = scan(transcript.verbatim, clip.language)
    if not found or clip.state is not ClipState.ACCEPTED or _dismissed(session, transcript):
        session.flush()
        return False
    open_report(
        session,
        clip.id,
        ReportKind.PERSONAL,
        by=SCAN,
        now=now,
        found=[asdict(each) for each in found],
        transcript_id=transcript.id,
    )
    return True


def scan_accepted(catalog: Catalog, project_id: str, *, now: datetime) -> int:
    """Look at every text of a project that no scan has seen, a batch at a time. Returns how many clips were reported.

    A text is scanned when it is accepted: this is for those of before there was a scan, or of an older one.
    """
    reported = 0
    while True:
        with catalog.writing() as session:
            rows = session.execute(
                select(Transcript, Clip)
                .join(Clip, Clip.id == Transcript.clip_id)
                .where(Transcript.scanned.is_(None), Clip.project_id == project_id)
                .order_by(Transcript.id)
                .limit(BATCH)
            ).all()
            if not rows:
                return reported
            for transcript, clip in rows:
                reported += scan_transcript(session, clip, transcript, now=now)


def _dismissed(session: Session, transcript: Transcript) -> bool:
    seen = (
        select(ClipReport.id)
        .join(Transcript, Transcript.id == ClipReport.transcript_id)
        .where(
            ClipReport.clip_id == transcript.clip_id,
            (ClipReport.state == ReportState.DISMISSED) | ClipReport.state.in_(STANDING),
            Transcript.verbatim == transcript.verbatim,
        )
    )
    return session.scalar(seen.limit(1)) is not None
