"""Dataset versions as the catalogue knows them: published ones, with what was taken out since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.states import ReleaseState
from catalog.tables import Release, ReleaseItem
from releases.versions import order


@dataclass(frozen=True, slots=True)
class Edition:
    """One published version.

    clips, seconds: on the day it was published
    erased:         clips taken out since, because a speaker withdrew
    mark, mark_why: yanked or deprecated since, and why
    """

    id: str
    dataset: str
    version: str
    project: str
    parent: str | None
    state: ReleaseState
    clips: int
    seconds: float
    erased: int
    published_at: datetime
    mark: str | None = None
    mark_why: str | None = None

    @property
    def clips_now(self) -> int:
        return self.clips - self.erased


def editions(
    session: Session, *, dataset: str | None = None, project: str | None = None
) -> Sequence[Edition]:
    """Versions by dataset, the newest first; of all datasets and projects where none is named."""
    erased = (
        select(ReleaseItem.release_id, func.count().label("clips"))
        .where(ReleaseItem.erased_at.is_not(None))
        .group_by(ReleaseItem.release_id)
        .subquery()
    )
    query = (
        select(
            Release.id,
            Release.name,
            Release.version,
            Release.project_id,
            Release.parent,
            Release.state,
            Release.clips,
            Release.seconds,
            func.coalesce(erased.c.clips, 0),
            Release.created_at,
            Release.mark,
            Release.mark_why,
        )
        .outerjoin(erased, erased.c.release_id == Release.id)
        .where(Release.state != ReleaseState.BUILDING)
    )
    if dataset is not None:
        query = query.where(Release.name == dataset)
    if project is not None:
        query = query.where(Release.project_id == project)
    found = [Edition(*row) for row in session.execute(query)]
    newest_first = sorted(found, key=lambda each: order(each.version), reverse=True)
    return sorted(newest_first, key=lambda each: each.dataset)


def edition(session: Session, dataset: str, version: str) -> Edition | None:
    """One version; None where nobody published it."""
    return next((each for each in editions(session, dataset=dataset) if each.version == version), None)
