"""What happened and what is owed: rows that are only ever added."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, UniqueConstraint
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


class AuditArchive(Base):
    """A month of the audit log that lies in the store: its file, and the links of the chain at both ends."""

    __tablename__ = "audit_archive"

    month: Mapped[str] = mapped_column(primary_key=True)
    """Of India's calendar, such as 2025-11."""
    key: Mapped[str]
    """In the store; names the file by its SHA-256."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    first_id: Mapped[int]
    last_id: Mapped[int]
    acts: Mapped[int]
    previous: Mapped[str]
    """The hash of the act before the first."""
    hash: Mapped[str]
    """Of the last act."""
    earliest: Mapped[datetime]
    latest: Mapped[datetime]
    """When the acts were: clocks differ, so a few may be of another month."""
    actions: Mapped[list[str]] = mapped_column(JSON)
    """Every kind of act in it, by name."""
    kept_actions: Mapped[list[str]] = mapped_column(JSON)
    """The kinds that stay in the table as well, since decisions ask for them (`catalog.audit_archive.still_asked`)."""
    archived_at: Mapped[datetime]
    trimmed_at: Mapped[datetime | None]
    """When the last of the other kinds was gone from the table."""


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
