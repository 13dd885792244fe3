"""The audit log: the record of every act: who, when, what."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from catalog.tables import AuditEvent


def record(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: tuple[str, str],
    detail: dict[str, Any] | None = None,
) -> None:
    """Add one act to the log, in the transaction of the act itself: both are there, or neither.

    subject: kind and id, such as ("clip", "clip-3f…")
    """
    kind, identifier = subject
    session.add(
        AuditEvent(
            at=at, actor=actor, action=action, subject_kind=kind, subject_id=identifier, detail=detail or {}
        )
    )
