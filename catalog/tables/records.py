"""What happened and what is owed: rows that are only ever added."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Base


class AuditEvent(Base):
    """An audit event: who did what to what, and when. Written by catalog.audit alone, in the order of the ids."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject", "subject_kind", "subject_id"),
        # what a manager asks for: one person's acts, one kind of act, one day; newest first
        Index("ix_audit_event_actor", "actor", "id"),
        Index("ix_audit_event_action", "action", "id"),
        Index("ix_audit_event_at", "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    """A person's id, or the name of the flow that acted."""
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous: Mapped[str]
    """The hash of the act before, so that none can be taken out or put in."""
    hash: Mapped[str]
    """Of all of the above but the id: SHA-256, in hexadecimal."""


class AuditHead(Base):
    """The end of the audit log's chain: one row, which every writer locks last."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    event_id: Mapped[int]
    hash: Mapped[str]
    events: Mapped[int]
    """How many acts there are."""


class LedgerEntry(Base):
    """A ledger entry: what a person is owed for a piece of accepted work; corrections are further entries."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("person_id", "work", "subject_id"),
        Index("ix_ledger_entry_at", "project_id", "at", "id"),
        # a person's pay in a project, newest first; what was paid for one text
        Index("ix_ledger_entry_person", "person_id", "project_id", "at", "id"),
        Index("ix_ledger_entry_subject", "subject_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str]
    person_id: Mapped[str]
    work: Mapped[str]
    """transcription, review, recording or correction."""
    subject_id: Mapped[str]
    """The submission or review that is paid."""
    quantity: Mapped[float]
    unit: Mapped[str]
    rate_millis: Mapped[int]
    """Thousandths of the currency unit for one unit of work."""
    amount_millis: Mapped[int]
    currency: Mapped[str]
    at: Mapped[datetime]


class Payment(Base):
    """A payment: what a manager says was paid to a person for a month of the ledger; a correction is a further row."""

    __tablename__ = "payment"
    __table_args__ = (UniqueConstraint("project_id", "month", "person_id", "currency", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str]
    person_id: Mapped[str] = mapped_column(index=True)
    month: Mapped[str]
    """Of India's calendar, such as 2026-11."""
    number: Mapped[int]
    """Order of the payments of one person's month, from 1."""
    amount_millis: Mapped[int]
    currency: Mapped[str]
    note: Mapped[str]
    """How it was paid, such as the number of a transfer."""
    paid_by: Mapped[str]
    at: Mapped[datetime]
