"""Dataset versions as the catalogue knows them: published ones, with what was taken out since."""

from collections.abc import Collection, Sequence
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
    bytes:          of its files on that day; None where nobody kept it
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
    bytes: int | None = None

    @property
    def clips_now(self) -> int:
        return self.clips - self.erased


def editions(session: Session, projects: Collection[str], *, dataset: str | None = None) -> Sequence[Edition]:
    """Versions of these projects by dataset, the newest first; of all their datasets where none is named."""
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
            Release.bytes,
        )
        .outerjoin(erased, erased.c.release_id == Release.id)
        .where(Release.state != ReleaseState.BUILDING, Release.project_id.in_(projects))
    )
    if dataset is not None:
        query = query.where(Release.name == dataset)
    found = [Edition(*row) for row in session.execute(query)]
    newest_first = sorted(found, key=lambda each: order(each.version), reverse=True)
    return sorted(newest_first, key=lambda each: each.dataset)


def edition(session: Session, projects: Collection[str], dataset: str, version: str) -> Edition | None:
    """One version; None where none of these projects published it."""
    found = editions(session, projects, dataset=dataset)
    return next((each for each in found if each.version == version), None)
