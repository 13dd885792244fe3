"""A restore for practice: into a folder of its own, with everything compared and the books weighed."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from catalog.backup.backups import Backup, restore
from catalog.backup.rows import Tell, row_digests
from catalog.database import open_catalog
from catalog.reconciliation.balance import Balance, reconcile
from catalog.store import ObjectStore, open_store
from catalog.tables import ProjectRow


@dataclass(frozen=True, slots=True)
class ProjectCame:
    """How a project came back. missing: rows that no object or end stands behind"""

    project: str
    received: int
    missing: int


@dataclass(frozen=True, slots=True)
class Drill:
    """same_rows: every table has the rows that were written; gone: objects that the backup has lost"""

    backup: str
    rows: int
    objects: int
    gone: int
    same_rows: bool
    projects: tuple[ProjectCame, ...]

    @property
    def sound(self) -> bool:
        return self.same_rows and not self.gone and not any(each.missing for each in self.projects)


def drill(target: ObjectStore, backup: Backup, folder: Path, *, tell: Tell | None = None) -> Drill:
    """Restore into `folder`, an empty one, and say how it went.

    Raises DamagedRows, Damaged where the backup's files are not what was written.
    """
    catalog = open_catalog(f"sqlite:///{folder / 'boli.sqlite'}")
    store = open_store((folder / "store").as_uri())
    try:
        copied = restore(target, backup, catalog, store, scratch=folder, tell=tell)
        same = set(row_digests(catalog)) == set(backup.tables)
        with catalog.reading() as session:
            names = session.scalars(select(ProjectRow.id).order_by(ProjectRow.id)).all()
            projects = tuple(_came(name, reconcile(session, store, name)) for name in names)
    finally:
        catalog.close()
    return Drill(backup.name, backup.rows, copied.looked_at - copied.gone, copied.gone, same, projects)


def _came(name: str, balance: Balance) -> ProjectCame:
    return ProjectCame(name, balance.received.count, balance.wrong)
