"""Uploads that nobody has listened to yet: in the catalogue until there is a verdict, so that none is forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalog.tables import Verdict, VerdictDue

LONGEST_PAUSE = timedelta(days=1)
MOST_DETAIL = 500
"""Letters of a failure that are kept."""


def expect(session: Session, upload_id: str, *, at: datetime) -> None:
    """There will be a verdict of this upload, unless there is one; in the transaction that gives its receipt."""
    if session.get(Verdict, upload_id) is None and session.get(VerdictDue, upload_id) is None:
        session.add(VerdictDue(upload_id=upload_id, due_at=at, tries=0, detail=None))


def due(session: Session, *, now: datetime, most: int) -> Sequence[str]:
    """Uploads to listen to now, the longest waiting first."""
    return session.scalars(
        select(VerdictDue.upload_id)
        .where(VerdictDue.due_at <= now)
        .order_by(VerdictDue.due_at, VerdictDue.upload_id)
        .limit(most)
    ).all()


def tries(session: Session, upload_id: str) -> int:
    """How often listening failed for a reason that may be none of the file's."""
    return session.scalar(select(VerdictDue.tries).where(VerdictDue.upload_id == upload_id)) or 0


def postpone(session: Session, upload_id: str, *, why: str, now: datetime, first_pause: timedelta) -> None:
    """Listen again later. An upload that has its verdict meanwhile stays as it is."""
    row = session.get(VerdictDue, upload_id, with_for_update=True)
    if row is not None:
        row.tries += 1
        row.due_at = now + pause_after(row.tries, first=first_pause)
        row.detail = why[:MOST_DETAIL]


def settle(session: Session, upload_id: str) -> None:
    """Nothing more is expected of this upload."""
    session.execute(delete(VerdictDue).where(VerdictDue.upload_id == upload_id))


def pause_after(tries: int, *, first: timedelta) -> timedelta:
    """Each pause is twice the one before, up to a day.

    >>> [int(pause_after(n, first=timedelta(seconds=30)).total_seconds()) for n in (1, 2, 3, 12, 13, 900)]
    [30, 60, 120, 61440, 86400, 86400]
    """
    doublings: int = 2 ** min(tries - 1, 40)
    return min(LONGEST_PAUSE, first * doublings)
