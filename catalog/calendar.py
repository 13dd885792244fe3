"""The calendar of the people who collect: days and months of India's, of moments that are stored in UTC."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute, Session

ZONE = ZoneInfo("Asia/Kolkata")
"""UTC + 5:30, all year."""
_AHEAD = "+330 minutes"


def local_day(session: Session, moment: InstrumentedAttribute[datetime]) -> ColumnElement[Any]:
    """The SQL expression of the day that a stored moment falls on, a date or 2026-11-03."""
    if _is_postgresql(session):
        return func.date(func.timezone(ZONE.key, moment))
    return func.date(moment, _AHEAD)


def local_month(session: Session, moment: InstrumentedAttribute[datetime]) -> ColumnElement[str]:
    """The SQL expression of the month that a stored moment falls in, such as 2026-11."""
    if _is_postgresql(session):
        return func.to_char(func.timezone(ZONE.key, moment), "YYYY-MM")
    return func.strftime("%Y-%m", moment, _AHEAD)


def month_of(moment: datetime) -> str:
    """
    >>> from datetime import UTC
    >>> month_of(datetime(2026, 10, 31, 20, 0, tzinfo=UTC))
    '2026-11'
    """
    return moment.astimezone(ZONE).strftime("%Y-%m")


def month_span(month: str) -> tuple[datetime, datetime]:
    """When a month such as 2026-11 begins, and when the next does. raises: ValueError

    >>> [each.isoformat() for each in month_span("2026-12")]
    ['2026-12-01T00:00:00+05:30', '2027-01-01T00:00:00+05:30']
    """
    start = datetime.strptime(month, "%Y-%m").replace(tzinfo=ZONE)
    year, index = divmod(start.month, 12)
    return start, start.replace(year=start.year + year, month=index + 1)


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
