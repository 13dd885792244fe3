"""Versions of a project's settings: what its file said, who changed it, when and why. Nothing is taken out of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.changes import Change
from catalog.config.project_files import ProjectFile
from catalog.tables import ProjectVersion

BY_HAND = "operator"
MOST_LISTED = 200
_SHOWN = 300  # characters of a value in the audit log: the whole text stands in the version


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version without its text."""

    number: int
    sha256: str
    changed_by: str
    changed_at: datetime
    because: str | None


def note_by_hand(session: Session, file: ProjectFile, *, now: datetime) -> None:
    """Keep what the file says, where that was not written through here."""
    newest = _newest(session, file.name)
    if newest is None or newest.sha256 != file.sha256:
        _add(session, file, newest, by=BY_HAND, because=None, now=now)


def note_change(
    session: Session,
    file: ProjectFile,
    changes: Sequence[Change],
    *,
    by: str,
    because: str | None,
    now: datetime,
) -> int:
    """Keep a version that somebody made, on record with what was before and after. Returns its number."""
    version = _add(session, file, _newest(session, file.name), by=by, because=because, now=now)
    audit.record(
        session,
        at=now,
        actor=by,
        action="project.changed" if version.number > 1 else "project.made",
        subject=("project", file.name),
        detail={
            "version": version.number,
            "because": because,
            "changes": {each.name: [_cut(each.before), _cut(each.after)] for each in changes},
        },
    )
    return version.number


def versions_of(session: Session, project: str) -> Sequence[VersionLine]:
    """The newest first, MOST_LISTED at most."""
    rows = session.execute(
        select(
            ProjectVersion.number,
            ProjectVersion.sha256,
            ProjectVersion.changed_by,
            ProjectVersion.changed_at,
            ProjectVersion.because,
        )
        .where(ProjectVersion.project_id == project)
        .order_by(ProjectVersion.number.desc())
        .limit(MOST_LISTED)
    )
    return [VersionLine(*row) for row in rows]


def version_text(session: Session, project: str, number: int) -> str | None:
    """What the file said in that version; None for one that never was."""
    return session.scalar(
        select(ProjectVersion.text).where(
            ProjectVersion.project_id == project, ProjectVersion.number == number
        )
    )


def _newest(session: Session, project: str) -> ProjectVersion | None:
    return session.scalars(
        select(ProjectVersion)
        .where(ProjectVersion.project_id == project)
        .order_by(ProjectVersion.number.desc())
        .limit(1)
    ).first()


def _add(
    session: Session,
    file: ProjectFile,
    newest: ProjectVersion | None,
    *,
    by: str,
    because: str | None,
    now: datetime,
) -> ProjectVersion:
    version = ProjectVersion(
        project_id=file.name,
        number=newest.number + 1 if newest else 1,
        text=file.text,
        sha256=file.sha256,
        changed_by=by,
        changed_at=now,
        because=because,
    )
    session.add(version)
    session.flush()
    return version


def _cut(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"
