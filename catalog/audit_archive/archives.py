"""The months of the audit log that lie in the store, and how far they go."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.store import NotStored, StoreReader
from catalog.store.stored_file import StoredFile
from catalog.tables import AuditArchive

PREFIX = "audit/archive/"


def archives(session: Session) -> Sequence[AuditArchive]:
    """In the order of the acts."""
    return session.scalars(select(AuditArchive).order_by(AuditArchive.first_id)).all()


def archived_through(session: Session) -> int:
    """The id of the last act in the store; 0 where none is. Rows of the table up to it are there twice."""
    return session.scalar(select(func.max(AuditArchive.last_id))) or 0


def open_archive(store: StoreReader, archive: AuditArchive) -> StoredFile:
    """Raises NotStored where the store has no such file, or one of another size."""
    there = store.head(archive.key)
    if there is None or there.size != archive.size:
        raise NotStored(
            f"the audit log of {archive.month} is not in the store as it was put there: {archive.key}.\n"
            "Bring it back from a backup: `boli backup list` names them."
        )
    return StoredFile(store, archive.key, archive.size)
