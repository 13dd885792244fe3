"""Refusals of the last days: whose recordings, why, and from which kind of sound; one line of each to act upon."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.reasons import REASONS, Reason
from catalog.states import UploadState
from catalog.tables import Person, Recording, Upload
from portal.items.file_state import file_state

LOOKS_BACK = timedelta(days=7)
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class RefusalsOf:
    """One coordinator's. handle: None for files that no person sent; reasons: the most frequent first.

    codecs: kinds of sound of the refused ones, the most frequent first; empty where none could be read
    """

    handle: str | None
    sent: int
    refused: int
    reasons: tuple[tuple[Reason, int], ...]
    codecs: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float:
        return self.refused / self.sent


def refusals(session: Session, project: str, *, now: datetime) -> list[RefusalsOf]:
    """Of what came in the last LOOKS_BACK, by who sent it; the most refused first, MOST_SHOWN at most."""
    state = file_state()
    reason = func.coalesce(Recording.reason, Upload.reason)
    rows = session.execute(
        select(Person.handle, state, reason, Recording.codec, func.count())
        .select_from(Upload)
        .outerjoin(Recording, Recording.upload_id == Upload.id)
        .outerjoin(Person, Person.id == Upload.sent_by)
        .where(Upload.project_id == project, Upload.received_at >= now - LOOKS_BACK)
        .group_by(Person.handle, state, reason, Recording.codec)
    )
    sent: Counter[str | None] = Counter()
    why: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    codecs: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    for handle, word, code, codec, count in rows:
        sent[handle] += count
        if word == UploadState.REJECTED:
            why[handle][code or ""] += count
            codecs[handle][codec or ""] += count
    found = [
        RefusalsOf(
            handle=handle,
            sent=sent[handle],
            refused=reasons.total(),
            reasons=tuple(
                (REASONS[code], count) for code, count in reasons.most_common(3) if code in REASONS
            ),
            codecs=tuple((codec, count) for codec, count in codecs[handle].most_common(3) if codec),
        )
        for handle, reasons in why.items()
    ]
    return sorted(found, key=lambda each: (-each.refused, each.handle or ""))[:MOST_SHOWN]
